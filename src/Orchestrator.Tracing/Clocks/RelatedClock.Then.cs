namespace Orchestrator.Tracing.Clocks;

/// <summary>Two levels: a browser's clock that is related to its node's, and the node's to the time line.</summary>
public sealed partial class RelatedClock
{
    /// <summary>
    /// How this clock lies to the time line of <paramref name="next"/>, which tells how the clock that this one is related to lies there.
    /// Neither may have been shifted. What is possible is exactly what both leave: the bounds add up, and where one knows nothing, nothing is known.
    /// </summary>
    public RelatedClock Then(RelatedClock next)
    {
        if (next.Relation is ClockRelation.Shared) return And(next.Findings);
        IReadOnlyList<string> findings = [.. Findings, .. next.Findings];
        if (Relation is ClockRelation.Shared) return new RelatedClock(next.Relation, next.Stretches, next._certainties, findings);
        var isUnaligned = Relation is ClockRelation.Unaligned || next.Relation is ClockRelation.Unaligned;
        return new RelatedClock(
            isUnaligned ? ClockRelation.Unaligned : ClockRelation.Measured, StretchesThen(next), isUnaligned ? [] : CertaintiesThen(next), findings);
    }

    private List<ClockStretch> StretchesThen(RelatedClock next)
    {
        var stretches = new List<ClockStretch>();
        var from = long.MinValue;
        foreach (var first in Stretches)
        {
            foreach (var second in next.Stretches)
            {
                var until = second.UntilNanos == long.MaxValue ? first.UntilNanos : Math.Min(first.UntilNanos, first.FromTimeline(second.UntilNanos));
                if (until <= from) continue;
                var offset = second.ToTimeline(first.ToTimeline(first.MidNanos)) - first.MidNanos;
                stretches.Add(new ClockStretch(until, first.MidNanos, offset, (1 + first.Rate) * (1 + second.Rate) - 1));
                from = until;
            }
        }

        return stretches;
    }

    /// <summary>
    /// This clock's certainties, cut where the second clock may come into one of its own and where it has left it for sure: in between, when
    /// the second clock may be on either side of one of its edges, what is possible on either side is.
    /// </summary>
    private List<Certainty> CertaintiesThen(RelatedClock next)
    {
        var certainties = new List<Certainty>();
        var from = long.MinValue;
        foreach (var first in _certainties)
        {
            if (first.Ways.Count == 0)
            {
                certainties.Add(first);
                from = first.UntilNanos;
                continue;
            }

            var seconds = next._certainties.Select((second, place) => (
                second.Ways,
                Entered: place == 0 ? long.MinValue : Earliest(at => first.Ways.Max(way => way.Most(at)), next._certainties[place - 1].UntilNanos) - Rounding,
                Left: second.UntilNanos == long.MaxValue ? long.MaxValue : Earliest(at => first.Ways.Min(way => way.Least(at)), second.UntilNanos) + Rounding)).ToList();
            var cuts = seconds.SelectMany(second => new[] { second.Entered, second.Left }).Where(cut => cut > from && cut < first.UntilNanos).Append(first.UntilNanos).Distinct().Order();
            foreach (var until in cuts)
            {
                var there = seconds.FindAll(second => second.Entered < until && second.Left > from);
                IReadOnlyList<Way> ways = there.Exists(second => second.Ways.Count == 0) ? []
                    : [.. first.Ways.SelectMany(way => there.SelectMany(second => second.Ways.Select(way.Then)))];
                certainties.Add(new Certainty(until, ways));
                from = until;
            }
        }

        return certainties;
    }

    // What is possible is told in whole nanoseconds, outward.
    private const long Rounding = 2;

    /// <summary>When a reading that runs at nearly the clock's own rate comes to an instant; on the clock.</summary>
    private static long Earliest(Func<long, long> reading, long instant)
    {
        // Each round leaves a thousandth of the error at most (FeasibleRegion.MostRate): from a thousand years to a nanosecond.
        var at = instant;
        for (var round = 0; round < 8; round++) at += instant - reading(at);
        return at;
    }
}
