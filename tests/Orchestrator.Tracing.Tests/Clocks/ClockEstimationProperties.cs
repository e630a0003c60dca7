using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Orchestrator.Tracing.Clocks;

namespace Orchestrator.Tracing.Tests.Clocks;

public sealed class ClockEstimationProperties
{
    private const long Second = 1_000_000_000;

    [Property(Arbitrary = [typeof(Clocks)], MaxTest = 500)]
    public bool The_truth_is_inside_the_bound_at_every_instant(Probed probed)
    {
        var clock = ClockEstimation.Estimate(probed.Brackets, sharedClock: null, guessedOffsetNanos: 0);
        return clock.Relation is ClockRelation.Measured && clock.Stretches.Count == 1
            && Instants(probed).All(browser => IsInside(clock, probed.Clock, browser));
    }

    [Property(Arbitrary = [typeof(Clocks)], MaxTest = 300)]
    public bool The_estimate_is_never_further_off_than_half_of_what_is_possible_is_wide_and_twice_the_bound_is_enough(Probed probed)
    {
        var region = probed.Brackets.Skip(1).Aggregate(FeasibleRegion.Of(probed.Brackets[0]), (all, bracket) => all.With(bracket));
        var clock = ClockEstimation.Estimate(probed.Brackets, sharedClock: null, guessedOffsetNanos: 0);
        return Instants(probed).All(browser =>
        {
            var (least, most) = region.OffsetsAt(browser);
            var estimate = clock.OffsetAt(browser);
            return least - 1 <= estimate && estimate <= most + 1 && clock.BoundAt(browser) <= most - least + 2;
        });
    }

    [Property(Arbitrary = [typeof(Clocks)], MaxTest = 300)]
    public bool A_further_marker_leaves_no_more_possible_than_before(Probed probed)
    {
        var region = FeasibleRegion.Of(probed.Brackets[0]);
        foreach (var bracket in probed.Brackets.Skip(1))
        {
            var narrowed = region.With(bracket);
            foreach (var browser in Instants(probed))
            {
                var (before, after) = (region.OffsetsAt(browser), narrowed.OffsetsAt(browser));
                if (after.LeastNanos < before.LeastNanos - 1 || after.MostNanos > before.MostNanos + 1) return false;
            }

            region = narrowed;
        }

        return true;
    }

    [Property(Arbitrary = [typeof(Clocks)], MaxTest = 200)]
    public bool The_order_in_which_markers_come_and_ones_that_come_twice_change_nothing_that_matters(Probed probed, int seed)
    {
        var shuffled = probed.Brackets.Concat(probed.Brackets.Take(3)).ToArray();
        new System.Random(seed).Shuffle(shuffled);
        var clock = ClockEstimation.Estimate(probed.Brackets, null, 0);
        var again = ClockEstimation.Estimate(shuffled, null, 0);
        return Instants(probed).All(browser => Math.Abs(clock.OffsetAt(browser) - again.OffsetAt(browser)) <= 2
            && Math.Abs(clock.BoundAt(browser)!.Value - again.BoundAt(browser)!.Value) <= 2);
    }

    [Property(Arbitrary = [typeof(Clocks)], MaxTest = 300)]
    public bool A_step_wider_than_its_brackets_is_found_and_the_truth_stays_inside_the_bound(Stepped stepped)
    {
        var clock = ClockEstimation.Estimate(stepped.Brackets, null, 0);
        return clock.Relation is ClockRelation.Measured
            && clock.Stretches.Count == 2
            && clock.Findings.Count == 1
            && stepped.Written.All(written =>
            {
                var browser = stepped.Clock.At(written);
                return clock.BoundAt(browser) is { } bound && Math.Abs(clock.ToTimeline(browser) - written) <= bound;
            });
    }

    [Property(Arbitrary = [typeof(Clocks)], MaxTest = 300)]
    public bool To_the_time_line_and_back_is_where_one_was_and_the_order_of_events_is_kept(Probed probed)
    {
        var clock = ClockEstimation.Estimate(probed.Brackets, null, 0);
        return Instants(probed).All(browser =>
            Math.Abs(clock.FromTimeline(clock.ToTimeline(browser)) - browser) <= 1 && clock.ToTimeline(browser) <= clock.ToTimeline(browser + 1));
    }

