using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Orchestrator.Tracing.Clocks;

namespace Orchestrator.Tracing.Tests.Clocks;

/// <summary>A browser's clock that is known by its node's, and that one by the time line.</summary>
public sealed class TwoLevelsProperties
{
    private const long Second = 1_000_000_000;

    // Instants are whole nanoseconds, and the truth is rounded twice.
    private const long Rounding = 3;

    [Property(Arbitrary = [typeof(Clusters)], MaxTest = 500)]
    public bool The_truth_is_inside_the_bound_at_every_instant(Cluster cluster)
    {
        var clock = cluster.Related();
        return clock is { Relation: ClockRelation.Measured, Stretches.Count: 1, Findings.Count: 0 } && Instants(cluster).All(at => IsInside(clock, cluster, at));
    }

    [Property(Arbitrary = [typeof(Clusters)], MaxTest = 300)]
    public bool Further_markers_and_further_readings_leave_no_more_possible_than_before(Cluster cluster)
    {
        var whole = cluster.Related();
        var less = new[]
        {
            cluster with { Markers = [.. cluster.Markers.Take((cluster.Markers.Count + 1) / 2)] },
            cluster with { Readings = [.. cluster.Readings.Take((cluster.Readings.Count + 1) / 2)] },
        };
        return less.All(known => Instants(cluster).All(at =>
        {
            var (before, after) = (known.Related().PossibleAt(cluster.BrowserAt(at))!.Value, whole.PossibleAt(cluster.BrowserAt(at))!.Value);
            return after.LeastNanos >= before.LeastNanos - Rounding && after.MostNanos <= before.MostNanos + Rounding;
        }));
    }

    [Property(Arbitrary = [typeof(Clusters)], MaxTest = 300)]
    public bool Bounds_add_up_and_no_more(Cluster cluster)
    {
        var (browser, node, both) = (cluster.ToNode(), cluster.NodeToTimeline(), cluster.Related());
        return Instants(cluster).Select(cluster.BrowserAt).All(at =>
        {
            var (least, most) = browser.PossibleAt(at)!.Value;
            var there = Math.Max(node.BoundAt(least)!.Value, node.BoundAt(most)!.Value);
            // The node's rate stretches what is unknown of the browser's clock by a thousandth at most.
            return both.BoundAt(at) <= browser.BoundAt(at) * (1 + 2 * FeasibleRegion.MostRate) + there + Rounding && both.BoundAt(at) >= browser.BoundAt(at);
        });
    }

    [Property(Arbitrary = [typeof(Clusters)], MaxTest = 300)]
    public bool A_browser_that_reads_its_nodes_clock_is_known_exactly_as_well_as_the_node(Cluster cluster)
    {
        var (node, clock) = (cluster.NodeToTimeline(), RelatedClock.Shared.Then(cluster.NodeToTimeline()));
        return clock.Relation is ClockRelation.Measured
            && Instants(cluster).Select(cluster.Node.At).All(at => clock.ToTimeline(at) == node.ToTimeline(at) && clock.BoundAt(at) == node.BoundAt(at));
    }

    [Property(Arbitrary = [typeof(Clusters)], MaxTest = 100)]
    public bool On_the_time_lines_own_node_nothing_changes(Cluster cluster)
    {
        var browser = cluster.ToNode();
        return ReferenceEquals(browser, browser.Then(RelatedClock.Shared)) && RelatedClock.Shared.Then(RelatedClock.Shared).Relation is ClockRelation.Shared;
    }

    [Property(Arbitrary = [typeof(Clusters)], MaxTest = 300)]
    public bool A_node_that_steps_takes_its_browsers_along_and_the_truth_stays_inside(SteppedCluster stepped)
    {
        var clock = stepped.Cluster.Related();
        return clock is { Relation: ClockRelation.Measured, Stretches.Count: 2, Findings.Count: 1 }
            && stepped.Cluster.Readings.Zip(stepped.ReadAt).All(reading => IsInside(clock, stepped.Cluster, reading.Second))
            && Instants(stepped.Cluster).Where(at => at != stepped.Cluster.Node.StepAt).All(at => IsInside(clock, stepped.Cluster, at));
    }

    [Property(Arbitrary = [typeof(Clusters)], MaxTest = 300)]
    public bool The_worst_bound_is_the_widest_anywhere(SteppedCluster stepped)
    {
        var clock = stepped.Cluster.Related();
        var at = Instants(stepped.Cluster).Concat(Enumerable.Range(-200, 400).Select(i => stepped.Cluster.Node.StepAt!.Value + i * Second / 100)).Select(stepped.Cluster.BrowserAt).Order().ToList();
        var worst = clock.WorstBound(at[0], at[^1]);
        return at.All(instant => clock.BoundAt(instant) <= worst + Rounding);
    }

    [Property(Arbitrary = [typeof(Clusters)], MaxTest = 300)]
    public bool What_an_exchange_says_of_the_one_clock_it_says_of_the_other_too(Cluster cluster)
    {
        var reversed = ClockEstimation.Estimate([.. cluster.Readings.Select(reading => reading.Reversed())], sharedClock: null, 0);
        return reversed.Relation is ClockRelation.Measured && Instants(cluster).All(at =>
            reversed.BoundAt(at) is { } bound && Math.Abs(reversed.ToTimeline(at) - cluster.Node.At(at)) <= bound + Rounding);
    }

    private static bool IsInside(RelatedClock clock, Cluster cluster, long at)
    {
        var browser = cluster.BrowserAt(at);
        return clock.BoundAt(browser) is { } bound && Math.Abs(clock.ToTimeline(browser) - at) <= bound + Rounding;
    }

