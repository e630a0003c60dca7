using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.EndToEnd.Cluster;

/// <summary>Three nodes and six real browsers, as a user runs them.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class SixBrowsersEndToEndTests
{
    [ClusterWithChromiumFact]
    public async Task Six_browsers_of_three_nodes_are_one_session_and_one_file()
    {
        await using var cluster = await ClusterProcesses.StartAsync(
            settings: "", new NodeSetup("a") { Arguments = ["--capacity", "2"] }, new NodeSetup("b") { Arguments = ["--capacity", "2"] }, new NodeSetup("c") { Arguments = ["--capacity", "2"] });
        var run = (await cluster.RunAsync("record", "--launch", "6", "--duration", "2s", "--mark", "middle@1s", "-o", "out", "--json")).Expecting(0);

        Assert.Equal(SessionOutcome.Complete, run.Document.Outcome);
        Assert.Equal(6, run.Document.Browsers.Count);
        Assert.Equal([("a", 2), ("b", 2), ("c", 2)], run.Document.Browsers.CountBy(browser => browser.Node!).OrderBy(node => node.Key).Select(node => (node.Key, node.Value)));
        Assert.All(run.Document.Browsers, browser => Assert.Equal(BrowserOutcome.Complete, browser.Outcome));
        // One machine, one clock: what can be checked is exact.
        Assert.All(run.Document.Browsers, browser => Assert.Equal((ClockRelation.Shared, 0L, 0L), (browser.Clock.Relation, browser.Clock.OffsetNanos, browser.Clock.BoundNanos)));
        Assert.Equal("middle", Assert.Single(run.Document.Markers).Label);
        Assert.Equal("trace.tar", Assert.Single(run.Document.Merged).File);
        Assert.Empty(run.Document.MergeProblems);

        (await OrchestratorProcess.RunAsync(cluster.Workshop, "verify", "out")).Expecting(0);
        // What was fetched from the nodes is the session's now, and theirs no more.
        await cluster.StatusAsync(status => status.Nodes.All(node => node.Spools.Count == 0), "the spools were gone");
    }
}
