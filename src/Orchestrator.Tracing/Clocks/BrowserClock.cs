namespace Orchestrator.Tracing.Clocks;

/// <summary>How one browser's clock lies to the time line: an estimate at every instant, and a bound that the truth does not leave.</summary>
public sealed class BrowserClock
{
    private readonly IReadOnlyList<Certainty> _certainties;

    private BrowserClock(ClockRelation relation, IReadOnlyList<ClockStretch> stretches, IReadOnlyList<Certainty> certainties, IReadOnlyList<string> findings) =>
        (Relation, Stretches, _certainties, Findings) = (relation, stretches, certainties, findings);

    public ClockRelation Relation { get; }

    /// <summary>
    /// Stretches of the browser's clock with one offset and rate each, in order, without gaps: the first reaches back, and
    /// the last ahead, without end. More than one where the clock stepped.
    /// </summary>
    public IReadOnlyList<ClockStretch> Stretches { get; }

    /// <summary>What was found out: why it is unaligned, when the clock stepped, that a check was contradicted. Whole sentences.</summary>
    public IReadOnlyList<string> Findings { get; }

    /// <summary>It is the time line's own clock.</summary>
    public static BrowserClock Shared { get; } = new(
        ClockRelation.Shared, [new ClockStretch(long.MaxValue, 0, 0, 0)], [new Certainty(long.MaxValue, [])], []);

    /// <param name="guessedOffsetNanos">Where to draw it for want of better; nothing is claimed of it.</param>
    public static BrowserClock Unaligned(long guessedOffsetNanos, IReadOnlyList<string> findings) =>
        new(ClockRelation.Unaligned, [new ClockStretch(long.MaxValue, 0, guessedOffsetNanos, 0)], [], findings);

    internal static BrowserClock Measured(
        IReadOnlyList<ClockStretch> stretches, IReadOnlyList<Certainty> certainties, IReadOnlyList<string> findings) =>
        new(ClockRelation.Measured, stretches, certainties, findings);

    /// <summary>The instant on the time line; of an unaligned browser a guess.</summary>
    public long ToTimeline(long browserNanos) => StretchAt(browserNanos).ToTimeline(browserNanos);

    /// <summary>What to add to an instant of the browser to get the time line's.</summary>
    public long OffsetAt(long browserNanos) => ToTimeline(browserNanos) - browserNanos;

    /// <summary>How much faster the time line runs than the browser's clock there: 0.00005 is 50 ppm.</summary>
    public double RateAt(long browserNanos) => StretchAt(browserNanos).Rate;

    /// <summary>The true offset lies within ± this of <see cref="OffsetAt"/>; null when nothing is certain there.</summary>
    public long? BoundAt(long browserNanos)
    {
        if (Relation is ClockRelation.Shared) return 0;
        if (_certainties.FirstOrDefault(certainty => browserNanos < certainty.UntilNanos) is not { Regions.Count: > 0 } certain) return null;
        var estimate = OffsetAt(browserNanos);
        return certain.Regions.Select(region => region.OffsetsAt(browserNanos)).Max(possible => Math.Max(possible.MostNanos - estimate, estimate - possible.LeastNanos));
    }

    /// <summary>The widest bound over a range of the browser's clock; null when somewhere in it nothing is certain.</summary>
    public long? WorstBound(long fromNanos, long untilNanos)
    {
        // Between two edges the possible offsets bulge outward from the estimate's straight line: the worst is at an edge.
        var edges = Stretches.Select(stretch => stretch.UntilNanos).Concat(_certainties.Select(certainty => certainty.UntilNanos))
            .SelectMany(until => new[] { until - 1, until })
            .Where(edge => edge > fromNanos && edge < untilNanos);
        long worst = 0;
        foreach (var edge in edges.Append(fromNanos).Append(untilNanos))
        {
            if (BoundAt(edge) is not { } bound) return null;
            worst = Math.Max(worst, bound);
        }

        return worst;
    }

    /// <summary>The browser's instant that <see cref="ToTimeline"/> takes to this one; where a step left a gap or an overlap, one that is near.</summary>
    public long ToBrowser(long timelineNanos)
    {
        foreach (var stretch in Stretches)
        {
            var browser = stretch.ToBrowser(timelineNanos);
            if (browser < stretch.UntilNanos) return browser;
        }

        return Stretches[^1].ToBrowser(timelineNanos);
    }

    /// <summary>The same clock, told on a time line that reads so much more.</summary>
    public BrowserClock Shifted(long nanos) => nanos == 0 ? this : new(
        Relation,
        [.. Stretches.Select(stretch => stretch with { OffsetNanos = stretch.OffsetNanos + nanos })],
        [.. _certainties.Select(certainty => certainty with { Regions = [.. certainty.Regions.Select(region => region.Shifted(nanos))] })],
        Findings);

    /// <summary>The same clock, of which something more was found out.</summary>
    public BrowserClock And(IReadOnlyList<string> findings) =>
        findings.Count == 0 ? this : new(Relation, Stretches, _certainties, [.. Findings, .. findings]);

    private ClockStretch StretchAt(long browserNanos)
    {
        var at = 0;
        while (at < Stretches.Count - 1 && browserNanos >= Stretches[at].UntilNanos) at++;
        return Stretches[at];
    }

    /// <summary>Which regions the truth may be in, up to an instant of the browser's clock, exclusive; none where anything is possible.</summary>
    internal sealed record Certainty(long UntilNanos, IReadOnlyList<FeasibleRegion> Regions);
}

/// <summary>A stretch of a browser's clock in which it ran at one rate: <c>time line = browser + offset + rate * (browser - mid)</c>.</summary>
/// <param name="UntilNanos">Where it ends, on the browser's clock, exclusive; it begins where the one before ends.</param>
/// <param name="MidNanos">Where on the browser's clock the offset is told.</param>
/// <param name="OffsetNanos">Time line minus browser clock, at <paramref name="MidNanos"/>.</param>
/// <param name="Rate">By how much faster the time line runs: 0.00005 is 50 ppm.</param>
public sealed record ClockStretch(long UntilNanos, long MidNanos, long OffsetNanos, double Rate)
{
    public long ToTimeline(long browserNanos) =>
        Rate == 0 ? browserNanos + OffsetNanos : browserNanos + OffsetNanos + (long)Math.Round(Rate * (browserNanos - MidNanos));

    public long ToBrowser(long timelineNanos)
    {
        var sinceMid = timelineNanos - MidNanos - OffsetNanos;
        return MidNanos + sinceMid - (long)Math.Round(sinceMid * (Rate / (1 + Rate)));
    }
}
