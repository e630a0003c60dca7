namespace Orchestrator.Tracing.Clocks;

/// <summary>
/// How one clock, a browser's or a node's, lies to another that is taken for the time line: an estimate at every instant, and a bound that
/// the truth does not leave.
/// </summary>
public sealed partial class RelatedClock
{
    private readonly IReadOnlyList<Certainty> _certainties;

    private RelatedClock(ClockRelation relation, IReadOnlyList<ClockStretch> stretches, IReadOnlyList<Certainty> certainties, IReadOnlyList<string> findings) =>
        (Relation, Stretches, _certainties, Findings) = (relation, stretches, certainties, findings);

    public ClockRelation Relation { get; }

    /// <summary>
    /// Stretches of the clock with one offset and rate each, in order, without gaps: the first reaches back, and
    /// the last ahead, without end. More than one where the clock stepped.
    /// </summary>
    public IReadOnlyList<ClockStretch> Stretches { get; }

    /// <summary>What was found out: why it is unaligned, when the clock stepped, that a check was contradicted. Whole sentences.</summary>
    public IReadOnlyList<string> Findings { get; }

    /// <summary>It is the time line's own clock.</summary>
    public static RelatedClock Shared { get; } = new(
        ClockRelation.Shared, [new ClockStretch(long.MaxValue, 0, 0, 0)], [], []);

    /// <param name="guessedOffsetNanos">Where to draw it for want of better; nothing is claimed of it.</param>
    public static RelatedClock Unaligned(long guessedOffsetNanos, IReadOnlyList<string> findings) =>
        new(ClockRelation.Unaligned, [new ClockStretch(long.MaxValue, 0, guessedOffsetNanos, 0)], [], findings);

    internal static RelatedClock Measured(
        IReadOnlyList<ClockStretch> stretches, IReadOnlyList<Certainty> certainties, IReadOnlyList<string> findings) =>
        new(ClockRelation.Measured, stretches, certainties, findings);

    /// <summary>The instant on the time line; of an unaligned clock a guess.</summary>
    public long ToTimeline(long clockNanos) => StretchAt(clockNanos).ToTimeline(clockNanos);

    /// <summary>What to add to an instant of the clock to get the time line's.</summary>
    public long OffsetAt(long clockNanos) => ToTimeline(clockNanos) - clockNanos;

    /// <summary>How much faster the time line runs than the clock there: 0.00005 is 50 ppm.</summary>
    public double RateAt(long clockNanos) => StretchAt(clockNanos).Rate;

    /// <summary>The true offset lies within ± this of <see cref="OffsetAt"/>; null when nothing is certain there.</summary>
    public long? BoundAt(long clockNanos)
    {
        if (PossibleAt(clockNanos) is not var (least, most)) return null;
        var estimate = ToTimeline(clockNanos);
        return Math.Max(most - estimate, estimate - least);
    }

    /// <summary>The earliest and the latest instant that the time line can have shown then; null when nothing is certain there.</summary>
    public (long LeastNanos, long MostNanos)? PossibleAt(long clockNanos)
    {
        if (Relation is ClockRelation.Shared) return (ToTimeline(clockNanos), ToTimeline(clockNanos));
        if (_certainties.FirstOrDefault(certainty => clockNanos < certainty.UntilNanos) is not { Ways.Count: > 0 } certain) return null;
        return (certain.Ways.Min(way => way.Least(clockNanos)), certain.Ways.Max(way => way.Most(clockNanos)));
    }

    /// <summary>The widest bound over a range of the clock; null when somewhere in it nothing is certain.</summary>
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

    /// <summary>The clock's instant that <see cref="ToTimeline"/> takes to this one; where a step left a gap or an overlap, one that is near.</summary>
    public long FromTimeline(long timelineNanos)
    {
        foreach (var stretch in Stretches)
        {
            var clock = stretch.FromTimeline(timelineNanos);
            if (clock < stretch.UntilNanos) return clock;
        }

        return Stretches[^1].FromTimeline(timelineNanos);
    }

    /// <summary>The same clock, told on a time line that reads so much more.</summary>
    public RelatedClock Shifted(long nanos) => nanos == 0 ? this : new(
        Relation,
        [.. Stretches.Select(stretch => stretch with { OffsetNanos = stretch.OffsetNanos + nanos })],
        [.. _certainties.Select(certainty => certainty with { Ways = [.. certainty.Ways.Select(way => way.Shifted(nanos))] })],
        Findings);

    /// <summary>The same clock, of which something more was found out.</summary>
    public RelatedClock And(IReadOnlyList<string> findings) =>
        findings.Count == 0 ? this : new(Relation, Stretches, _certainties, [.. Findings, .. findings]);

    /// <summary>The same clock, its findings told as those of somebody.</summary>
    internal RelatedClock ToldOf(string whose) =>
        Findings.Count == 0 ? this : new(Relation, Stretches, _certainties, [.. Findings.Select(finding => $"{whose}: {finding}")]);

    private ClockStretch StretchAt(long clockNanos)
    {
        var at = 0;
        while (at < Stretches.Count - 1 && clockNanos >= Stretches[at].UntilNanos) at++;
        return Stretches[at];
    }

    /// <summary>In which ways the clock may lie to the time line, up to an instant of the clock, exclusive; none where anything is possible.</summary>
    internal sealed record Certainty(long UntilNanos, IReadOnlyList<Way> Ways)
    {
        public Certainty(long untilNanos, IReadOnlyList<FeasibleRegion> regions) : this(untilNanos, [.. regions.Select(region => new Way([region]))])
        {
        }
    }

    /// <summary>From the clock to the time line, over one region for each clock on the way.</summary>
    internal sealed record Way(IReadOnlyList<FeasibleRegion> Regions)
    {
        // Clocks differ in rate by a thousandth at most, so that a later instant of one is a later instant of the next: the ends of what
        // is possible on one lead to the ends on the next.
        public long Least(long clockNanos) => Regions.Aggregate(clockNanos, (at, region) => at + region.OffsetsAt(at).LeastNanos);

        public long Most(long clockNanos) => Regions.Aggregate(clockNanos, (at, region) => at + region.OffsetsAt(at).MostNanos);

        public Way Shifted(long nanos) => new([.. Regions.SkipLast(1), Regions[^1].Shifted(nanos)]);

        public Way Then(Way next) => new([.. Regions, .. next.Regions]);
    }
}

/// <summary>A stretch of a clock in which it ran at one rate: <c>time line = clock + offset + rate * (clock - mid)</c>.</summary>
/// <param name="UntilNanos">Where it ends, on the clock, exclusive; it begins where the one before ends.</param>
/// <param name="MidNanos">Where on the clock the offset is told.</param>
/// <param name="OffsetNanos">Time line minus clock, at <paramref name="MidNanos"/>.</param>
/// <param name="Rate">By how much faster the time line runs: 0.00005 is 50 ppm.</param>
public sealed record ClockStretch(long UntilNanos, long MidNanos, long OffsetNanos, double Rate)
{
    public long ToTimeline(long clockNanos) =>
        Rate == 0 ? clockNanos + OffsetNanos : clockNanos + OffsetNanos + (long)Math.Round(Rate * (clockNanos - MidNanos));

    public long FromTimeline(long timelineNanos)
    {
        var sinceMid = timelineNanos - MidNanos - OffsetNanos;
        return MidNanos + sinceMid - (long)Math.Round(sinceMid * (Rate / (1 + Rate)));
    }
}
