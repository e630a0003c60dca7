using Orchestrator.Actors.Tests.Support;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Wire;

/// <summary>One event of each kind with every field set, and one with nothing but what it must have.</summary>
internal static class SessionEventSamples
{
    private static readonly DateTimeOffset At = new(2026, 3, 4, 5, 6, 7, 89, TimeSpan.Zero);

    public static IReadOnlyList<SessionEvent> Full { get; } =
    [
        new SessionEvent.Opened(Plan(), new Timeline("monotonic", "node-1", At.AddSeconds(-100)) { Domain = "a-boot/time:[1]" }) { At = At, Epoch = 3 },
        new SessionEvent.TakenOver(4, "node-2", "/data/sessions/s-1") { At = At },
        new SessionEvent.NotOpened(4) { At = At },
        new SessionEvent.EndRequested { At = At },
        new SessionEvent.GivenUp(SessionOutcome.Aborted, "given up on request") { At = At },
        new SessionEvent.Noted("a label was not placed") { At = At },
        new SessionEvent.BrowserReady("b1", "node-1", "ws://127.0.0.1:9222/devtools/browser/x", "Chrome/156.0.1.2", ProcessId: 4711) { At = At },
        new SessionEvent.BrowserEnded(new BrowserReport
        {
            Browser = "b1",
            Outcome = BrowserOutcome.CompleteWithLoss,
            Reason = "a reason with \"quotes\" and ünicode",
            DataLoss = true,
            BufferPeak = 0.84,
            Markers = 48,
            Trace = new TraceFile("browsers/b1.pftrace.gz", 123_456_789_012, "00ff", IsWhole: true),
            Log = new TraceFile("browsers/b1.recording.json", 12_345, "11ee", IsWhole: true),
            MemoryDumps = [new MemoryDump("0x9", Success: true, "light"), new MemoryDump(null, Success: false, "detailed")],
            Warnings = ["a page did not open"],
        }) { At = At },
        new SessionEvent.WindowOpened(561_527_044_000, 12.5, 300.25) { At = At },
        new SessionEvent.MarkerPlaced("login", "s-1.login.4", 561_627_044_000) { At = At },
        new SessionEvent.WindowClosed(566_527_044_000, 30.5) { At = At },
        new SessionEvent.ClocksAligned(new Dictionary<string, ClockFacts>
        {
            ["b1"] = new ClockFacts { Relation = ClockRelation.Measured, OffsetNanos = -5_000_000_000_123, BoundNanos = 34_000, WorstBoundNanos = 51_000, DriftPpm = -12.5, Findings = ["Its clock stepped."] },
        }, new Dictionary<string, ClockFacts>
        {
            ["n2"] = new ClockFacts { Relation = ClockRelation.Measured, OffsetNanos = 70_000_000_000, BoundNanos = 210_000, WorstBoundNanos = 340_000, DriftPpm = 31.25 },
        }) { At = At },
        new SessionEvent.TracesMerged([new MergedFile("perfetto", "trace.tar", 123_456, "00ff")], ["browsers/b2.pftrace.gz: is empty"]) { At = At },
        new SessionEvent.Ended(SessionOutcome.Partial, "b2 connectionLost: gone") { At = At },
    ];

    public static IReadOnlyList<SessionEvent> Bare { get; } =
    [
        new SessionEvent.Opened(Plans.Of("/tmp/s", []), new Timeline("monotonic", "", At)) { At = At },
        new SessionEvent.TakenOver(0, "", "") { At = At },
        new SessionEvent.EndRequested { At = At },
        new SessionEvent.GivenUp(SessionOutcome.Failed, "") { At = At },
        new SessionEvent.NotOpened(0) { At = At },
        new SessionEvent.Noted("") { At = At },
        new SessionEvent.BrowserReady("b1", "n", "e", "p", ProcessId: null) { At = At },
        new SessionEvent.BrowserEnded(new BrowserReport { Browser = "b1", Outcome = BrowserOutcome.Refused }) { At = At },
        new SessionEvent.WindowOpened(0, 0, 0) { At = At },
        new SessionEvent.MarkerPlaced("", "", 0) { At = At },
        new SessionEvent.WindowClosed(0, EndSendSkewMicros: null) { At = At },
        new SessionEvent.ClocksAligned(new Dictionary<string, ClockFacts>()) { At = At },
        new SessionEvent.TracesMerged([], []) { At = At },
        new SessionEvent.Ended(SessionOutcome.Complete, Reason: null) { At = At },
    ];

    private static SessionPlan Plan() => Plans.Of("/tmp/s-1", [new BrowserTarget { Name = "b1" }, new BrowserTarget { Name = "b2", Endpoint = "http://127.0.0.1:9222", Url = "http://page.test/", Node = "node-2" }])
        .Requiring("60%") with
    {
        SessionId = "s-1",
        Launch = new LaunchPlan("/usr/bin/chromium", ["--lang=en"]),
        Window = new WindowPlan
        {
            Duration = TimeSpan.FromSeconds(5),
            MarkEvery = TimeSpan.FromMilliseconds(1500),
            Markers = [new PlannedMarker("login", TimeSpan.FromSeconds(1))],
            MemoryDumps = [new PlannedMemoryDump("light", TimeSpan.FromSeconds(2))],
            MemoryDumpDeterministic = true,
        },
        Timeouts = new PhaseTimeouts(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(2)),
        Merge = MergeChoice.Both,
        MaxClockError = TimeSpan.FromMicroseconds(200),
    };
}
