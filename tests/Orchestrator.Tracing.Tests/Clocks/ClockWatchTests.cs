using Orchestrator.Tracing.Clocks;

namespace Orchestrator.Tracing.Tests.Clocks;

public sealed class ClockWatchTests
{
    private const long Millisecond = 1_000_000;
    private const long Second = 1_000 * Millisecond;

    [Fact]
    public void Of_a_clock_that_was_never_read_nothing_is_known()
    {
        Assert.False(new ClockWatch().TryEstimate(out var clock));
        Assert.Null(clock);
    }

    [Fact]
    public void A_few_readings_tell_the_same_as_they_do_offline_in_whichever_order_they_come()
    {
        var truth = new SimulatedClock(-7 * Second, 0.00005);
        var readings = Readings(truth, 100, seed: 1);
        var (ordered, shuffled) = (Watching(readings), Watching(readings.OrderBy(reading => reading.AnsweredNanos % 1013)));
        var offline = ClockEstimation.Estimate(readings, null, 0);
        foreach (var watch in new[] { ordered, shuffled })
        {
            Assert.Equal(readings, watch.Brackets);
            Assert.True(watch.TryEstimate(out var clock));
            Assert.Equal(offline.ToTimeline(50 * Second), clock.ToTimeline(50 * Second));
            Assert.Equal(offline.BoundAt(50 * Second), clock.BoundAt(50 * Second));
        }
    }

    [Fact]
    public void An_instant_of_the_reference_becomes_the_clocks_and_the_clocks_becomes_the_references()
    {
        var truth = new SimulatedClock(-7 * Second, 0.00005);
        Assert.True(Watching(Readings(truth, 100, seed: 2)).TryEstimate(out var clock));
        var bound = clock.BoundAt(truth.At(90 * Second))!.Value;
        Assert.InRange(clock.ToTimeline(truth.At(90 * Second)) - 90 * Second, -bound, bound);
        Assert.InRange(clock.FromTimeline(90 * Second) - truth.At(90 * Second), -bound - 1, bound + 1);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Of_very_many_readings_it_keeps_the_ends_and_the_narrow_ones_and_the_truth_stays_inside(int seed)
    {
        var truth = new SimulatedClock(3 * Second, -0.0002);
        var readings = Readings(truth, 20_000, seed);
        var watch = Watching(readings);

        var kept = watch.Brackets;
        Assert.Equal(ClockWatch.MostKept, kept.Count);
        Assert.Equal((readings[0], readings[^1]), (kept[0], kept[^1]));
        // One in forty is kept, and they are the narrower ones of their surroundings.
        Assert.True(Median(kept) < Median(readings) * 2 / 3);
        Assert.True(kept.Zip(kept.Skip(1)).Max(two => two.Second.ClockNanos - two.First.ClockNanos) < 20_000 * Second / 50);
        Assert.True(watch.TryEstimate(out var clock));
        foreach (var at in Enumerable.Range(0, 22).Select(i => i * 1000 * Second))
        {
            var bound = clock.BoundAt(truth.At(at))!.Value;
            Assert.InRange(clock.ToTimeline(truth.At(at)) - at, -bound - 2, bound + 2);
        }

        Assert.True(clock.WorstBound(truth.At(0), truth.At(20_000 * Second)) < Millisecond / 2);
    }

    [Fact]
    public void Readings_beyond_the_horizon_are_forgotten()
    {
        var watch = new ClockWatch(TimeSpan.FromSeconds(10));
        foreach (var reading in Readings(new SimulatedClock(0, 0), 100, seed: 5)) watch.Add(reading);
        Assert.InRange(watch.Brackets.Count, 9, 11);
        Assert.True(watch.Brackets[0].ClockNanos > 85 * Second);
    }

    [Fact]
    public void After_a_step_the_clock_is_known_where_it_stands_now()
    {
        var truth = new SimulatedClock(0, 0.00001, StepAt: 60 * Second - Millisecond, Step: 3 * Second);
        Assert.True(Watching(Readings(truth, 100, seed: 6)).TryEstimate(out var clock));
        var bound = clock.BoundAt(truth.At(100 * Second))!.Value;
        Assert.True(bound < Millisecond);
        Assert.InRange(clock.ToTimeline(truth.At(100 * Second)) - 100 * Second, -bound, bound);
    }

    [Fact]
    public void Readings_of_long_ago_that_contradict_each_other_say_nothing_against_those_of_now()
    {
        var watch = new ClockWatch();
        // Answered before they were asked for: nothing can be made of them, alone or with the others.
        for (var i = 0; i < 40; i++) watch.Add(new ClockBracket(i * Second, i * Second + 5 * Millisecond, i * Second));
        Assert.False(watch.TryEstimate(out _));
        for (var i = 40; i < 100; i++) watch.Add(new ClockBracket(i * Second, i * Second - Millisecond / 10, i * Second + Millisecond / 10));
        Assert.True(watch.TryEstimate(out var clock));
        Assert.InRange(clock.BoundAt(100 * Second)!.Value, 0, Millisecond);
    }

    private static ClockWatch Watching(IEnumerable<ClockBracket> readings)
    {
        var watch = new ClockWatch();
        foreach (var reading in readings) watch.Add(reading);
        return watch;
    }

    private static double Median(IReadOnlyList<ClockBracket> readings) => readings.Select(reading => reading.WidthNanos).Order().ElementAt(readings.Count / 2);

    /// <summary>One a second, each way a tenth of a millisecond to ten, mostly little.</summary>
    private static List<ClockBracket> Readings(SimulatedClock truth, int count, int seed)
    {
        var random = new Random(seed);
        long Way() => Millisecond / 10 + (long)(10 * Millisecond * Math.Pow(random.NextDouble(), 6));
        return [.. Enumerable.Range(0, count).Select(i => i * Second).Select(sent => (Sent: sent, Read: sent + Way())).Select(one => new ClockBracket(truth.At(one.Read), one.Sent, one.Read + Way()))];
    }
}