    /// <summary>On the time line: among the markers and readings, and well before and behind them.</summary>
    private static IEnumerable<long> Instants(Cluster cluster)
    {
        var told = cluster.Readings.Select(reading => reading.SentNanos).ToList();
        var (first, last) = (told.Min(), told.Max());
        for (var i = -4; i <= 14; i++) yield return first + (last - first) / 10 * i;
        yield return first - 60 * Second;
        yield return last + 60 * Second;
    }

    /// <summary>A node and a browser on it, with what was measured of either.</summary>
    /// <param name="Node">Against the time line.</param>
    /// <param name="Browser">Against the node's clock.</param>
    /// <param name="Readings">Of the node's clock.</param>
    /// <param name="Markers">Told on the node's clock.</param>
    public sealed record Cluster(SimulatedClock Node, SimulatedClock Browser, IReadOnlyList<ClockBracket> Readings, IReadOnlyList<ClockBracket> Markers)
    {
        public long BrowserAt(long timeline) => Browser.At(Node.At(timeline));

        public RelatedClock NodeToTimeline() => ClockEstimation.Estimate(Readings, sharedClock: null, guessedOffsetNanos: 0);

        public RelatedClock ToNode() => ClockEstimation.Estimate(Markers, sharedClock: null, guessedOffsetNanos: 0);

        public RelatedClock Related() => ToNode().Then(NodeToTimeline());

        public override string ToString() => $"node {Node}: {string.Join(" ", Readings)}; browser {Browser}: {string.Join(" ", Markers)}";
    }

    /// <param name="ReadAt">When the node's clock was truly read, on the time line.</param>
    public sealed record SteppedCluster(Cluster Cluster, IReadOnlyList<long> ReadAt);

    public static class Clusters
    {
        // Mostly a fraction of a millisecond, at times up to fifty: each way by itself, so that none is like the other.
        private static readonly Gen<long> Delay = Gen.Frequency(
            (6, Gen.Choose(20_000, 400_000).Select(nanos => (long)nanos)),
            (3, Gen.Choose(0, 3_000_000).Select(nanos => (long)nanos)),
            (1, Gen.Choose(0, 200).Select(nanos => nanos * 250_000L)));

        private static readonly Gen<double> Rate = Gen.OneOf(Gen.Constant(0.0), Gen.Choose(-200_000, 200_000).Select(ppb => ppb / 1e9));

        private static readonly Gen<long> Offset = Gen.OneOf(
            Gen.Constant(0L), Gen.Choose(-10_000_000, 10_000_000).Select(micros => micros * 1_000L + 317), Gen.Choose(-120, 120).Select(days => days * 86_400 * Second + 7));

        private static readonly Gen<SimulatedClock> Clock = from offset in Offset from rate in Rate select new SimulatedClock(offset, rate);

        public static Arbitrary<Cluster> Any() =>
            (from node in Clock
             from browser in Clock
             from pings in Exchanges(Gen.Choose(1, 30))
             from marks in Exchanges(Gen.Choose(1, 30))
             select new Cluster(node, browser,
                 [.. pings.Select(ping => new ClockBracket(node.At(ping.Read), ping.Sent, ping.Answered))],
                 [.. marks.Select(mark => Marker(node, browser, mark))])).ToArbitrary();

        public static Arbitrary<SteppedCluster> Stepping() =>
            (from node in Clock
             from browser in Clock
             from step in Gen.Choose(120, 5_000).Select(millis => millis * 1_000_000L)
             from before in Gen.Choose(3, 12)
             from after in Gen.Choose(3, 12)
             from pings in Exchanges(Gen.Constant(before + after))
             from marks in Exchanges(Gen.Choose(2, 30))
             select Step(node, browser, step, before, pings, marks)).ToArbitrary();

        private static SteppedCluster Step(SimulatedClock steady, SimulatedClock browser, long step, int before, List<Exchange> pings, List<Exchange> marks)
        {
            // Between two readings, and, as no message is on its way while a machine sleeps, between two markers.
            var at = pings[before].Sent - 1;
            var node = steady with { StepAt = at, Step = step };
            return new SteppedCluster(
                new Cluster(node, browser,
                    [.. pings.Select(ping => new ClockBracket(node.At(ping.Read), ping.Sent, ping.Answered))],
                    [.. marks.Where(mark => mark.Answered < at || mark.Sent > at).DefaultIfEmpty(marks[0] with { Sent = at + 1, Read = at + 2, Answered = at + 3 }).Select(mark => Marker(node, browser, mark))]),
                [.. pings.Select(ping => ping.Read)]);
        }

        private static ClockBracket Marker(SimulatedClock node, SimulatedClock browser, Exchange mark) =>
            browser.Marker(node.At(mark.Sent), node.At(mark.Read), node.At(mark.Answered));

        private static Gen<List<Exchange>> Exchanges(Gen<int> counts) =>
            from count in counts
            from gaps in Gen.Choose(1, 2_000).Select(millis => millis * 1_000_000L).ListOf(count)
            from there in Delay.ListOf(count)
            from back in Delay.ListOf(count)
            select InOrder(gaps, there, back);

        private static List<Exchange> InOrder(List<long> gaps, List<long> there, List<long> back)
        {
            var (exchanges, now) = (new List<Exchange>(), 100 * Second);
            for (var i = 0; i < gaps.Count; i++)
            {
                exchanges.Add(new Exchange(now, now + there[i], now + there[i] + back[i]));
                now += there[i] + back[i] + gaps[i];
            }

            return exchanges;
        }

        private sealed record Exchange(long Sent, long Read, long Answered);
    }
}
