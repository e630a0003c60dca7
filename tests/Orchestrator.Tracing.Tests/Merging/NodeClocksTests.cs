using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Merging;

public sealed class NodeClocksTests
{
    private const long Second = RecordedCluster.Second;
    private const long Middle = (RecordedCluster.Opened + RecordedCluster.Closed) / 2;

    [Fact]
    public void The_time_lines_own_clock_is_shared_and_so_is_another_node_of_its_boot()
    {
        var cluster = new RecordedCluster().Node("n1", domain: "boot/time").Node("n2", domain: "boot/time", wallClockMillis: 3).With("b1", "n1").With("b2", "n2");
        var clocks = new NodeClocks(cluster.InMemory());
        Assert.Same(RelatedClock.Shared, clocks.Of(cluster.ClockOf("n1")));
        Assert.Same(RelatedClock.Shared, clocks.Of(cluster.ClockOf("n2")));
        Assert.Equal(["n1", "n2"], clocks.All.Select(node => node.Name));
        Assert.Empty(clocks.Problems);
    }

    [Fact]
    public void Clocks_of_which_no_domain_is_known_are_the_same_only_when_they_are_told_alike_in_everything()
    {
        var cluster = new RecordedCluster().Node("n1").Node("n2").With("b1", "n1").With("b2", "n2");
        var clocks = new NodeClocks(cluster.InMemory());
        Assert.Same(RelatedClock.Shared, clocks.Of(cluster.ClockOf("n1") with { }));
        Assert.Equal(ClockRelation.Unaligned, clocks.Of(cluster.ClockOf("n2")).Relation);
    }

    [Fact]
    public void A_node_that_was_read_is_measured()
    {
        var cluster = new RecordedCluster().Node("n1").Node("n2", offset: 70 * Second, rate: 0.0001).Read("n2", by: "n1").With("b1", "n2");
        AssertKnown(cluster, "n2", 1_000_000);
    }

    [Fact]
    public void After_a_fail_over_a_node_is_known_by_way_of_the_next_coordinator()
    {
        // n3 came when n1, whose clock is the time line, was gone.
        var cluster = new RecordedCluster().Node("n1").Node("n2", 70 * Second, 0.0001).Node("n3", -5 * Second, -0.00015)
            .Read("n2", by: "n1", until: Middle).Read("n3", by: "n2", from: Middle).With("b1", "n3");
        AssertKnown(cluster, "n2", 1_000_000);
        AssertKnown(cluster, "n3", 2_000_000);
        Assert.True(Bound(cluster, "n3") > Bound(cluster, "n2"));
    }

    [Fact]
    public void A_first_coordinator_that_comes_back_is_read_itself_and_that_relates_the_others_to_its_clock()
    {
        // Nothing of the time before the fail-over is left: n2 reads the time line's own clock, and n3's.
        var cluster = new RecordedCluster().Node("n1").Node("n2", 70 * Second, 0.0001).Node("n3", -5 * Second, -0.00015)
            .Read("n1", by: "n2").Read("n3", by: "n2").With("b1", "n2").With("b2", "n3");
        AssertKnown(cluster, "n2", 1_000_000);
        AssertKnown(cluster, "n3", 2_000_000);
    }

    [Fact]
    public void Of_two_ways_the_one_that_leaves_the_narrower_bound_is_taken()
    {
        var direct = new RecordedCluster().Node("n1").Node("n2", 70 * Second, 0.0001).Node("n3", -5 * Second, -0.00015).Read("n2", by: "n1").Read("n3", by: "n2").With("b1", "n3");
        var before = Bound(direct, "n3");
        // One reading by the time line's own node, half a second wide.
        var asked = Middle - Second / 4;
        direct.Read("n3", by: "n1", new NodeClockBracket(asked, direct.TruthOf("n3").At(Middle), Middle + Second / 4));
        Assert.Equal(before, Bound(direct, "n3"));
        direct.Read("n3", by: "n1", count: 40);
        Assert.True(Bound(direct, "n3") < before);
    }

    [Fact]
    public void Clocks_that_were_read_in_a_circle_are_no_trap()
    {
        var cluster = new RecordedCluster().Node("n1").Node("n2", 70 * Second).Node("n3", -5 * Second).Node("n4", 9)
            .Read("n2", by: "n3").Read("n3", by: "n4").Read("n4", by: "n2").Read("n2", by: "n2").With("b1", "n2").With("b2", "n4");
        var clocks = new NodeClocks(cluster.InMemory());
        Assert.Equal(ClockRelation.Unaligned, clocks.Of(cluster.ClockOf("n2")).Relation);
        cluster.Read("n3", by: "n1");
        foreach (var node in new[] { "n2", "n3", "n4" }) AssertKnown(cluster, node, 3_000_000);
    }

    [Fact]
    public void A_node_of_which_nothing_tells_is_unaligned_and_drawn_by_its_wall_clock_and_the_finding_names_it_and_what_is_missing()
    {
        var cluster = new RecordedCluster().Node("n1").Node("n2", 70 * Second, wallClockMillis: 20).With("b1", "n2");
        var clocks = new NodeClocks(cluster.InMemory());
        var clock = clocks.Of(cluster.ClockOf("n2"));
        Assert.Equal(ClockRelation.Unaligned, clock.Relation);
        Assert.Null(clock.BoundAt(0));
        Assert.Equal(Middle + 20 * RecordedCluster.Millisecond, clock.ToTimeline(cluster.TruthOf("n2").At(Middle)));
        var problem = Assert.Single(clocks.Problems);
        Assert.Equal("nodes/n2.clock.json", problem.File);
        Assert.Equal("is missing: nothing tells how the clock of node n2 lies to the time line, which is node n1's clock", problem.Problem);
        Assert.Equal([$"{problem.File} {problem.Problem}."], clock.Findings);
    }

