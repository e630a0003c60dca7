using Orchestrator.Actors.Artifacts;
using Orchestrator.TestKit.Simulations;
using Orchestrator.TestKit.Time;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Clusters;

/// <summary>Fetches spools from one machine's folder into another's, as HTTP does: a file takes its time, and a node that cannot be reached is asked again for a while.</summary>
internal sealed class CopyingTransfer(VirtualTime time, SimulatedNodeProcess here, Func<Uri, SimulatedMachine> machineAt, Random random) : ISpoolTransfer
{
    // As HttpDownload's.
    private const int Attempts = 8;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    public async Task FetchAsync(Uri node, string sessionId, IReadOnlyList<TraceFile> files, string sessionFolder, CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            for (var attempt = 1; ; attempt++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1, 200)), time, cancellationToken);
                // Nobody is left who could go on.
                if (here.IsDead) throw new OperationCanceledException();
                if (machineAt(node) is { Process.IsDead: false, IsCutOff: false } from && !here.Machine.IsCutOff)
                {
                    await CopyAsync(from, sessionId, file, sessionFolder);
                    break;
                }

                if (attempt == Attempts) throw new SpoolTransferException($"{file.Path} of session {sessionId} could not be fetched from {node}: it cannot be reached");
                var pause = FirstPause * Math.Pow(2, attempt);
                await Task.Delay(pause < LongestPause ? pause : LongestPause, time, cancellationToken);
            }
        }
    }

    private static async Task CopyAsync(SimulatedMachine from, string sessionId, TraceFile file, string sessionFolder)
    {
        var (source, target) = (new FileInfo(Path.Combine(from.Spools.Of(sessionId), file.Path)), new FileInfo(Path.Combine(sessionFolder, file.Path)));
        if (target.Exists && target.Length == file.Bytes && Promises.HashOf(target) == file.Sha256) return;
        if (!source.Exists) throw new SpoolTransferException($"{file.Path} of session {sessionId} could not be fetched from {from.Http}: it is not there (HTTP 404)");
        if (source.Length != file.Bytes || Promises.HashOf(source) != file.Sha256)
            throw new SpoolTransferException($"{file.Path} of session {sessionId} could not be fetched from {from.Http}: it is not the file that was announced");
        Directory.CreateDirectory(target.DirectoryName!);
        await WholeFile.WriteAsync(target.FullName, File.ReadAllBytes(source.FullName));
    }
}
