using System.Text.Json;
using Orchestrator.Actors.Clocks;
using Orchestrator.Actors.Clustering;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Actors.Wire;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Wire;

/// <summary>One message of each kind that nodes say to each other, with every field set.</summary>
internal static class WireSamples
{
    private static readonly DateTimeOffset At = new(2026, 3, 4, 5, 6, 7, 89, TimeSpan.Zero);
    private static readonly Timeline Reference = new("monotonic", "node-1", At.AddSeconds(-100)) { Domain = "a-boot/time:[1]" };
    private static readonly Timeline Other = new("monotonic", "node-2", At.AddSeconds(-50)) { Domain = "b-boot/time:[1]" };

    private static readonly BrowserReport Report = new()
    {
        Browser = "b1",
        Outcome = BrowserOutcome.Complete,
        BufferPeak = 0.25,
        Markers = 12,
        Trace = new TraceFile("browsers/b1.pftrace.gz", 4711, "00ff", IsWhole: true),
        Log = new TraceFile("browsers/b1.recording.json", 815, "11ee", IsWhole: true),
        Warnings = ["a page did not open"],
    };

    private static readonly NodeProtocol.ClockAccount Clock = new(Other, [new NodeClockReference(Reference, [new NodeClockBracket(1, 2, 3)])]);

    public static IReadOnlyList<IWireMessage> All { get; } =
    [
        new NodeProtocol.Prepare(7, Plan(), [new BrowserTarget { Name = "b1", Node = "node-2" }]) { Epoch = 3, Timeline = Reference },
        new NodeProtocol.Resume("s-1") { Epoch = 4 },
        new NodeProtocol.Start(8, 123_000) { Epoch = 3 },
        new NodeProtocol.WindowOpens(456_000) { Epoch = 3 },
        new NodeProtocol.OpenPages { Epoch = 3 },
        new NodeProtocol.Probe(9, "s-1.tick.9", 2, TimeSpan.FromSeconds(1)) { Epoch = 3, MostRounds = 40, NarrowEnoughNanos = 250_000 },
        new NodeProtocol.Mark(10, "s-1.login.10", "login", 234_000) { Epoch = 3 },
        new NodeProtocol.DumpMemory("light", Deterministic: true) { Epoch = 3 },
        new NodeProtocol.End(11, 456_000) { Epoch = 3 },
        new NodeProtocol.GiveUp(BrowserOutcome.Aborted, "given up on request") { Epoch = 3 },
        new NodeProtocol.Taken("s-1", ["b1"]) { Epoch = 3 },
        new NodeProtocol.Release("s-1") { Epoch = 3 },
        new NodeProtocol.SessionOver("s-1") { Epoch = 3 },
        new NodeProtocol.Joined("node-2"),
        new NodeProtocol.Fenced("node-2", 5),
        new NodeProtocol.Resumed("node-2", NodeStage.Started, [Report]) { Clock = Clock },
        new NodeProtocol.Prepared("node-2", 7, [new NodeProtocol.ReadyBrowser("b1", "ws://127.0.0.1:9222/x", "Chrome/156.0.1.2", 4711)], [Report]),
        new NodeProtocol.Started("node-2", 8, [new NodeProtocol.SentAndAnswered(123_001, 125_000)], [Report]),
        new NodeProtocol.Probed("node-2", 9, [Report]),
        new NodeProtocol.Marked("node-2", 10, [new NodeProtocol.SentAndAnswered(234_001, 235_000)], [Report]),
        new NodeProtocol.EndSent("node-2", 11, [456_001], [Report]) { Clock = Clock },
        new NodeProtocol.BrowsersEnded("node-2", [Report]),
        new NodeProtocol.Progress("node-2", [new NodeProtocol.BrowserProgress("b1", "recording", 0.25, 4711, 12)]),
        new ClockProtocol.Ping(Reference, 1000, new NodeClockBracket(1, 2, 3)),
        new ClockProtocol.Pong("node-2", 1000, 2000),
        new ClusterProtocol.Register(
            new NodeOffer
            {
                Name = "node-2", Address = "10.0.0.2:4053", Http = new Uri("http://10.0.0.2:8080"), Roles = ["browsers"], Version = "0.1.0", Protocol = 1, Capacity = 4,
                Offers = ["http://127.0.0.1:9222"], Clock = Other, Spools = ["s-0"], IsLeaving = true,
            },
            "akka.tcp://orchestrator@10.0.0.2:4053/user/node#1", "akka.tcp://orchestrator@10.0.0.2:4053/user/clock#2"),
        new ClusterProtocol.Registered(3, "node-1", new Uri("http://10.0.0.1:8080")),
        new ClusterProtocol.RegistrationRefused("a node of this name is there already"),
    ];

    private static SessionPlan Plan()
    {
        var plan = Plans.Of("/data/sessions/s-1", [new BrowserTarget { Name = "b1", Node = "node-2" }]) with { SessionId = "s-1" };
        return plan with { Tracing = plan.Tracing with { Start = JsonSerializer.SerializeToElement(new { transferMode = "ReturnAsStream" }) } };
    }
}
