using Orchestrator.Host.Planning;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Support;

/// <summary>session.json documents, made the way real ones are: from a session's events.</summary>
internal static class Documents
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static SessionPlan Plan(string sessionId) =>
        Planned.Of(new RecordOptions { Urls = ["about:blank"] }).Whole with { SessionId = sessionId };

    /// <summary>Of a session that is open.</summary>
    public static SessionDocument Opened(SessionPlan plan) => SessionDocument.Of(TraceSession.Apply(null, new SessionEvent.Opened(plan, new Timeline("monotonic", "node-1", Noon)) { At = Noon }));

    public static SessionDocument Of(SessionPlan plan, IReadOnlyList<BrowserOutcome> outcomes, SessionOutcome? outcome = null)
    {
        List<SessionEvent> events =
        [
            new SessionEvent.Opened(plan, new Timeline("monotonic", "node-1", Noon)) { At = Noon },
            new SessionEvent.WindowOpened(1_000_000_000, 12.4, 2_340) { At = Noon },
            new SessionEvent.MarkerPlaced("checkout", "m-1", 2_000_000_000) { At = Noon },
            new SessionEvent.WindowClosed(11_000_000_000, 31) { At = Noon.AddSeconds(11) },
        ];
        foreach (var (target, ended) in plan.Targets.Zip(outcomes))
        {
            events.Add(new SessionEvent.BrowserReady(target.Name, "node-1", "ws://127.0.0.1:1/devtools/browser/x", "Chrome/156", 4711) { At = Noon });
            events.Add(new SessionEvent.BrowserEnded(new BrowserReport
            {
                Browser = target.Name,
                Outcome = ended,
                Reason = ended.Delivered() ? null : "the reason why",
                DataLoss = ended is BrowserOutcome.CompleteWithLoss,
                BufferPeak = 0.42,
                Markers = 7,
                Trace = ended.Delivered() ? new TraceFile($"browsers/{target.Name}{plan.Tracing.FileExtension}", 1_572_864, "abc123", IsWhole: true) : null,
                MemoryDumps = [new MemoryDump("0x9", true, "light"), new MemoryDump(null, false, "detailed")],
                Warnings = ["something odd"],
            })
            { At = Noon.AddSeconds(12) });
        }

        events.Add(new SessionEvent.Ended(outcome ?? SessionOutcomes.From([.. outcomes]), outcome is null ? null : "on request") { At = Noon.AddSeconds(12) });
        return SessionDocument.Of(events.Aggregate<SessionEvent, TraceSession?>(null, TraceSession.Apply)!);
    }
}
