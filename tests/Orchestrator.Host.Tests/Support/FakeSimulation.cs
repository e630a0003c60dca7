using Orchestrator.TestKit.Simulations;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Support;

/// <summary>A simulation that has always been run already, with figures that are easy to find again.</summary>
internal sealed class FakeSimulation
{
    public List<(Scenario Scenario, string? Folder)> Runs { get; } = [];

    public IReadOnlyList<SimulationProgress> Progress { get; set; } = [];

    /// <summary>Makes of the result what a test needs.</summary>
    public Func<SimulationResult, SimulationResult> Ends { get; set; } = result => result;

    public SimulationResult Run(Scenario scenario, string? folder, Action<SimulationProgress>? progress, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Runs.Add((scenario, folder));
        foreach (var one in Progress) progress?.Invoke(one);
        return Ends(new SimulationResult
        {
            Scenario = scenario,
            Document = Document(),
            Outcomes = new Dictionary<BrowserOutcome, int> { [BrowserOutcome.ConnectionLost] = 1, [BrowserOutcome.Complete] = scenario.Browsers - 1 },
            StartSkew = Of(1_500, 20_000, 2_500_000),
            ClockBound = Of(3.2m, 40, 500),
            ClockError = Of(0.4m, 9.9m, 10),
            OutsideOfBound = [],
            Messages = new Dictionary<string, long> { ["node Start"] = scenario.Nodes, ["CDP Tracing.start"] = scenario.Browsers, ["browser Mark"] = 12_345, ["coordinator Open"] = 1 },
            BrokenPromises = [],
            VirtualTime = TimeSpan.FromSeconds(63),
            RealTime = TimeSpan.FromSeconds(0.5),
        });
    }

    private static SessionDocument Document()
    {
        var plan = Documents.Plan("sim-1");
        var document = Documents.Of(plan with { Targets = [.. Enumerable.Range(1, 2).Select(number => new BrowserTarget { Name = Scenario.NameOf(number) })] }, [BrowserOutcome.Complete, BrowserOutcome.ConnectionLost]);
        var clock = new ClockFacts { Relation = ClockRelation.Measured, OffsetNanos = 5, BoundNanos = 3_200 };
        return document with { Browsers = [document.Browsers[0] with { Clock = clock }, document.Browsers[1]], Reason = "b2 was lost" };
    }

    private static Quantiles Of(decimal p50Micros, decimal p99Micros, decimal maxMicros) => new(Micros(p50Micros), Micros(p99Micros), Micros(maxMicros));

    private static TimeSpan Micros(decimal micros) => TimeSpan.FromTicks((long)(micros * 10));
}