    [Fact]
    public void A_file_that_leads_nowhere_is_told_with_where_it_leads()
    {
        var cluster = new RecordedCluster().Node("n1").Node("n2", 70 * Second).Node("n3").Read("n2", by: "n3").With("b1", "n2");
        Assert.Contains("leads from the clock of node n2 to node n3's clock, and no other file leads on", Assert.Single(new NodeClocks(cluster.InMemory()).Problems).Problem);
    }

    [Fact]
    public void A_node_that_was_started_anew_on_another_boot_has_two_clocks_and_that_is_told()
    {
        var cluster = new RecordedCluster().Node("n1").Node("n2", 70 * Second).Read("n2", by: "n1").With("b1", "n2");
        var session = cluster.InMemory();
        var old = session.Browsers[0].Log! with { Timeline = cluster.ClockOf("n2") with { UtcAtZero = Told.At.AddDays(-3) } };
        session = session with { Browsers = [.. session.Browsers, new RecordedBrowser { Name = "b2", Log = old }] };
        Assert.Contains("is of another clock of node n2", Assert.Single(new NodeClocks(session).Problems).Problem);
    }

    [Fact]
    public void A_name_that_leads_out_of_the_folder_is_looked_for_nowhere()
    {
        var cluster = new RecordedCluster().Node("n1").Node("../n2", 70 * Second).With("b1", "../n2");
        var problem = Assert.Single(new NodeClocks(cluster.InMemory()).Problems);
        Assert.Equal("nodes", problem.File);
        Assert.Contains("'../n2'", problem.Problem);
    }

    [Fact]
    public void A_session_without_a_time_line_has_no_clocks()
    {
        var clocks = new NodeClocks(new RecordedSession { Folder = "/data", SessionId = "x", Browsers = [], Problems = [] });
        Assert.Empty(clocks.All);
        Assert.Empty(clocks.Problems);
    }

    [Property(Arbitrary = [typeof(FailOvers)], MaxTest = 100)]
    public bool Over_a_fail_over_the_truth_is_inside_every_bound(RecordedClusterOf3 of)
    {
        var clocks = new NodeClocks(of.Cluster.InMemory());
        return new[] { "n2", "n3" }.All(node =>
        {
            var clock = clocks.Of(of.Cluster.ClockOf(node));
            return clock.Relation is ClockRelation.Measured && Enumerable.Range(-6, 22).Select(i => RecordedCluster.Opened + i * Second).All(at =>
                clock.BoundAt(of.Cluster.TruthOf(node).At(at)) is { } bound && Math.Abs(clock.ToTimeline(of.Cluster.TruthOf(node).At(at)) - at) <= bound + 3);
        });
    }

    private static void AssertKnown(RecordedCluster cluster, string node, long mostBound)
    {
        var clock = new NodeClocks(cluster.InMemory()).Of(cluster.ClockOf(node));
        Assert.Equal(ClockRelation.Measured, clock.Relation);
        Assert.Empty(clock.Findings);
        foreach (var at in Enumerable.Range(0, 11).Select(i => RecordedCluster.Opened + i * Second))
        {
            var bound = clock.BoundAt(cluster.TruthOf(node).At(at))!.Value;
            Assert.InRange(clock.ToTimeline(cluster.TruthOf(node).At(at)) - at, -bound - 2, bound + 2);
        }

        Assert.InRange(clock.BoundAt(cluster.TruthOf(node).At(Middle))!.Value, 1, mostBound);
    }

    private static long Bound(RecordedCluster cluster, string node) =>
        new NodeClocks(cluster.InMemory()).Of(cluster.ClockOf(node)).WorstBound(cluster.TruthOf(node).At(RecordedCluster.Opened), cluster.TruthOf(node).At(RecordedCluster.Closed))!.Value;

    /// <summary>n1, whose clock is the time line, reads n2 and mostly n3 until it is gone; n2 reads n3, and mostly n1 when it is back.</summary>
    public sealed record RecordedClusterOf3(int Seed, string Story)
    {
        internal RecordedCluster Cluster { get; init; } = new();
    }

    public static class FailOvers
    {
        public static Arbitrary<RecordedClusterOf3> Any() =>
            (from seed in Gen.Choose(0, int.MaxValue - 1)
             from offset2 in Gen.Choose(-100_000, 100_000)
             from offset3 in Gen.Choose(-100_000, 100_000)
             from rate2 in Gen.Choose(-200_000, 200_000)
             from rate3 in Gen.Choose(-200_000, 200_000)
             from counts in Gen.Choose(1, 30).ListOf(3)
             from isOld in Gen.Elements(true, false)
             from isBack in Gen.Elements(true, false)
             select Story(seed, offset2, offset3, rate2 / 1e9, rate3 / 1e9, counts, isOld, isBack)).ToArbitrary();

        private static RecordedClusterOf3 Story(int seed, int offset2, int offset3, double rate2, double rate3, List<int> counts, bool isOld, bool isBack)
        {
            var cluster = new RecordedCluster(seed).Node("n1").Node("n2", offset2 * 1_000_003L, rate2).Node("n3", offset3 * 1_000_003L, rate3)
                .Read("n2", by: "n1", until: Middle, count: counts[0]).Read("n3", by: "n2", from: Middle, count: counts[1]).With("b1", "n3");
            if (isOld) cluster.Read("n3", by: "n1", until: Middle, count: counts[2]);
            if (isBack) cluster.Read("n1", by: "n2", from: Middle + Second, count: counts[2]);
            return new RecordedClusterOf3(seed, $"{offset2} {rate2} {offset3} {rate3} {string.Join(' ', counts)} {isOld} {isBack}") { Cluster = cluster };
        }
    }
}
