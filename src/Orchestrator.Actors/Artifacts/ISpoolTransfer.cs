using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Artifacts;

/// <summary>Brings what a node has recorded to where the session's folder is.</summary>
public interface ISpoolTransfer
{
    /// <summary>
    /// Fetches each file into the session's folder, under the same relative path. What is there already, with this length and hash,
    /// is not fetched again; what is there and is something else is replaced.
    /// </summary>
    /// <param name="node">The node's HTTP base address.</param>
    /// <param name="files">What the node has announced: no more than that is taken, and nothing else gets a name.</param>
    /// <param name="sessionFolder">An absolute path; folders in it are made as they are needed.</param>
    /// <exception cref="SpoolTransferException">A file could not be had. Those that came whole stay, of the others nothing is left.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the same holds.</exception>
    Task FetchAsync(Uri node, string sessionId, IReadOnlyList<TraceFile> files, string sessionFolder, CancellationToken cancellationToken);
}

/// <summary>A file could not be fetched from its node. The message says which, from where, and why.</summary>
public sealed class SpoolTransferException(string reason, Exception? cause = null) : Exception(reason, cause);
