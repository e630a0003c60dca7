using System.Text.Json;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Tests.Support;

/// <summary>Sessions and their events for tests.</summary>
internal static class Told
{
    public static readonly DateTimeOffset At = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    public static readonly Timeline Timeline = new("monotonic", "node-1", At.AddSeconds(-100));

    public static SessionPlan Plan(int browsers, string require = "all") => new()
    {
        SessionId = "s-1",
        OutputFolder = "/tmp/s-1",
        Targets = [.. Enumerable.Range(1, browsers).Select(number => new BrowserTarget { Name = $"b{number}", Endpoint = "http://127.0.0.1:9222", Url = "http://page.test/" })],
        Tracing = new TracingPlan
        {
            Start = JsonDocument.Parse("{\"transferMode\":\"ReturnAsStream\"}").RootElement,
            Transfer = TraceTransfer.Stream,
            Format = TraceFormat.Proto,
            Compression = TraceCompression.Gzip,
        },
        Window = new WindowPlan { Duration = TimeSpan.FromSeconds(5), MarkEvery = TimeSpan.FromSeconds(1) },
        Require = Requirement.TryParse(require, out var requirement) ? requirement : throw new ArgumentException(require),
        Timeouts = new PhaseTimeouts(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)),
    };

    public static TraceSession Opened(int browsers, string require = "all") =>
        TraceSession.Apply(null, new SessionEvent.Opened(Plan(browsers, require), Timeline) { At = At });

    public static TraceSession After(this TraceSession session, params SessionEvent[] events) => events.Aggregate(session, TraceSession.Apply);

    public static SessionEvent.BrowserReady Ready(string browser) =>
        new(browser, "node-1", "ws://127.0.0.1:9222/devtools/browser/x", "Chrome/156.0.1.2", ProcessId: 4711) { At = At };

    public static BrowserReport Report(string browser, BrowserOutcome outcome, string? reason = null) =>
        new() { Browser = browser, Outcome = outcome, Reason = reason };

    public static SessionEvent.BrowserEnded Ended(string browser, BrowserOutcome outcome, string? reason = null) =>
        new(Report(browser, outcome, reason)) { At = At };
}
