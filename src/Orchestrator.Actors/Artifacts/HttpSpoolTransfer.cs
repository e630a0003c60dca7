using System.Security.Cryptography;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Artifacts;

/// <summary>Fetches spools over HTTP, from <c>/spools/{session}/{path}</c> of their node.</summary>
/// <param name="http">Carries the token and the certificates; its time-out must be infinite or long.</param>
/// <param name="parallelTransfers">How many files are fetched at once, over all sessions; the others wait their turn.</param>
public sealed class HttpSpoolTransfer(HttpClient http, TimeProvider time, DownloadPatience patience, int parallelTransfers) : ISpoolTransfer, IDisposable
{
    private readonly SemaphoreSlim _turns = new(parallelTransfers, parallelTransfers);
    private readonly HttpDownload _download = new(http, time, patience);

    /// <summary>Where a spool's file is on a node.</summary>
    /// <param name="path">Relative to the session's folder, with forward slashes.</param>
    public static Uri AddressOf(Uri node, string sessionId, string path) =>
        new(node, $"/spools/{Uri.EscapeDataString(sessionId)}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");

    public async Task FetchAsync(Uri node, string sessionId, IReadOnlyList<TraceFile> files, string sessionFolder, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var fetches = files.Select(file => FetchInTurnAsync(node, sessionId, file, sessionFolder, stop)).ToList();
        await ((Task)Task.WhenAll(fetches)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        // The first that failed cancelled the others: what it says is the reason.
        if (fetches.FirstOrDefault(fetch => fetch.IsFaulted) is { } failed) await failed;
    }

    public void Dispose() => _turns.Dispose();

    private async Task FetchInTurnAsync(Uri node, string sessionId, TraceFile file, string sessionFolder, CancellationTokenSource stop)
    {
        await _turns.WaitAsync(stop.Token);
        try
        {
            await FetchAsync(node, sessionId, file, sessionFolder, stop.Token);
        }
        catch (Exception failure) when (failure is DownloadFailedException or IOException or UnauthorizedAccessException)
        {
            await stop.CancelAsync();
            throw new SpoolTransferException($"{file.Path} of session {sessionId} could not be fetched from {node}: {failure.Message}", failure);
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task FetchAsync(Uri node, string sessionId, TraceFile file, string sessionFolder, CancellationToken cancellationToken)
    {
        var path = PathsInside.Find(sessionFolder, file.Path) ?? throw new DownloadFailedException("the name leads out of the session's folder, or is none that its files have");
        if (await IsThereAsync(path, file, cancellationToken)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await _download.FetchAsync(AddressOf(node, sessionId, file.Path), path, file.Bytes, file.Sha256, progress: null, cancellationToken);
    }

    private static async Task<bool> IsThereAsync(string path, TraceFile file, CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (new FileInfo(path) is not { Exists: true } found || found.Length != file.Bytes) return false;
        await using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken)) == file.Sha256;
    }
}
