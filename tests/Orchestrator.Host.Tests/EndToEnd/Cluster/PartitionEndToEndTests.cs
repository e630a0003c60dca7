using Orchestrator.Actors.Hosting;
using Orchestrator.Host.Planning;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.EndToEnd.Cluster;

/// <summary>A host that nobody reaches, and that reaches nobody, neither the other nodes nor the journal.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class PartitionEndToEndTests
{
    private static readonly (string Host, long AheadSeconds)[] s_hosts = [("a", 1_000), ("b", 5_000), ("c", 250_000)];

    /// <param name="isCoordinator">Whether the host that is cut off has the coordinator.</param>
    [HostsTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_host_that_was_cut_off_hands_in_what_it_recorded_meanwhile(bool isCoordinator)
    {
        await using var hosts = await ClusterOfHosts.StartAsync(settings: "node-return = 100s", s_hosts, "--capacity", "1");
        var cluster = hosts.Nodes;
        var epoch = (await cluster.AllUpAsync()).Epoch;
        var coordinator = await cluster.CoordinatorAsync();
        var cut = isCoordinator ? coordinator : cluster.Nodes.First(node => node != coordinator);
        var id = await cluster.OpenAsync(new RecordOptions { Launch = "3", Duration = "20s" });
        await cluster.PhaseAsync(id, SessionPhase.Window);

        hosts.Cut(cut);
        await cluster.StatusAsync(status => status.Coordinator != cut.Name && status.Nodes.All(node => node.Name != cut.Name), "the host was given up");
        hosts.Heal(cut);

        var document = await cluster.EndedAsync(id);
        Assert.All(document.Browsers, browser => Assert.Equal(BrowserOutcome.Complete, browser.Outcome));
        Assert.Equal(SessionOutcome.Complete, document.Outcome);
        Assert.Empty(document.MergeProblems);
        Assert.NotEqual(cut.Name, document.MergedOn);
        var status = await cluster.AllUpAsync();
        Assert.Equal(isCoordinator ? epoch + 1 : epoch, status.Epoch);
        await cluster.StatusAsync(now => now.Nodes.All(node => node.Spools.Count == 0), "the spools were gone");
    }

    [HostsFact]
    public async Task A_host_that_stays_cut_off_is_lost_by_name_and_the_session_ends_without_it()
    {
        await using var hosts = await ClusterOfHosts.StartAsync(settings: "node-return = 3s", s_hosts, "--capacity", "1");
        var cluster = hosts.Nodes;
        var coordinator = await cluster.CoordinatorAsync();
        var cut = cluster.Nodes.First(node => node != coordinator);
        var id = await cluster.OpenAsync(new RecordOptions { Launch = "3", Duration = "10s", Require = "1" });
        await cluster.PhaseAsync(id, SessionPhase.Window);

        hosts.Cut(cut);
        var document = await cluster.EndedAsync(id);
        Assert.Equal(SessionOutcome.Partial, document.Outcome);
        var lost = Assert.Single(document.Browsers, browser => browser.Outcome is not BrowserOutcome.Complete);
        Assert.Equal((BrowserOutcome.NodeLost, cut.Name), (lost.Outcome, lost.Node));
        Assert.Contains("its node is gone", lost.Reason);
        Assert.Single(document.Merged);

        // What is over stays over: the host comes back, and takes part again.
        hosts.Heal(cut);
        await cluster.StatusAsync(status => status.Nodes.Any(node => node.Name == cut.Name && node.State == NodeStatus.Up), "the host was back");
        Assert.Equal(SessionOutcome.Partial, (await cluster.ReadAsync(id))!.Outcome);
    }
}
