using System.Globalization;

namespace Orchestrator.Tracing.Clocks;

/// <summary>
/// From a clock's brackets to how it lies to the time line. <see cref="FeasibleRegion"/> holds the model; here it is decided whether one region
/// explains all brackets, and what to make of it when none does.
/// </summary>
/// <remarks>
/// A clock that steps, a machine that is suspended, a rate that changes: no single offset and rate fits, and the region comes out
/// empty. Then the brackets are cut into as few runs as possible that each have a region. Filling up the runs from the front puts
/// each change as late as it can have been, filling them up from the back as early; a bracket between these two may belong
/// to either side and is used for neither. In the gap that they leave the bound spans both sides. This assumes that there were no more changes than
/// were needed to explain the brackets: a step that is smaller than the brackets around it are wide cannot be seen by anyone.
/// </remarks>
public static class ClockEstimation
{
    /// <param name="brackets">In any order.</param>
    /// <param name="sharedClock">How it was checked that it is the time line's own clock; null when it was not.</param>
    /// <param name="guessedOffsetNanos">What an unaligned clock is drawn with.</param>
    /// <param name="timeline">What findings call the clock that the brackets' other side is told on.</param>
    public static RelatedClock Estimate(
        IReadOnlyList<ClockBracket> brackets, string? sharedClock, long guessedOffsetNanos, string timeline = "the time line")
    {
        if (brackets.Count == 0) return RelatedClock.Unaligned(guessedOffsetNanos, [$"No marker says how its clock lies to {timeline}."]);
        var ordered = brackets.OrderBy(bracket => bracket.ClockNanos).ToList();
        if (sharedClock is null) return Measure(ordered, guessedOffsetNanos, timeline, []);
        if (ordered.TrueForAll(HoldsZero)) return RelatedClock.Shared;
        return Measure(ordered, guessedOffsetNanos, timeline, [$"Its clock was taken for {timeline} itself ({sharedClock}), but its markers say otherwise: it was measured instead."]);
    }

    private static bool HoldsZero(ClockBracket bracket) =>
        bracket.SentNanos - ClockBracket.ResolutionNanos <= bracket.ClockNanos && bracket.ClockNanos <= bracket.AnsweredNanos;

    private static RelatedClock Measure(List<ClockBracket> ordered, long guessedOffsetNanos, string timeline, IReadOnlyList<string> findings)
    {
        var latest = RunEnds(ordered, out var whole);
        // One region explains them all, whichever way they are looked at.
        if (latest.Count == 1 && !whole.IsEmpty) return Join([new Core(0, ordered[0].ClockNanos, ordered[^1].ClockNanos, whole)], findings);
        var reversed = RunEnds([.. ordered.AsEnumerable().Reverse()], out _);
        // From the back, the end of a run is the beginning of the one behind it.
        var earliest = reversed.Select(end => ordered.Count - 1 - end).Reverse().ToList();
        if (latest.Count != earliest.Count) return RelatedClock.Unaligned(guessedOffsetNanos, [.. findings, "The brackets of its clock contradict each other."]);

        var cores = new List<Core>();
        for (var run = 0; run < latest.Count; run++)
        {
            // The last bracket that is certainly before the change behind this run, the first that is certainly after the one before it.
            var first = run == 0 ? 0 : latest[run - 1] + 1;
            var last = run == latest.Count - 1 ? ordered.Count - 1 : earliest[run + 1] - 1;
            if (first <= last && RegionOf(ordered, first, last) is { IsEmpty: false } region)
                cores.Add(new Core(run, ordered[first].ClockNanos, ordered[last].ClockNanos, region));
        }

        if (cores.Count == 0) return RelatedClock.Unaligned(guessedOffsetNanos, [.. findings, "Its clock changed so often that no bracket says where it stood."]);
        return Join(cores, [.. findings, .. Steps(cores, timeline)]);
    }

    /// <summary>Cuts brackets into runs that each leave something possible, each as long as can be; tells each run's last index.</summary>
    /// <param name="region">What the last run leaves possible.</param>
    private static List<int> RunEnds(List<ClockBracket> brackets, out FeasibleRegion region)
    {
        var ends = new List<int>();
        region = FeasibleRegion.Of(brackets[0]);
        for (var i = 1; i < brackets.Count; i++)
        {
            var narrowed = region.With(brackets[i]);
            if (narrowed.IsEmpty)
            {
                ends.Add(i - 1);
                narrowed = FeasibleRegion.Of(brackets[i]);
            }

            region = narrowed;
        }

        ends.Add(brackets.Count - 1);
        return ends;
    }

    private static FeasibleRegion RegionOf(List<ClockBracket> brackets, int first, int last)
    {
        var region = FeasibleRegion.Of(brackets[first]);
        for (var i = first + 1; i <= last; i++) region = region.With(brackets[i]);
        return region;
    }

    private static RelatedClock Join(List<Core> cores, IReadOnlyList<string> findings)
    {
        var stretches = new List<ClockStretch>();
        var certainties = new List<RelatedClock.Certainty>();
        for (var i = 0; i < cores.Count; i++)
        {
            var core = cores[i];
            var mid = core.FirstNanos + (core.LastNanos - core.FirstNanos) / 2;
            var (offset, rate) = core.Region.Estimate(mid);
            if (i == cores.Count - 1)
            {
                stretches.Add(new ClockStretch(long.MaxValue, mid, offset, rate));
                certainties.Add(new RelatedClock.Certainty(long.MaxValue, [core.Region]));
                break;
            }

            var next = cores[i + 1];
            stretches.Add(new ClockStretch(core.LastNanos + (next.FirstNanos - core.LastNanos) / 2, mid, offset, rate));
            certainties.Add(new RelatedClock.Certainty(core.LastNanos + 1, [core.Region]));
            // A run without a core in between: there the clock stood somewhere that nobody knows.
            certainties.Add(new RelatedClock.Certainty(next.FirstNanos, next.Run == core.Run + 1 ? [core.Region, next.Region] : []));
        }

        return RelatedClock.Measured(stretches, certainties, findings);
    }

    private static IEnumerable<string> Steps(List<Core> cores, string timeline)
    {
        for (var i = 1; i < cores.Count; i++)
        {
            var (before, after) = (cores[i - 1], cores[i]);
            var at = before.LastNanos + (after.FirstNanos - before.LastNanos) / 2;
            var step = after.Region.Estimate(at).OffsetNanos - before.Region.Estimate(at).OffsetNanos;
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Its clock stepped against {timeline}, by about {step / 1000.0:+0.#;-0.#} µs, between {before.LastNanos / 1e9:0.000} s and {after.FirstNanos / 1e9:0.000} s of its own time: it was set, slewed, or one of the two machines slept.");
        }
    }

    /// <summary>The brackets that certainly belong to one run, and what they leave possible.</summary>
    private sealed record Core(int Run, long FirstNanos, long LastNanos, FeasibleRegion Region);
}
