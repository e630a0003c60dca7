namespace Orchestrator.Actors.Artifacts;

/// <summary>Paths that somebody else names, within a folder of ours.</summary>
public static class PathsInside
{
    /// <summary>The file's absolute path; null when the name leads out of the folder, or is none that a session's files have.</summary>
    /// <param name="folder">An absolute path.</param>
    /// <param name="relative">With forward slashes.</param>
    public static string? Find(string folder, string relative) =>
        relative.Length is > 0 and < 1024
            && !relative.Any(character => character is '\\' or ':' || char.IsControl(character))
            && relative.Split('/').All(part => part is not ("" or "." or ".."))
            ? Path.Combine(folder, relative)
            : null;
}
