using Akka.Configuration;
using Orchestrator.TestKit.Simulations;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Support;

/// <summary>A simulation that has always been run already, with figures that are easy to find again.</summary>
internal sealed class FakeSimulation
{
    public List<(Scenario Scenario, string? Folder, Config? Settings)> Runs { get; } = [];

    public IReadOnlyList<SimulationProgress> Progress { get; set; } = [];

    /// <summary>Makes of the result what a test needs.</summary>
    public Func<SimulationResult, SimulationResult> Ends { get; set; } = result => result;

    public SimulationResult Run(Scenario scenario, string? folder, Config? settings, Action<SimulationProgress>? progress, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Runs.Add((scenario, folder, settings));
        foreach (var one in Progress) progress?.Invoke(one);
        return Ends(new SimulationResult
        {
            Scenario = scenario,
            Document = Document(),
            Browsers = [.. Enumerable.Range(0, scenario.Browsers).Select(place => Browser(place, scenario.Browsers))],
            Messages = new Dictionary<string, long> { ["node Start"] = scenario.Nodes, ["CDP Tracing.start"] = scenario.Browsers, ["browser Mark"] = 12_345, ["coordinator Open"] = 1 },
            BrokenPromises = [],
            Journal = "",
            Recovered = false,
            VirtualTime = TimeSpan.FromSeconds(63),
            RealTime = TimeSpan.FromSeconds(0.5),
        });
    }

    private static SessionDocument Document()
    {
        var plan = Documents.Plan("sim-1");
        var document = Documents.Of(plan with { Targets = [.. Enumerable.Range(1, 2).Select(number => new BrowserTarget { Name = Scenario.NameOf(number) })] }, [BrowserOutcome.Complete, BrowserOutcome.ConnectionLost]);
        return document with { Reason = "b2 was lost" };
    }

    /// <summary>The first half is at p50, all but a hundredth at p99, the others are at the maximum; the last one was lost.</summary>
    private static SimulatedBrowserResult Browser(int place, int count)
    {
        TimeSpan Micros(decimal p50, decimal p99, decimal most) =>
            TimeSpan.FromTicks((long)(10 * (place < Math.Ceiling(count * 0.5) ? p50 : place < Math.Ceiling(count * 0.99) ? p99 : most)));
        var isLost = place == count - 1;
        return new SimulatedBrowserResult
        {
            Name = Scenario.NameOf(place + 1),
            Outcome = isLost ? BrowserOutcome.ConnectionLost : BrowserOutcome.Complete,
            Reason = isLost ? "its process died" : null,
            StartedAfter = Micros(1_500, 20_000, 2_500_000),
            ClockBound = Micros(3.2m, 40, 500),
            ClockError = Micros(0.4m, 9.9m, 10),
            ClockIsEven = true,
            IsOutsideOfBound = false,
        };
    }
}
