using Akka.Configuration;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Orchestrator.TestKit.Simulations;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Tests.Simulations;

/// <summary>
/// The whole product in worlds of all kinds. What must hold is in <see cref="SimulationResult.BrokenPromises"/>: each
/// browser one outcome, each session one persisted outcome, no byte reported that is not on disk, the truth in every bound.
/// </summary>
public sealed class SimulationProperties
{
    [Property(Arbitrary = [typeof(Worlds)], MaxTest = 150)]
    public void Whatever_goes_wrong_every_promise_holds(Scenario scenario) => AssertPromises(Run(scenario));

    [Property(Arbitrary = [typeof(Worlds)], MaxTest = 25)]
    public void What_has_happened_once_happens_again(Scenario scenario) =>
        Assert.Equal(Run(scenario).Journal, Run(scenario).Journal);

    [Property(Arbitrary = [typeof(Worlds)], MaxTest = 12)]
    public void A_process_may_be_killed_at_any_event_that_it_persists(Scenario scenario)
    {
        var events = Run(scenario).Journal.Count(character => character == '\n');
        for (var last = 1; last <= events; last++)
        {
            var result = Run(scenario with { KillProcessAtEvent = last });
            AssertPromises(result);
            Assert.Equal(last == events, result.Journal.Count(character => character == '\n') == events && result.Recovered is false);
        }
    }

    // An oversized frame need not be of hundreds of megabytes.
    private static SimulationResult Run(Scenario scenario) =>
        Simulation.Run(scenario, settings: ConfigurationFactory.ParseString("orchestrator.max-message-size = 4MiB"));

    private static void AssertPromises(SimulationResult result) =>
        Assert.True(result.BrokenPromises.Count == 0, $"{result}{Environment.NewLine}{result.Scenario}");

    private static class Worlds
    {
        public static Arbitrary<Scenario> Scenarios() => Arb.From(Scenario());

        private static Gen<Scenario> Scenario() =>
            from browsers in Gen.Choose(1, 8)
            from nodes in Gen.Choose(1, Math.Min(3, browsers))
            from seconds in Gen.Choose(1, 60)
            from seed in Gen.Choose(0, int.MaxValue)
            from kind in Gen.Elements(
                (TraceFormat.Proto, TraceCompression.None, TraceTransfer.Stream),
                (TraceFormat.Proto, TraceCompression.Gzip, TraceTransfer.Stream),
                (TraceFormat.Json, TraceCompression.None, TraceTransfer.Stream),
                (TraceFormat.Json, TraceCompression.Gzip, TraceTransfer.Stream),
                (TraceFormat.Json, TraceCompression.None, TraceTransfer.Events))
            from there in Delay(100_000)
            from back in Delay(100_000)
            from answering in Delay(10_000)
            from starting in Delay(5_000_000)
            from flushing in Delay(20_000_000)
            from journal in Delay(200_000)
            from drift in Gen.Choose(0, 500)
            from faults in Gen.ListOf(Rule()).Resize(4)
            from steps in Gen.ListOf(Step()).Resize(2)
            from require in Gen.Elements(Requirement.AtLeast(1), Requirement.AtLeast(2), Requirement.All)
            from events in Gen.Elements(0.0, 1.0, 100.0)
            select new Scenario
            {
                Browsers = browsers,
                Nodes = nodes,
                Seed = seed,
                Duration = TimeSpan.FromSeconds(seconds),
                MarkEvery = TimeSpan.FromSeconds(2),
                Markers = [new PlannedMarker("half", TimeSpan.FromSeconds(seconds / 2.0))],
                MemoryDumps = [new PlannedMemoryDump("light", TimeSpan.FromSeconds(seconds / 3.0))],
                Format = kind.Item1,
                Compression = kind.Item2,
                Transfer = kind.Item3,
                There = there,
                Back = back,
                Answering = answering,
                Starting = starting,
                Flushing = flushing,
                JournalWrite = journal,
                DriftWithinPpm = drift,
                Faults = [.. faults],
                ClockSteps = [.. steps],
                Require = require,
                Content = new TraceContent.Generated { EventsPerSecond = events },
            };

        /// <param name="mostMicros">Of the usual; a tail may be ten times as long.</param>
        private static Gen<Delay> Delay(int mostMicros) =>
            from micros in Gen.Choose(1, mostMicros)
            from shape in Gen.Choose(0, 3)
            let time = TimeSpan.FromMicroseconds(micros)
            select shape switch
            {
                0 => new Delay.Constant(time),
                1 => new Delay.Uniform(TimeSpan.Zero, time),
                2 => new Delay.LogNormal(time, 0.8),
                _ => (Delay)new Delay.HeavyTail(time / 10, 1.2, time * 10),
            };

        private static Gen<FaultRule> Rule() =>
            from kind in Gen.Choose(0, 11)
            from percent in Gen.Choose(10, 100)
            select new FaultRule
            {
                Probability = percent / 100.0,
                Fault = (random, window) =>
                {
                    var after = window * random.NextDouble();
                    return kind switch
                    {
                        0 => new Fault.RefuseConnection(),
                        1 => new Fault.RefuseStart(),
                        2 => new Fault.Hang(after),
                        3 => new Fault.Kill(after),
                        4 => new Fault.SlowFlush(TimeSpan.FromMinutes(random.NextDouble() * 4)),
                        5 => new Fault.LoseTracingComplete(),
                        6 => new Fault.CloseMidStream(random.NextDouble()),
                        7 => new Fault.GarbageFrame(after),
                        8 => new Fault.OversizedFrame(after, 8 << 20),
                        9 => new Fault.DuplicateAnswers(random.NextDouble()),
                        10 => new Fault.LateAnswers(random.NextDouble(), TimeSpan.FromSeconds(random.NextDouble() * 5)),
                        _ => new Fault.DataLoss(),
                    };
                },
            };

        private static Gen<ClockRule> Step() =>
            from percent in Gen.Choose(10, 100)
            from at in Gen.Choose(0, 60)
            from jump in Gen.Choose(-500_000, 500_000)
            from suspended in Gen.Choose(0, 5_000)
            select new ClockRule
            {
                Probability = percent / 100.0,
                At = new Delay.Constant(TimeSpan.FromSeconds(at)),
                By = TimeSpan.FromMicroseconds(jump),
                Suspended = new Delay.Constant(TimeSpan.FromMilliseconds(suspended)),
            };
    }
}
