using Orchestrator.Tracing.Clocks;

namespace Orchestrator.Tracing.Sessions;

/// <summary>How a browser's or a node's clock lay to the session's time line, as it is kept and told; no numbers where none were proven.</summary>
public sealed record ClockFacts
{
    /// <summary>Time line minus clock, in the middle of the window.</summary>
    public long? OffsetNanos { get; init; }

    /// <summary>The true offset there lies within ± this.</summary>
    public long? BoundNanos { get; init; }

    /// <summary>The widest bound anywhere in the window; null where somewhere in it nothing is certain.</summary>
    public long? WorstBoundNanos { get; init; }

    /// <summary>How fast the offset grew, in millionths.</summary>
    public double? DriftPpm { get; init; }

    public ClockRelation Relation { get; init; } = ClockRelation.Unaligned;

    /// <summary>Why it is unaligned, when it stepped, which markers are missing.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];

    /// <param name="openedNanos">When the window opened, on the clock's time line.</param>
    /// <param name="closedNanos">When it closed.</param>
    public static ClockFacts Of(RelatedClock clock, long openedNanos, long closedNanos)
    {
        if (clock.Relation is ClockRelation.Unaligned) return new ClockFacts { Findings = clock.Findings };
        var (opened, closed) = (clock.FromTimeline(openedNanos), clock.FromTimeline(closedNanos));
        var middle = opened + (closed - opened) / 2;
        return new ClockFacts
        {
            Relation = clock.Relation,
            OffsetNanos = clock.OffsetAt(middle),
            BoundNanos = clock.BoundAt(middle),
            WorstBoundNanos = clock.WorstBound(opened, closed),
            DriftPpm = Math.Round(clock.RateAt(middle) * 1e6, 3),
            Findings = clock.Findings,
        };
    }
}
