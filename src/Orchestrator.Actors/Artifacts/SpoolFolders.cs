using System.Text.Json;
using Orchestrator.Actors.Browsers;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Artifacts;

/// <summary>
/// What this node has recorded and not been released of: a folder for each session, laid out like a session's own, and an account of it.
/// </summary>
/// <param name="root">The folder of these folders; made when it is missing.</param>
public sealed class SpoolFolders(string root)
{
    public string Root => root;

    public string Of(string sessionId) => Path.Combine(root, sessionId);

    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public void Create(string sessionId) => SessionFolder.Create(Of(sessionId));

    /// <summary>The sessions of which something is here, in the order of their names.</summary>
    public IReadOnlyList<string> Held() => !Directory.Exists(root)
        ? []
        : [.. Directory.EnumerateDirectories(root).Where(folder => File.Exists(AccountIn(folder))).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    public Task SaveAsync(SpoolAccount account) => WholeFile.WriteAsync(AccountIn(Of(account.SessionId)), account.ToUtf8());

    /// <summary>
    /// The reports of a spool that nobody writes to any more: those that were kept, and of each browser that was still recording when
    /// its process ended, what its file holds. Null when there is no such spool.
    /// </summary>
    /// <exception cref="InvalidDataException">The account cannot be read.</exception>
    public async Task<SpoolAccount?> CloseAsync(string sessionId, CancellationToken cancellationToken)
    {
        var folder = Of(sessionId);
        if (!File.Exists(AccountIn(folder))) return null;
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        SpoolAccount account;
        try
        {
            account = SpoolAccount.Parse(File.ReadAllBytes(AccountIn(folder)));
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"{AccountIn(folder)} cannot be read: {broken.Message}", broken);
        }

        var reports = account.Ended.ToList();
        foreach (var browser in account.Browsers.Except(reports.Select(report => report.Browser), StringComparer.Ordinal))
        {
            reports.Add(new BrowserReport
            {
                Browser = browser,
                Outcome = BrowserOutcome.NodeLost,
                Reason = "its node's process ended while it was recorded",
                Trace = await SessionFolder.SalvageAsync(account.Folder ?? folder, browser + account.FileExtension, cancellationToken),
                Log = await SessionFolder.SalvageAsync(account.Folder ?? folder, browser + RecordingLog.Suffix, cancellationToken),
            });
        }

        account = account with { Ended = reports };
        await SaveAsync(account);
        return account;
    }

    /// <summary>The spool goes, whatever is in it.</summary>
    public void Delete(string sessionId)
    {
        if (Directory.Exists(Of(sessionId))) Directory.Delete(Of(sessionId), recursive: true);
    }

    /// <summary>Deletes what was last written to before that instant, and tells what it deleted. A spool that cannot be deleted stays.</summary>
    /// <param name="inUse">Sessions that are recorded now, however long ago that began.</param>
    public IReadOnlyList<string> Sweep(DateTimeOffset before, IReadOnlyCollection<string> inUse)
    {
        var swept = new List<string>();
        foreach (var sessionId in Held().Except(inUse, StringComparer.Ordinal).Where(held => File.GetLastWriteTimeUtc(AccountIn(Of(held))) < before.UtcDateTime))
        {
            try
            {
                Delete(sessionId);
                swept.Add(sessionId);
            }
            catch (Exception stays) when (stays is IOException or UnauthorizedAccessException)
            {
                // The next sweep tries again.
            }
        }

        return swept;
    }

    private static string AccountIn(string folder) => Path.Combine(folder, SpoolAccount.FileName);
}
