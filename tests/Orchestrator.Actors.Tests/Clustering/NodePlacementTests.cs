using Orchestrator.Actors.Clustering;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Clustering;

public sealed class NodePlacementTests
{
    [Fact]
    public void Launched_browsers_are_spread_evenly_and_neighbours_stay_together() =>
        Assert.Equal(["a", "a", "b", "b", "c", "c"], Placed(Launched(6), ("c", 2), ("a", 2), ("b", 2)));

    [Fact]
    public void Nodes_with_more_room_get_more() =>
        Assert.Equal(["a", "a", "a", "b"], Placed(Launched(4), ("a", 5), ("b", 2)));

    [Fact]
    public void A_target_that_names_its_node_goes_there_and_takes_a_place() =>
        Assert.Equal(["b", "a", "a"], Placed([Target(1) with { Node = "b" }, Target(2), Target(3)], ("a", 2), ("b", 1)));

    [Fact]
    public void An_attached_browser_takes_no_place_of_those_that_are_launched() =>
        Assert.Equal(["a", "a"], Placed([Target(1) with { Node = "a", Endpoint = "http://127.0.0.1:9222" }, Target(2)], ("a", 1)));

    [Fact]
    public void The_order_and_all_else_of_the_targets_stays()
    {
        var placed = NodePlacement.Place([Target(2) with { Url = "http://a/" }, Target(1)], Free(("n", 2)), out _)!;
        Assert.Equal([Target(2) with { Url = "http://a/", Node = "n" }, Target(1) with { Node = "n" }], placed);
    }

    [Theory]
    [InlineData(3, "3 browsers are to be launched, and 2 can be: a has 1 free, b has 1 free")]
    [InlineData(4, "4 browsers are to be launched, and 2 can be: a has 1 free, b has 1 free")]
    public void More_browsers_than_places_are_refused_with_the_places_of_each_node(int browsers, string told)
    {
        Assert.Null(NodePlacement.Place(Launched(browsers), Free(("b", 1), ("a", 1)), out var problem));
        Assert.Equal(told, problem);
    }

    [Fact]
    public void A_node_that_is_named_and_full_is_no_place()
    {
        Assert.Null(NodePlacement.Place([Target(1) with { Node = "a" }, Target(2) with { Node = "a" }], Free(("a", 1), ("b", 9)), out var problem));
        Assert.Contains("a has 1 free", problem);
    }

    [Fact]
    public void A_node_that_is_not_there_is_named()
    {
        Assert.Null(NodePlacement.Place([Target(1) with { Node = "x" }], Free(("b", 1), ("a", 1)), out var problem));
        Assert.Equal("there is no node x; there are: a, b", problem);
    }

    [Fact]
    public void Without_nodes_nothing_can_be_launched()
    {
        Assert.Null(NodePlacement.Place(Launched(1), Free(), out var problem));
        Assert.NotNull(problem);
    }

    private static BrowserTarget Target(int number) => new() { Name = $"b{number}" };

    private static IReadOnlyList<BrowserTarget> Launched(int count) => [.. Enumerable.Range(1, count).Select(Target)];

    private static Dictionary<string, int> Free(params (string Node, int Places)[] nodes) => nodes.ToDictionary(node => node.Node, node => node.Places);

    private static IEnumerable<string?> Placed(IReadOnlyList<BrowserTarget> targets, params (string Node, int Places)[] nodes)
    {
        var placed = NodePlacement.Place(targets, Free(nodes), out var problem);
        Assert.Null(problem);
        return placed!.Select(target => target.Node);
    }
}
