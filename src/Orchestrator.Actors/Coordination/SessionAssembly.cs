using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Coordination;

/// <summary>When all browsers have ended: relates their clocks to the time line, merges their traces, and writes the files that tell of it.</summary>
internal static class SessionAssembly
{
    /// <param name="judged">The session with its end, which need not be persisted yet.</param>
    public static async Task<AssembledSession> AssembleAsync(TraceSession judged, Action<MergeProgress> progress, CancellationToken cancellationToken)
    {
        // The bytes were hashed when they were written, a moment ago.
        var recorded = RecordedSessions.Of(SessionDocument.Of(judged));
        var aligned = await SessionAlignment.AlignAsync(recorded, checkHashes: false, progress, cancellationToken);
        return new AssembledSession(aligned, await MergeAsync(aligned, judged.Plan, progress, cancellationToken));
    }

    /// <summary>What goes wrong here takes nothing from what is known of the clocks by now.</summary>
    private static async Task<MergeResult> MergeAsync(AlignedSession aligned, SessionPlan plan, Action<MergeProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            return await SessionMerge.RunAsync([aligned], plan.OutputFolder, plan.Merge, progress, cancellationToken);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            var why = failure is OperationCanceledException ? "given up on request" : failure.Message;
            return new MergeResult([], [new FolderProblem("", $"The traces were not merged: {why}. 'orchestrator merge {plan.OutputFolder}' does it.")]);
        }
    }

    /// <summary>Writes session.json, and the report where there is something to report on.</summary>
    /// <returns>Which file could not be written and why; null when all could.</returns>
    public static async Task<string?> WriteAsync(TraceSession session, AlignedSession? aligned)
    {
        var document = SessionDocument.Of(session);
        var folder = session.Plan.OutputFolder;
        return await WriteAsync(folder, RecordedSessions.DocumentName, document.ToUtf8)
            ?? (aligned is null ? null : await WriteAsync(folder, HtmlReport.FileName, () => HtmlReport.Render(aligned with { Session = aligned.Session with { Document = document } })));
    }

    private static async Task<string?> WriteAsync(string folder, string name, Func<byte[]> make)
    {
        try
        {
            await WholeFile.WriteAsync(Path.Combine(folder, name), make());
            return null;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The outcome is in the journal; a file that tells of it must not take it back.
            return $"{name}: {failure.Message}";
        }
    }
}

internal sealed record AssembledSession(AlignedSession Aligned, MergeResult Merged)
{
    /// <summary>What the journal keeps of it.</summary>
    public IReadOnlyList<SessionEvent> Events(DateTimeOffset at) =>
    [
        new SessionEvent.ClocksAligned(
            Aligned.Browsers.Zip(Aligned.ClockFacts).ToDictionary(pair => pair.Item1.Recorded.Name, pair => pair.Item2), Aligned.NodeFacts) { At = at },
        new SessionEvent.TracesMerged(Merged.Files, [.. Aligned.Problems.Concat(Merged.Problems).Select(problem => problem.ToString())]) { At = at },
    ];
}
