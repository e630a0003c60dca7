using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging;

/// <summary>Writes <c>trace.json.gz</c>.</summary>
public static class ChromeJson
{
    public const string FileName = "trace.json.gz";

    /// <summary>Writes one Chrome JSON trace of all these sessions' browsers. Sessions are on one time line already.</summary>
    /// <returns>Null when there is nothing to write; problems name each browser that is not in it and why.</returns>
    public static Task<(MergedFile? File, IReadOnlyList<FolderProblem> Problems)> WriteAsync(
        IReadOnlyList<AlignedSession> sessions, string path, Action<MergeProgress>? progress, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
