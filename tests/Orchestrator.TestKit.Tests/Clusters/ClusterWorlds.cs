using Orchestrator.TestKit.Clusters;
using Orchestrator.TestKit.Simulations;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Tests.Clusters;

/// <summary>Clusters, sessions and what befalls them, as chance will have it: each follows from its number.</summary>
internal static class ClusterWorlds
{
    private static readonly string[] s_kinds =
        ["epoch-claimed/1", "session-admitted/1", "session-opened/1", "browser-ready/1", "window-opened/1", "marker-placed/1", "browser-ended/1", "window-closed/1", "clocks-aligned/1", "session-ended/1"];

    public static ClusterScenario Of(int number)
    {
        var random = new Random(number);
        var session = new Scenario
        {
            Seed = number,
            Browsers = random.Next(3, 7),
            Nodes = random.Next(1, 4),
            Duration = TimeSpan.FromSeconds(random.Next(1, 30)),
            MarkEvery = TimeSpan.FromSeconds(2),
            Markers = [new PlannedMarker("early", TimeSpan.FromMilliseconds(300))],
            DriftWithinPpm = random.Next(0, 100),
            Starting = new Delay.Uniform(TimeSpan.Zero, TimeSpan.FromMilliseconds(random.Next(1, 2000))),
            Connecting = new Delay.Uniform(TimeSpan.Zero, TimeSpan.FromMilliseconds(random.Next(1, 2000))),
            Flushing = new Delay.Uniform(TimeSpan.Zero, TimeSpan.FromMilliseconds(random.Next(1, 8000))),
            JournalWrite = new Delay.Uniform(TimeSpan.Zero, TimeSpan.FromMilliseconds(random.Next(1, 50))),
            Timeouts = new PhaseTimeouts(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60)),
            Content = new TraceContent.Generated { EventsPerSecond = 10 },
            Faults = random.Next(4) > 0 ? [] : [new FaultRule { Fault = (chance, window) => new Fault.Kill(window * chance.NextDouble()), Probability = 0.3 }],
        };
        return new ClusterScenario
        {
            Session = session,
            Coordinators = random.Next(2, 4),
            CoordinatorsRecord = random.Next(3) == 0,
            SharesFolder = random.Next(3) == 0,
            HasClocksOfItsOwn = random.Next(4) > 0,
            Link = new Delay.LogNormal(TimeSpan.FromMicroseconds(random.Next(50, 5000)), 0.8),
            Faults = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Fault(random, session))],
        };
    }

    private static ClusterFault Fault(Random random, Scenario session)
    {
        var when = random.Next(3) switch
        {
            0 => Moment.AtEvent(random.Next(1, 30)),
            1 => Moment.At(s_kinds[random.Next(s_kinds.Length)], Seconds(random, 0, 3)),
            _ => Moment.After(Seconds(random, 0, 20)),
        };
        var node = $"n{random.Next(1, session.Nodes + 1)}";
        return random.Next(12) switch
        {
            < 4 => new ClusterFault.CoordinatorDies(when, Seconds(random, 0.2, 10), random.Next(2) == 0 ? null : Seconds(random, 1, 15)),
            < 6 => new ClusterFault.CoordinatorIsOusted(when, Seconds(random, 0.1, 8)),
            6 => new ClusterFault.NodeDies(when, node, random.Next(2) == 0 ? null : Seconds(random, 0.5, 15)),
            7 => new ClusterFault.NodeIsCutOff(when, node, Seconds(random, 0.5, 20)),
            8 => new ClusterFault.NodeIsCutOff(Moment.At("window-opened/1", Seconds(random, 0, 3)), node, Seconds(random, 0.5, 20)),
            9 => new ClusterFault.MessagesAreLost(when, node, Seconds(random, 0.5, 10), random.NextDouble() * 0.8),
            10 => new ClusterFault.JournalIsAway(when, Seconds(random, 0.1, 10)),
            _ => new ClusterFault.NodeDrains(when, node),
        };
    }

    private static TimeSpan Seconds(Random random, double least, double most) => TimeSpan.FromMilliseconds(Math.Round(1000 * (least + (most - least) * random.NextDouble())));
}
