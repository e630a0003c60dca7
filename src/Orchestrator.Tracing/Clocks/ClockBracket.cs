namespace Orchestrator.Tracing.Clocks;

/// <summary>
/// One clock sync marker, seen from both sides. Chromium writes the marker between taking the command and answering it,
/// so the marker's instant lies between these two instants of the node: certain, not statistical.
/// </summary>
/// <param name="BrowserNanos">
/// The marker's instant as the trace tells it, nanoseconds of the browser's clock. Chromium's clock ticks in microseconds and
/// cuts off the rest: the true instant is at most <see cref="BrowserResolutionNanos"/> later.
/// </param>
/// <param name="SentNanos">Just before the command was sent; nanoseconds of the time line.</param>
/// <param name="AnsweredNanos">When its answer had come.</param>
public readonly record struct ClockBracket(long BrowserNanos, long SentNanos, long AnsweredNanos)
{
    /// <summary><c>base::TimeTicks</c> counts whole microseconds (Chromium, base/time/time.h).</summary>
    public const long BrowserResolutionNanos = 1_000;

    /// <summary>How far apart sending and answer are: a narrow bracket tells much, a wide one little.</summary>
    public long WidthNanos => AnsweredNanos - SentNanos;
}
