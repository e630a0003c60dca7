using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Clocks;

namespace Orchestrator.TestKit.Simulations;

/// <summary>An aligned clock beside the true one, at many instants of the window.</summary>
internal readonly record struct ClockTruth(long? WorstBoundNanos, long? WorstErrorNanos, bool IsOutside)
{
    private const int Instants = 64;

    // Instants are whole nanoseconds, and several roundings lie between a true instant and an aligned one.
    private const long Rounding = 4;

    /// <param name="fromNanos">In true time.</param>
    /// <param name="untilNanos">In true time.</param>
    /// <param name="timeline">The clock that the time line is; null: true time itself.</param>
    public static ClockTruth Of(RelatedClock aligned, SimulatedClock truth, long fromNanos, long untilNanos, SimulatedClock? timeline = null)
    {
        if (aligned.Relation is ClockRelation.Unaligned) return default;
        long? worstBound = 0;
        long worstError = 0;
        var isOutside = false;
        for (var instant = 0; instant <= Instants; instant++)
        {
            var now = fromNanos + (untilNanos - fromNanos) * instant / Instants;
            var browser = truth.At(now);
            var error = Math.Abs(aligned.ToTimeline(browser) - (timeline ?? SimulatedClock.True).At(now));
            var bound = aligned.BoundAt(browser);
            worstError = Math.Max(worstError, error);
            worstBound = bound is null || worstBound is null ? null : Math.Max(worstBound.Value, bound.Value);
            isOutside |= error > bound + Rounding;
        }

        return new ClockTruth(worstBound, worstError, isOutside);
    }
}
