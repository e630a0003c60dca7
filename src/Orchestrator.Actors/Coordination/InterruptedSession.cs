using Orchestrator.Actors.Browsers;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Coordination;

/// <summary>The judgement of a session whose process died: what its journal and its folder say, nothing more.</summary>
internal static class InterruptedSession
{
    private const string Reason = "the process that ran the session ended";

    /// <summary>The events that end it. Each browser without an outcome is <c>nodeLost</c>, with what its trace's file holds.</summary>
    public static async Task<IReadOnlyList<SessionEvent>> JudgeAsync(TraceSession session, DateTimeOffset at)
    {
        var events = new List<SessionEvent>();
        foreach (var browser in session.Outstanding)
        {
            var file = browser.Target.Name + session.Plan.Tracing.FileExtension;
            events.Add(new SessionEvent.BrowserEnded(new BrowserReport
            {
                Browser = browser.Target.Name,
                Outcome = BrowserOutcome.NodeLost,
                Reason = Reason,
                Trace = await SessionFolder.SalvageAsync(session.Plan.OutputFolder, file, CancellationToken.None),
            }) { At = at });
        }

        if (session.Plan.Merge is not MergeChoice.None && session.Merged is null)
            events.Add(new SessionEvent.TracesMerged([], [$"The traces were not merged: {Reason}. 'orchestrator merge {session.Plan.OutputFolder}' does it."]) { At = at });
        var judged = events.Aggregate(session, TraceSession.Apply);
        var reason = session.GivenUp?.Reason ?? (events.OfType<SessionEvent.BrowserEnded>().Any() ? Reason : null);
        if (SessionDecisions.WhenAllEnded(judged, session.GivenUp?.Outcome, reason, at) is { } end) events.Add(end);
        return events;
    }
}
