using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging;

/// <param name="BrowserNanos">Of the browser's clock.</param>
/// <param name="UnixNanos">What the wall clock of the time line shows then.</param>
internal readonly record struct ClockPair(long BrowserNanos, long UnixNanos);

/// <summary>
/// A browser's clock as Perfetto can follow it. Perfetto does not interpolate: the offset of the latest snapshot at or before an
/// event holds. So a clock that drifts becomes a staircase, its steps as long as drift needs for <see cref="MostErrorNanos"/>, each at
/// the height that is right in its middle.
/// </summary>
internal sealed class WallClockSteps
{
    /// <summary>From one end of a step to the other; events are off by at most half of it.</summary>
    public const long MostErrorNanos = 1_000;

    /// <summary>Then steps become longer than <see cref="MostErrorNanos"/> allows: 100 s at 1000 ppm, half an hour at 50.</summary>
    public const int MostSteps = 100_000;

    private readonly List<ClockPair> _pairs = [];

    private WallClockSteps()
    {
    }

    /// <summary>In the order of both clocks; at least one.</summary>
    public IReadOnlyList<ClockPair> Pairs => _pairs;

    /// <summary>
    /// For so long behind a clock step events stand where they would without it, nanoseconds. Perfetto refuses snapshots in which
    /// the wall clock goes back; where the browser's clock leapt ahead, the time line has to catch up first.
    /// </summary>
    public long HeldNanos { get; private set; }

    /// <summary>Covers events between these instants of the browser's clock.</summary>
    public static WallClockSteps Of(RelatedClock clock, Timeline timeline, long firstNanos, long lastNanos)
    {
        var steps = new WallClockSteps();
        var from = firstNanos;
        foreach (var stretch in clock.Stretches)
        {
            if (stretch.UntilNanos <= from) continue;
            var until = Math.Min(stretch.UntilNanos, lastNanos + 1);
            steps.Add(stretch, timeline, from, until, (lastNanos - firstNanos) / MostSteps + 1);
            from = until;
            if (from > lastNanos) break;
        }

        return steps;
    }

    private void Add(ClockStretch stretch, Timeline timeline, long from, long until, long leastTick)
    {
        // In doubles: a rate next to nothing asks for a tick that no whole number holds.
        var fits = MostErrorNanos / Math.Abs(stretch.Rate);
        var tick = fits >= until - from ? until - from : Math.Max(leastTick, (long)fits);
        for (var at = from; at < until; at += tick)
        {
            var half = Math.Min(tick, until - at) / 2;
            var unix = timeline.ToUnixNanos(stretch.ToTimeline(at + half)) - half;
            if (_pairs.Count > 0 && unix < _pairs[^1].UnixNanos)
            {
                var behind = _pairs[^1].UnixNanos - unix;
                HeldNanos += Math.Min(behind, until - at);
                at += behind;
                if (at >= until) return;
                unix = _pairs[^1].UnixNanos;
            }

            _pairs.Add(new ClockPair(at, unix));
        }
    }
}
