using System.Security.Cryptography;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Verification;

/// <summary>The files are there, and are the very ones that session.json tells of.</summary>
internal static class FileChecks
{
    public static Check Document(RecordedSession session)
    {
        var problem = session.Problems.FirstOrDefault(problem => problem.File == RecordedSessions.DocumentName);
        if (session.Document is { } document)
        {
            return problem is null
                ? new Check(RecordedSessions.DocumentName, "readable", Ok: true, document.Outcome is { } outcome ? $"outcome {outcome.Name()}, {session.Browsers.Count} browsers" : "without an outcome")
                : new Check(RecordedSessions.DocumentName, "readable", Ok: false, problem.Problem);
        }

        return new Check(RecordedSessions.DocumentName, "readable", Ok: false, problem?.Problem ?? "is missing");
    }

    /// <summary>The browser's trace is there, as it was recorded; one that has none should have none.</summary>
    public static async Task<Check> TraceAsync(RecordedSession session, RecordedBrowser browser, CancellationToken cancellationToken) => browser.Document switch
    {
        null => new Check(Names.Trace(session, browser), "present", Ok: true, $"{(browser.IsWhole ? "" : "what came before the failure; ")}there is no hash to compare it with"),
        { File: { } file } document => await BytesAsync(session.Folder, file, browser.TracePath, document.Bytes, document.Sha256, cancellationToken),
        { Outcome: { } outcome, Reason: var reason } => new Check(
            Names.Trace(session, browser), "present", Ok: !outcome.Delivered(),
            outcome.Delivered() ? $"{browser.Name} is {outcome.Name()}, and {RecordedSessions.DocumentName} names no trace of it" : $"no trace: {outcome.Name()}{(reason is null ? "" : $", {reason}")}"),
        _ => new Check(Names.Trace(session, browser), "present", Ok: true, "no trace: the session was open when this was written"),
    };

    public static Task<Check> MergedAsync(RecordedSession session, MergedFile merged, CancellationToken cancellationToken)
    {
        var path = Path.Combine(session.Folder, merged.File);
        // A merged file lies beside session.json: what points elsewhere is not followed.
        var isThere = Path.GetFileName(merged.File) == merged.File && File.Exists(path);
        return BytesAsync(session.Folder, merged.File, isThere ? path : null, merged.Bytes, merged.Sha256, cancellationToken);
    }

    private static async Task<Check> BytesAsync(string folder, string name, string? path, long bytes, string? sha256, CancellationToken cancellationToken)
    {
        if (path is null) return new Check(name, "present", Ok: false, $"is not in {folder}; {RecordedSessions.DocumentName} names it");
        try
        {
            await using var file = File.OpenRead(path);
            if (file.Length != bytes)
                return new Check(name, "size", Ok: false, FormattableString.Invariant($"has {file.Length} bytes, {RecordedSessions.DocumentName} says {bytes}; it was cut or replaced"));
            if (sha256 is null) return new Check(name, "hash", Ok: false, $"{RecordedSessions.DocumentName} has no hash of it");
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
            return hash == sha256
                ? new Check(name, "hash", Ok: true, FormattableString.Invariant($"{bytes} bytes, SHA-256 as recorded"))
                : new Check(name, "hash", Ok: false, $"has SHA-256 {hash}, {RecordedSessions.DocumentName} says {sha256}; it was changed");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return new Check(name, "present", Ok: false, $"cannot be read: {unreadable.Message}");
        }
    }
}
