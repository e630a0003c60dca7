using FsCheck.Xunit;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Merging;

public sealed class WallClockStepsTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void A_clock_that_does_not_drift_needs_one_step_at_the_first_event()
    {
        var steps = WallClockSteps.Of(Merged.Clock(0, 5 * Second, 0), Merged.Timeline, 100 * Second, 200 * Second);
        Assert.Equal([new ClockPair(100 * Second, Merged.Timeline.ToUnixNanos(105 * Second))], steps.Pairs);
    }

    [Theory]
    [InlineData(1e-19)]
    [InlineData(-1e-17)]
    [InlineData(1e-12)]
    public void A_drift_next_to_nothing_needs_no_more_steps_than_none(double rate) =>
        Assert.Single(WallClockSteps.Of(Merged.Clock(0, 5 * Second, rate), Merged.Timeline, 100 * Second, 200 * Second).Pairs);

    [Fact]
    public void A_trace_of_one_instant_has_a_step_for_it()
    {
        var steps = WallClockSteps.Of(Merged.Clock(0, 7, 0.001), Merged.Timeline, Second, Second);
        Assert.Equal(Second, Assert.Single(steps.Pairs).BrowserNanos);
    }

    [Property]
    public void No_event_is_off_by_more_than_half_a_step(short ppm, uint offsetMicros, ushort milliseconds, uint where)
    {
        var rate = ppm % 1000 * 1e-6;
        var (first, last) = (50 * Second, 50 * Second + milliseconds * 1_000_000L);
        var clock = Merged.Clock(50 * Second, offsetMicros * 1000L, rate);
        var steps = WallClockSteps.Of(clock, Merged.Timeline, first, last);

        var at = first + where % (last - first + 1);
        Assert.InRange(PlacedBy(steps, at) - Merged.Timeline.ToUnixNanos(clock.ToTimeline(at)), -502, 502);
        Assert.Equal(0, steps.HeldNanos);
        Assert.Equal(first, steps.Pairs[0].BrowserNanos);
        Assert.InRange(steps.Pairs.Count, 1, WallClockSteps.MostSteps + 2);
    }

    [Fact]
    public void An_hour_of_the_worst_drift_does_not_make_more_steps_than_there_may_be() =>
        Assert.InRange(WallClockSteps.Of(Merged.Clock(0, 0, -0.001), Merged.Timeline, 0, 3600 * Second).Pairs.Count, WallClockSteps.MostSteps / 2, WallClockSteps.MostSteps + 1);

    [Fact]
    public void Where_the_clock_was_set_back_the_wall_clock_leaps()
    {
        var clock = Merged.Clock(new ClockStretch(10 * Second, 0, 0, 0), new ClockStretch(long.MaxValue, 0, 3 * Second, 0));
        var steps = WallClockSteps.Of(clock, Merged.Timeline, 5 * Second, 20 * Second);
        Assert.Equal([5 * Second, 10 * Second], steps.Pairs.Select(pair => pair.BrowserNanos));
        Assert.Equal([5 * Second, 13 * Second], steps.Pairs.Select(pair => pair.UnixNanos - Merged.Timeline.ToUnixNanos(0)));
    }

    [Property]
    public void The_wall_clock_never_goes_back_and_is_right_again_behind_a_leap(ushort leapMicros, short ppm)
    {
        var (rate, leap) = (ppm % 1000 * 1e-6, leapMicros * 1000L);
        var clock = Merged.Clock(new ClockStretch(10 * Second, 10 * Second, 0, rate), new ClockStretch(long.MaxValue, 10 * Second, -leap, rate));
        var steps = WallClockSteps.Of(clock, Merged.Timeline, 9 * Second, 11 * Second);

        foreach (var (before, after) in steps.Pairs.Zip(steps.Pairs.Skip(1)))
            Assert.True(before.UnixNanos <= after.UnixNanos && before.BrowserNanos < after.BrowserNanos);
        Assert.InRange(steps.HeldNanos, 0, leap + 1000);
        var right = 10 * Second + steps.HeldNanos + 1000;
        Assert.InRange(PlacedBy(steps, right) - Merged.Timeline.ToUnixNanos(clock.ToTimeline(right)), -1002, 1002);
    }

    private static long PlacedBy(WallClockSteps steps, long browserNanos)
    {
        var pair = steps.Pairs.LastOrDefault(pair => pair.BrowserNanos <= browserNanos, steps.Pairs[0]);
        return pair.UnixNanos + browserNanos - pair.BrowserNanos;
    }
}
