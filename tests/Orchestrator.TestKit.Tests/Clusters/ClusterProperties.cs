using System.Globalization;
using Orchestrator.TestKit.Clusters;
using Orchestrator.TestKit.Simulations;
using Xunit.Abstractions;

namespace Orchestrator.TestKit.Tests.Clusters;

/// <summary>
/// The cluster's own actors in worlds of all kinds. What must hold is in <see cref="ClusterResult.BrokenPromises"/>. A soak is the same with more
/// worlds: SIMULATED_CLUSTERS=FROM-UNTIL names others than the usual ones.
/// </summary>
public sealed class ClusterProperties(ITestOutputHelper output)
{
    private const string Usual = "1-150";

    [Fact]
    public void Whatever_befalls_a_cluster_every_promise_holds()
    {
        var bounds = (Environment.GetEnvironmentVariable("SIMULATED_CLUSTERS") ?? Usual).Split('-');
        var (from, until) = (int.Parse(bounds[0], CultureInfo.InvariantCulture), int.Parse(bounds[1], CultureInfo.InvariantCulture));
        var broken = new List<string>();
        var (terms, stale) = (0, 0);
        for (var number = from; number <= until; number++)
        {
            try
            {
                var result = ClusterSimulation.Run(ClusterWorlds.Of(number));
                (terms, stale) = (terms + result.Epochs, stale + result.Stale);
                if (result.BrokenPromises.Count > 0) broken.Add($"--- world {number}, {result}");
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                broken.Add($"--- world {number} came to no end: {failure}");
            }
        }

        output.WriteLine($"{until - from + 1} worlds, {terms} coordinators, {stale} commands of ousted ones, {broken.Count} worlds with broken promises");
        Assert.True(broken.Count == 0, string.Join(Environment.NewLine, broken.Take(30)));
    }

    [Fact]
    public void A_coordinator_may_die_at_any_event_that_it_persists()
    {
        var scenario = new ClusterScenario { Session = Scenario.Of(4).OnNodes(2) with { Duration = TimeSpan.FromSeconds(4), Markers = [new("half", TimeSpan.FromSeconds(2))], Seed = 5 } };
        var events = ClusterSimulation.Run(scenario).Transcript.Count(character => character == '\n');
        var broken = Enumerable.Range(1, events)
            .Select(last => ClusterSimulation.Run(scenario with { Faults = [new ClusterFault.CoordinatorDies(Moment.AtEvent(last), TimeSpan.FromSeconds(1))] }))
            .Where(result => result.BrokenPromises.Count > 0).ToList();
        Assert.True(broken.Count == 0, string.Join(Environment.NewLine, broken));
    }

    [Fact]
    public void What_has_happened_once_happens_again()
    {
        for (var number = 1; number <= 5; number++) Assert.Equal(Transcript(number), Transcript(number));

        // Where it was recorded to is no part of what happened.
        string Transcript(int number)
        {
            using var kept = new Simulations.KeptFolder();
            return ClusterSimulation.Run(ClusterWorlds.Of(number), kept.Session).Transcript.Replace(kept.Session, "FOLDER", StringComparison.Ordinal);
        }
    }
}
