namespace Orchestrator.Host.Hosting;

/// <summary>What validation has to know of the machine: it only looks, it leaves nothing behind.</summary>
internal interface IMachine
{
    string WorkingFolder { get; }

    /// <summary>The page that ships with the product.</summary>
    string SamplePage { get; }

    /// <summary>Where the scenarios are that ship with the product.</summary>
    string ScenarioFolder { get; }

    /// <summary>An environment variable; null when it is unset or empty.</summary>
    string? Variable(string name);

    /// <summary>A file's bytes, or why they cannot be had.</summary>
    FileRead ReadFile(string path, int maxBytes);

    FileKind Look(string path);

    /// <summary>Null when files can be made in this folder, which need not be there yet; else why not.</summary>
    string? WhyNotWritable(string folder);

    /// <summary>Bytes that this user may still write where the folder is or would be; null when nobody knows.</summary>
    long? FreeBytes(string folder);
}

/// <param name="Problem">Null when <paramref name="Bytes"/> may be used.</param>
internal sealed record FileRead(byte[] Bytes, string? Problem);

internal enum FileKind
{
    Missing,
    File,
    Executable,
    EmptyFolder,
    FolderWithFiles,

    /// <summary>It is there, and this user may not look at it.</summary>
    Hidden,
}
