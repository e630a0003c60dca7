using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>
/// Scenarios as one says them. What a test leaves out is as in <see cref="Scenario"/>.
/// <code>
/// var result = Scenario.Of(500).OnNodes(20).Drifting(withinPpm: 100).Dying(share: 0.01).Record(TimeSpan.FromMinutes(10));
/// </code>
/// </summary>
public static class ScenarioSteps
{
    extension(Scenario scenario)
    {
        /// <summary>The browsers are spread over so many nodes.</summary>
        public Scenario OnNodes(int nodes) => scenario with { Nodes = nodes };

        /// <summary>Another seed, another run of chance.</summary>
        public Scenario Seeded(int seed) => scenario with { Seed = seed };

        /// <summary>Each clock runs up to so many millionths faster or slower than the nodes'.</summary>
        public Scenario Drifting(double withinPpm) => scenario with { DriftWithinPpm = withinPpm };

        /// <summary>So many of the clocks (0 to 1) jump, at an instant of the simulation's time.</summary>
        public Scenario Stepping(double share, Delay at, TimeSpan by) =>
            scenario with { ClockSteps = [.. scenario.ClockSteps, new ClockRule { At = at, By = by, Probability = share }] };

        /// <summary>So many of the browsers (0 to 1) are suspended for a while, and their clocks with them.</summary>
        public Scenario Suspended(double share, Delay at, Delay time) =>
            scenario with { ClockSteps = [.. scenario.ClockSteps, new ClockRule { At = at, Suspended = time, Probability = share }] };

        /// <summary>How long messages take to the browsers and back.</summary>
        public Scenario OverWire(Delay there, Delay back) => scenario with { There = there, Back = back };

        /// <summary>So many of the browsers (0 to 1) die, each at some instant of the window.</summary>
        public Scenario Dying(double share) => scenario.Suffering(
            share, (random, window) => new Fault.Kill(new Delay.Uniform(TimeSpan.Zero, window).Next(random)));

        /// <summary>A fault befalls so many of the browsers (0 to 1), each with chances of its own; it is told the length of the window.</summary>
        public Scenario Suffering(double share, Func<Random, TimeSpan, Fault> fault) =>
            scenario with { Faults = [.. scenario.Faults, new FaultRule { Fault = fault, Probability = share }] };

        /// <summary>A fault befalls the browsers of these names, b1, b2, …</summary>
        public Scenario Suffering(Fault fault, params IReadOnlyList<string> browsers) =>
            scenario with { Faults = [.. scenario.Faults, new FaultRule { Fault = (_, _) => fault, Browsers = browsers }] };

        /// <summary>What the browsers record.</summary>
        public Scenario Yielding(TraceContent content) => scenario with { Content = content };

        /// <summary>As many of the browsers must record for the session to go on.</summary>
        public Scenario Requiring(Requirement requirement) => scenario with { Require = requirement };

        /// <summary>A labelled marker reaches all browsers so long after the window opened.</summary>
        public Scenario Marking(string label, TimeSpan offset) => scenario with { Markers = [.. scenario.Markers, new PlannedMarker(label, offset)] };

        /// <summary>Runs a session with a window of this length, on virtual time, and throws the folder away.</summary>
        public SimulationResult Record(TimeSpan duration) => Simulation.Run(scenario with { Duration = duration });
    }
}
