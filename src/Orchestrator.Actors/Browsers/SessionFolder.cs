using System.Security.Cryptography;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Browsers;

/// <summary>The files of a session's folder: made at the start, closed at the end, put in order after a crash.</summary>
public static class SessionFolder
{
    public const string BrowsersFolder = "browsers";
    public const string DocumentName = "session.json";

    public static void Create(string folder) => Directory.CreateDirectory(Path.Combine(folder, BrowsersFolder));

    /// <summary>Writes session.json: aside, synced, renamed.</summary>
    public static Task WriteDocumentAsync(TraceSession session) =>
        WriteWholeAsync(Path.Combine(session.Plan.OutputFolder, DocumentName), SessionDocument.Of(session).ToUtf8());

    /// <summary>Writes a file so that it stands under its name whole or not at all.</summary>
    public static async Task WriteWholeAsync(string path, ReadOnlyMemory<byte> bytes)
    {
        var aside = path + TraceSpool.GrowingSuffix;
        await using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            await file.WriteAsync(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }

    /// <summary>
    /// What a process that died left of a browser's trace: a file under its final name is whole, by how it got that
    /// name; one that was growing is renamed to say that it is partial. Null when there is neither.
    /// </summary>
    public static async Task<TraceFile?> SalvageAsync(string folder, string fileName, CancellationToken cancellationToken)
    {
        var final = Path.Combine(folder, BrowsersFolder, fileName);
        if (File.Exists(final)) return await Describe(final, isWhole: true, cancellationToken);

        var growing = final + TraceSpool.GrowingSuffix;
        var partial = final + TraceSpool.PartialSuffix;
        if (File.Exists(growing))
        {
            if (new FileInfo(growing).Length == 0) File.Delete(growing);
            else File.Move(growing, partial, overwrite: true);
        }

        return File.Exists(partial) ? await Describe(partial, isWhole: false, cancellationToken) : null;
    }

    private static async Task<TraceFile> Describe(string path, bool isWhole, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        var hash = await SHA256.HashDataAsync(file, cancellationToken);
        return new TraceFile($"{BrowsersFolder}/{Path.GetFileName(path)}", file.Length, Convert.ToHexStringLower(hash), isWhole);
    }
}
