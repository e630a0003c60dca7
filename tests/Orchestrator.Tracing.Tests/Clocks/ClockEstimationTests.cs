using Orchestrator.Tracing.Clocks;

namespace Orchestrator.Tracing.Tests.Clocks;

public sealed class ClockEstimationTests
{
    private const long Millisecond = 1_000_000;

    [Fact]
    public void Without_markers_nothing_is_claimed_and_the_guess_is_drawn()
    {
        var clock = ClockEstimation.Estimate([], "the same process", guessedOffsetNanos: 42);
        Assert.Equal(ClockRelation.Unaligned, clock.Relation);
        Assert.Null(clock.BoundAt(0));
        Assert.Null(clock.WorstBound(0, 1000));
        Assert.Equal(142, clock.ToTimeline(100));
        Assert.Single(clock.Findings);
    }

    [Fact]
    public void A_checked_clock_that_no_marker_speaks_against_is_shared_and_exact()
    {
        var clock = ClockEstimation.Estimate([Bracket(5_000_000), Bracket(900_000_000_000)], "the same boot and namespace", 7);
        Assert.Equal(ClockRelation.Shared, clock.Relation);
        Assert.Equal((0, 0), (clock.OffsetAt(123), clock.BoundAt(123)));
        Assert.Empty(clock.Findings);
    }

    [Fact]
    public void The_cut_off_microsecond_of_a_marker_does_not_speak_against_a_shared_clock()
    {
        // Written 300 ns after the command was sent, and told as 700 ns before it.
        var clock = ClockEstimation.Estimate([new ClockBracket(1_000_000, 1_000_700, 1_200_000)], "the same boot and namespace", 0);
        Assert.Equal(ClockRelation.Shared, clock.Relation);
    }

    [Fact]
    public void A_marker_that_contradicts_the_check_wins()
    {
        var offset = 5_000 * Millisecond;
        var clock = ClockEstimation.Estimate([Bracket(0, offset), Bracket(1000 * Millisecond, offset)], "the same boot and namespace", 0);
        Assert.Equal(ClockRelation.Measured, clock.Relation);
        Assert.InRange(clock.OffsetAt(500 * Millisecond), -offset - Millisecond, -offset + Millisecond);
        Assert.Contains("the same boot and namespace", Assert.Single(clock.Findings));
    }

    [Fact]
    public void One_marker_bounds_its_own_instant_by_half_its_width_and_far_ones_by_what_clocks_may_differ()
    {
        var clock = ClockEstimation.Estimate([new ClockBracket(0, 0, 400_000)], null, 0);
        // Half of 400 µs, half a microsecond of resolution, roundings.
        Assert.InRange(clock.BoundAt(0)!.Value, 200_000, 201_000);
        // A thousand seconds away, at a thousand millionths: a second.
        Assert.InRange(clock.BoundAt(1_000_000 * Millisecond)!.Value, 1_000 * Millisecond, 1_001 * Millisecond);
    }

    [Fact]
    public void The_worst_bound_is_the_widest_within_the_range()
    {
        var clock = ClockEstimation.Estimate([Bracket(0), Bracket(1_000 * Millisecond)], null, 0);
        var samples = Enumerable.Range(-10, 31).Select(i => i * 100 * Millisecond).ToList();
        Assert.Equal(samples.Max(at => clock.BoundAt(at)), clock.WorstBound(samples[0], samples[^1]));
    }

    [Fact]
    public void Between_markers_that_a_step_parts_the_bound_spans_both_sides()
    {
        // There and back again around one marker: two changes, and nobody knows when.
        var brackets = Enumerable.Range(0, 11).Select(i => Bracket(i * 1_000 * Millisecond + (i == 5 ? 300 * Millisecond : 0), i == 5 ? 300 * Millisecond : 0)).ToList();
        var clock = ClockEstimation.Estimate(brackets, null, 0);
        Assert.Equal(ClockRelation.Measured, clock.Relation);
        Assert.Equal(2, clock.Findings.Count);
        Assert.InRange(clock.BoundAt(3_000 * Millisecond)!.Value, 0, Millisecond);
        Assert.InRange(clock.BoundAt(7_000 * Millisecond)!.Value, 0, Millisecond);
        Assert.InRange(clock.WorstBound(3_000 * Millisecond, 7_000 * Millisecond)!.Value, 299 * Millisecond, 302 * Millisecond);
    }

    [Fact]
    public void Markers_that_agree_wholly_show_no_drift_at_all()
    {
        // Constant ways there and back: what rounding leaves of the rate is none.
        var clock = ClockEstimation.Estimate(
            [.. Enumerable.Range(0, 5000).Select(i => 5_000_000_000_000 + i * 328_444_300L).Select(at => new ClockBracket(at, at - 160_076, at + 99_209))], null, 0);
        Assert.Equal(0, Assert.Single(clock.Stretches).Rate);
        Assert.InRange(clock.BoundAt(5_500_000_000_000)!.Value, 129_000, 132_000);
    }

    [Fact]
    public void A_clock_told_on_a_later_time_line_is_the_same_clock()
    {
        var clock = ClockEstimation.Estimate([Bracket(0), Bracket(1_000 * Millisecond, 3 * Millisecond)], null, 0);
        var shifted = clock.Shifted(77);
        Assert.Equal(clock.ToTimeline(500) + 77, shifted.ToTimeline(500));
        Assert.Equal(clock.BoundAt(500), shifted.BoundAt(500));
    }

    /// <summary>Sent and answered a tenth of a millisecond around the marker; the browser's clock is ahead by <paramref name="offset"/>.</summary>
    private static ClockBracket Bracket(long browser, long offset = 0) => new(browser, browser - offset - Millisecond / 10, browser - offset + Millisecond / 10);
}