    private static bool IsInside(RelatedClock clock, SimulatedClock truth, long browser) =>
        clock.BoundAt(browser) is { } bound && Math.Abs(clock.ToTimeline(browser) - truth.TimelineOf(browser)) <= bound + 1;

    /// <summary>On the browser's clock: within the markers, between them, and well before and behind them.</summary>
    private static IEnumerable<long> Instants(Probed probed)
    {
        var (first, last) = (probed.Brackets.Min(bracket => bracket.ClockNanos), probed.Brackets.Max(bracket => bracket.ClockNanos));
        for (var i = -4; i <= 14; i++) yield return first + (last - first) / 10 * i;
        yield return first - 60 * Second;
        yield return last + 60 * Second;
    }

    /// <summary>A clock, and brackets that a network made of it.</summary>
    public sealed record Probed(SimulatedClock Clock, IReadOnlyList<ClockBracket> Brackets)
    {
        public override string ToString() => $"{Clock}: {string.Join(" ", Brackets)}";
    }

    public sealed record Stepped(SimulatedClock Clock, IReadOnlyList<ClockBracket> Brackets, IReadOnlyList<long> Written)
    {
        public override string ToString() => $"{Clock}: {string.Join(" ", Brackets)}";
    }

    public static class Clocks
    {
        // Mostly a third of a millisecond, at times tens of them: what a busy machine's messages take.
        private static readonly Gen<long> Delay = Gen.Frequency(
            (6, Gen.Choose(20_000, 400_000).Select(nanos => (long)nanos)),
            (3, Gen.Choose(0, 3_000_000).Select(nanos => (long)nanos)),
            (1, Gen.Choose(1, 400).Select(nanos => nanos * 250_000L)));

        private static readonly Gen<double> Rate = Gen.OneOf(Gen.Constant(0.0), Gen.Choose(-500_000, 500_000).Select(ppb => ppb / 1e9));

        // From a browser that started with the node to one whose machine has been up for four months longer.
        private static readonly Gen<long> Offset = Gen.OneOf(
            Gen.Constant(0L), Gen.Choose(-10_000_000, 10_000_000).Select(micros => micros * 1_000L + 317), Gen.Choose(-120, 120).Select(days => days * 86_400 * Second + 7));

        public static Arbitrary<Probed> Probes() =>
            (from offset in Offset
             from rate in Rate
             from count in Gen.Choose(1, 40)
             from gaps in Gen.Choose(1, 2_000).Select(millis => millis * 1_000_000L).ListOf(count)
             from there in Delay.ListOf(count)
             from back in Delay.ListOf(count)
             select Probe(new SimulatedClock(offset, rate), gaps, there, back)).ToArbitrary();

        public static Arbitrary<Stepped> Steps() =>
            (from offset in Offset
             from rate in Rate
             from sign in Gen.Elements(-1, 1)
             from step in Gen.Choose(20, 5_000).Select(millis => millis * 1_000_000L)
             from before in Gen.Choose(3, 20)
             from after in Gen.Choose(3, 20)
             from there in Gen.Choose(20_000, 4_000_000).Select(nanos => (long)nanos).ListOf(before + after)
             from back in Gen.Choose(20_000, 4_000_000).Select(nanos => (long)nanos).ListOf(before + after)
             select Step(new SimulatedClock(offset, rate, before * Second - Second / 2, sign * step), there, back)).ToArbitrary();

        private static Probed Probe(SimulatedClock clock, List<long> gaps, List<long> there, List<long> back)
        {
            var (brackets, now) = (new List<ClockBracket>(), 100 * Second);
            for (var i = 0; i < gaps.Count; i++)
            {
                brackets.Add(clock.Marker(now, now + there[i], now + there[i] + back[i]));
                now += there[i] + back[i] + gaps[i];
            }

            return new Probed(clock, brackets);
        }

        private static Stepped Step(SimulatedClock clock, List<long> there, List<long> back)
        {
            // A clock that stands still for a while answers nothing meanwhile: what is sent after the step is sent after the stillness.
            long Sent(int i) => i * Second + (i * Second > clock.StepAt ? Math.Max(0, -clock.Step) : 0);
            var written = there.Select((delay, i) => Sent(i) + delay).ToList();
            return new Stepped(clock, [.. written.Select((at, i) => clock.Marker(Sent(i), at, at + back[i]))], written);
        }
    }
}
