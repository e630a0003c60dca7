using System.Security.Cryptography;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Browsers;

/// <summary>The files of a session's folder: made at the start, closed at the end, put in order after a crash.</summary>
public static class SessionFolder
{
    public static void Create(string folder) => Directory.CreateDirectory(Path.Combine(folder, RecordedSessions.BrowsersFolder));

    /// <summary>
    /// What a process that died left of a browser's trace: a file under its final name is whole, by how it got that
    /// name; one that was growing is renamed to say that it is partial. Null when there is neither.
    /// </summary>
    public static async Task<TraceFile?> SalvageAsync(string folder, string fileName, CancellationToken cancellationToken)
    {
        var final = Path.Combine(folder, RecordedSessions.BrowsersFolder, fileName);
        if (File.Exists(final)) return await Describe(final, isWhole: true, cancellationToken);

        var growing = final + WholeFile.GrowingSuffix;
        var partial = final + WholeFile.PartialSuffix;
        if (File.Exists(growing))
        {
            if (new FileInfo(growing).Length == 0) File.Delete(growing);
            else File.Move(growing, partial, overwrite: true);
        }

        return File.Exists(partial) ? await Describe(partial, isWhole: false, cancellationToken) : null;
    }

    private static async Task<TraceFile> Describe(string path, bool isWhole, CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        using var file = File.OpenRead(path);
        var hash = SHA256.HashData(file);
        return new TraceFile($"{RecordedSessions.BrowsersFolder}/{Path.GetFileName(path)}", file.Length, Convert.ToHexStringLower(hash), isWhole);
    }
}
