using Orchestrator.Host.Planning;
using Orchestrator.TestKit.Browsers;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.EndToEnd.Cluster;

/// <summary>A coordinator that sleeps until it has a successor, and wakes up and knows nothing of it.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class TwoCoordinatorsEndToEndTests
{
    private static readonly string[] s_names = ["a", "b", "c"];

    [ClusterFact]
    public async Task A_coordinator_that_was_replaced_while_it_slept_has_no_effect_when_it_wakes()
    {
        await using var browsers = await SimulatedBrowserServer.StartAsync([.. s_names.Select(_ => new SimulatedBrowser { KeepsRequests = true })]);
        await using var cluster = await ClusterProcesses.StartAsync(
            settings: "node-return = 60s", [.. s_names.Zip(browsers.Endpoints, (name, browser) => NodeSetup.Offering(name, browser))]);
        var sleeper = await cluster.CoordinatorAsync();
        var id = await cluster.OpenAsync(new RecordOptions { Attach = [.. browsers.Endpoints.Select(browser => browser.HttpUrl.OriginalString)], Duration = "20s" });
        var epoch = (await cluster.StatusAsync(status => status.OpenSessions.Any(open => open.Phase is SessionPhase.Window), "the window was open")).Epoch;

        await sleeper.FreezeAsync();
        await cluster.StatusAsync(status => status.Epoch == epoch + 1, "another node coordinated");
        await sleeper.ThawAsync();
        // It was put out of the cluster: its browser records to the planned end, then it joins anew and hands in what it has.
        var document = await cluster.EndedAsync(id);
        var status = await cluster.StatusAsync(sleeper, status => status.Epoch == epoch + 1 && status.Nodes.Count == 3, "it was one of three again");
        Assert.NotEqual(sleeper.Name, status.Coordinator);
        Assert.True(document.Outcome is SessionOutcome.Complete, $"{document.Outcome}: {document.Reason}\n{cluster.Said()}");
        Assert.Empty(document.MergeProblems);
        var events = await cluster.EventsAsync(id);
        Assert.Equal(1, events.Count(happened => happened.Manifest.StartsWith("session-ended", StringComparison.Ordinal)));
        Assert.Equal(3, events.Count(happened => happened.Manifest.StartsWith("browser-ended", StringComparison.Ordinal)));
        Assert.Equal(1, events.Count(happened => happened.Manifest.StartsWith("session-taken-over", StringComparison.Ordinal)));
        foreach (var browser in browsers.Endpoints.Select(endpoint => endpoint.Browser))
        {
            Assert.Single(browser.Requests, request => request.Method == "Tracing.start");
            Assert.Single(browser.Requests, request => request.Method == "Tracing.end");
        }
    }
}
