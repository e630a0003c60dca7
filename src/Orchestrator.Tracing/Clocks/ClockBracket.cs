namespace Orchestrator.Tracing.Clocks;

/// <summary>
/// One reading of a clock, seen from both sides: it was asked for and answered at these two instants of the time line, and read in
/// between. Certain, not statistical. Of a browser it is a clock sync marker, which Chromium writes between taking the command
/// and answering it; of a node it is a ping.
/// </summary>
/// <param name="ClockNanos">
/// What the clock showed, nanoseconds. Chromium's clock ticks in microseconds and cuts off the rest: the true instant is at most
/// <see cref="ResolutionNanos"/> later. A node's clock tells nanoseconds; it is given that microsecond, too, which costs half of one in
/// its bound and saves every bracket from having a resolution of its own.
/// </param>
/// <param name="SentNanos">Just before the question was sent; nanoseconds of the time line.</param>
/// <param name="AnsweredNanos">When its answer had come.</param>
public readonly record struct ClockBracket(long ClockNanos, long SentNanos, long AnsweredNanos)
{
    /// <summary><c>base::TimeTicks</c> counts whole microseconds (Chromium, base/time/time.h).</summary>
    public const long ResolutionNanos = 1_000;

    /// <summary>How far apart sending and answer are: a narrow bracket tells much, a wide one little.</summary>
    public long WidthNanos => AnsweredNanos - SentNanos;

    /// <summary>
    /// What the same exchange says of the other clock: how the time line lies to the clock that was read. The other clock stood in the middle
    /// between question and answer when this one was at most as far from its reading as either is from the middle.
    /// </summary>
    public ClockBracket Reversed()
    {
        var middle = SentNanos + WidthNanos / 2;
        // While the other clock runs so far, this one may run a thousandth farther.
        var most = (AnsweredNanos - middle) + (long)Math.Ceiling((AnsweredNanos - middle) * FeasibleRegion.MostRate) + ResolutionNanos;
        return new ClockBracket(middle, ClockNanos - most, ClockNanos + most);
    }
}
