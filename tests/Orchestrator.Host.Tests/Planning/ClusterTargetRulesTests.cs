using Orchestrator.Actors.Hosting;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Planning;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Planning;

public class ClusterTargetRulesTests
{
    private static readonly NodeStatus[] Two = [FakeNode.Node("n1") with { Offers = ["http://127.0.0.1:9222", "ws://H:1/devtools/browser/x"] }, FakeNode.Node("n2") with { Offers = ["http://127.0.0.1:9222/"] }];

    [Fact]
    public void Launched_browsers_are_spread_by_the_coordinator() =>
        Assert.Equal([("b1", null, null), ("b2", null, null), ("b3", null, null)], Targets(new RecordOptions { Launch = "3" }, Two));

    [Fact]
    public void Per_node_each_node_gets_so_many() =>
        Assert.Equal([("b1", "n1", null), ("b2", "n1", null), ("b3", "n2", null), ("b4", "n2", null)], Targets(new RecordOptions { PerNode = "2" }, Two));

    [Fact]
    public void Nodes_that_cannot_launch_are_not_counted_among_those() => Assert.Equal(
        [("b1", "n1", null)],
        Targets(new RecordOptions { PerNode = "1" },
            [FakeNode.Node("n1"), FakeNode.Node("n2", capacity: 0), FakeNode.Node("n3") with { State = "leaving" }, FakeNode.Node("n4") with { Roles = ["coordinator"] }, FakeNode.Node("n5") with { Refused = "why" }]));

    [Fact]
    public void An_endpoint_is_recorded_on_each_node_that_offers_it_as_that_node_writes_it() => Assert.Equal(
        [("b1", "n1", "http://127.0.0.1:9222"), ("b2", "n2", "http://127.0.0.1:9222/"), ("b3", "n1", "ws://H:1/devtools/browser/x")],
        Targets(new RecordOptions { Attach = ["http://127.0.0.1:9222/", "ws://h:1/devtools/browser/x"] }, Two));

    [Fact]
    public void All_of_it_at_once() => Assert.Equal(
        [("b1", null, null), ("b2", "n1", null), ("b3", "n2", null), ("b4", "n1", "http://127.0.0.1:9222"), ("b5", "n2", "http://127.0.0.1:9222/")],
        Targets(new RecordOptions { Launch = "1", PerNode = "1", Attach = ["http://127.0.0.1:9222"] }, Two));

    private static readonly (RecordOptions Options, NodeStatus[] Nodes, string Error)[] Wrong =
    [
        (new RecordOptions { Launch = "9" }, Two, "--launch '9': the cluster has 8 free places: n1 has 4 of 4 free, n2 has 4 of 4 free; ask for fewer, or wait until other sessions have ended"),
        (new RecordOptions { Launch = "3", PerNode = "3" }, Two, "--launch '3': the cluster has 2 free places beside those of --per-node: n1 has 4 of 4 free, n2 has 4 of 4 free; ask for fewer, or wait until other sessions have ended"),
        (new RecordOptions { PerNode = "3" }, [FakeNode.Node("n1", recording: 2), FakeNode.Node("n2"), FakeNode.Node("n3", recording: 9)], "--per-node '3': not every node has so many free places: n1 has 2 of 4 free, n3 has 0 of 4 free; ask for fewer, or wait until other sessions have ended"),
        (new RecordOptions(), [], "--launch '2': no node of the cluster launches browsers now; there is no node"),
        (new RecordOptions { PerNode = "1" }, [FakeNode.Node("n1", capacity: 0), FakeNode.Node("n2") with { State = "unreachable" }, FakeNode.Node("n3") with { Refused = "protocol 2" }, FakeNode.Node("n4") with { Roles = [] }], "--per-node '1': no node of the cluster launches browsers now; n1 has a capacity of 0, n2 is unreachable, n3 is refused: protocol 2, n4 has not the role browsers"),
        (new RecordOptions { Attach = ["http://h:9"] }, Two, "--attach 'http://h:9': no node of the cluster offers it; there are http://127.0.0.1:9222 (n1), ws://H:1/devtools/browser/x (n1), http://127.0.0.1:9222/ (n2)"),
        (new RecordOptions { Attach = ["http://h:9"] }, [FakeNode.Node("n1")], "--attach 'http://h:9': no node of the cluster offers it, nor any other browser; start a node with --attach ENDPOINT to offer one"),
        (new RecordOptions { Launch = "0" }, Two, "--launch '0': no browser is left to record; launch at least one, or name one with --attach"),
        (new RecordOptions { ChromeArgs = ["--x"] }, Two, "--chrome-arg '--x': each node of a cluster launches browsers as its own settings say; leave it out"),
        (new RecordOptions { Require = "3" }, Two, "--require '3': more than this session has: 2; ask for at most as many"),
    ];

    [Fact]
    public void What_cannot_be_is_told_with_what_there_is() => Assert.All(Wrong, wrong =>
    {
        var (plan, errors) = Plan(wrong.Options, wrong.Nodes);
        Assert.Null(plan);
        Assert.Equal(wrong.Error, Assert.Single(errors.Lines));
    });

    [Fact]
    public void Before_the_nodes_are_known_only_what_is_wrong_in_any_cluster_is_told()
    {
        var errors = new UsageErrors();
        RecordPlanner.CheckForCluster(new RecordOptions { Launch = "900", Attach = ["http://nobody:1"], Require = "80%", Urls = ["http://page.test/"] }, new FakeMachine(), errors, out _);
        Assert.Empty(errors.Lines);
        RecordPlanner.CheckForCluster(new RecordOptions { Launch = "x", Attach = ["nowhere"], Require = "some", Urls = ["example.com"] }, new FakeMachine(), errors, out _);
        Assert.Equal(4, errors.Lines.Count);
    }

    [Theory]
    [InlineData("file:///home/svc/.pgpass")]
    [InlineData("FILE:///etc/passwd")]
    public void No_browser_of_a_cluster_shows_a_file_of_its_node(string url)
    {
        var errors = new UsageErrors();
        RecordPlanner.CheckForCluster(new RecordOptions { Urls = [url] }, new FakeMachine(), errors, out _);
        Assert.Contains("open no files", Assert.Single(errors.Lines));
    }

    private static IEnumerable<(string Name, string? Node, string? Endpoint)> Targets(RecordOptions options, NodeStatus[] nodes)
    {
        var (plan, errors) = Plan(options, nodes);
        Assert.Empty(errors.Lines);
        return plan!.Targets.Select(target => (target.Name, target.Node, target.Endpoint));
    }

    private static (SessionPlan? Plan, UsageErrors Errors) Plan(RecordOptions options, NodeStatus[] nodes)
    {
        var errors = new UsageErrors();
        return (RecordPlanner.PlanForCluster(options, "s", "/sessions/s", new FakeMachine(), new ClusterStatus("n1", 1, nodes, []), errors, out _), errors);
    }
}
