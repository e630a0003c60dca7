using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;
using Xunit.Abstractions;

namespace Orchestrator.Host.Tests.EndToEnd.Cluster;

/// <summary>Three hosts, each with another monotonic clock, and between them a network whose two directions are not alike.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class HostsEndToEndTests(ITestOutputHelper output)
{
    private static readonly (string Host, long AheadSeconds)[] s_hosts = [("a", 1_000), ("b", 5_000), ("c", 250_000)];

    private static readonly TimeSpan s_jitter = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_there = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_back = TimeSpan.FromMilliseconds(15);

    [HostsFact]
    public async Task The_truth_is_inside_every_bound_and_no_bound_is_wider_than_half_a_round_trip()
    {
        await using var hosts = await ClusterOfHosts.StartAsync(settings: "", s_hosts, "--capacity", "2");
        // 20 ms either way, give or take 5; one way is always the longer one.
        foreach (var from in s_hosts)
        {
            foreach (var to in s_hosts.Where(to => to != from))
                hosts.Network.Delay(from.Host, to.Host, string.CompareOrdinal(from.Host, to.Host) < 0 ? s_there : s_back, s_jitter);
        }

        var run = (await hosts.Nodes.RunAsync("record", "--launch", "6", "--duration", "5s", "--mark", "middle@2500ms", "-o", "out", "--json")).Expecting(0);
        Assert.Equal(SessionOutcome.Complete, run.Document.Outcome);
        Assert.Equal("trace.tar", Assert.Single(run.Document.Merged).File);
        Assert.Equal(3, run.Document.Nodes.Count);

        var reference = AheadNanos(run.Document.Timeline.Node);
        foreach (var node in run.Document.Nodes) Holds(node.Name, node.Clock, reference - AheadNanos(node.Name));
        foreach (var browser in run.Document.Browsers)
        {
            Assert.Equal(BrowserOutcome.Complete, browser.Outcome);
            Holds($"{browser.Name} on {browser.Node}", browser.Clock, reference - AheadNanos(browser.Node!));
        }

        (await OrchestratorProcess.RunAsync(hosts.Nodes.Workshop, "verify", "out")).Expecting(0);
    }

    private static long AheadNanos(string host) => s_hosts.Single(one => one.Host == host).AheadSeconds * 1_000_000_000;

    private void Holds(string who, ClockFacts clock, long truthNanos)
    {
        Assert.NotEqual(ClockRelation.Unaligned, clock.Relation);
        var error = Math.Abs(clock.OffsetNanos!.Value - truthNanos);
        output.WriteLine($"{who}: {error / 1000} us off, known to within {clock.BoundNanos / 1000} us");
        Assert.True(error <= clock.BoundNanos, $"{who} is {error} ns off, with a bound of {clock.BoundNanos} ns");
        var halfRoundTrip = (s_there + s_back).TotalNanoseconds / 2;
        Assert.True(clock.BoundNanos <= halfRoundTrip, $"{who} has a bound of {clock.BoundNanos} ns; half a round trip is {halfRoundTrip} ns");
    }
}
