using Orchestrator.Tracing.Clocks;

namespace Orchestrator.Tracing.Tests.Clocks;

/// <summary>
/// A browser's clock of which the truth is known, and markers over a network that does as it likes. All instants of the
/// time line are nanoseconds since its zero.
/// </summary>
/// <param name="Offset">Browser clock minus time line, at the time line's zero.</param>
/// <param name="Rate">By how much faster the browser's clock runs: 0.0005 is 500 ppm.</param>
/// <param name="StepAt">When the browser's clock steps; null: never.</param>
/// <param name="Step">
/// By how much it leaps ahead (the time line's machine slept); negative: for how long it stands still (the browser's machine
/// slept). A monotonic clock never goes back.
/// </param>
public sealed record SimulatedClock(long Offset, double Rate, long? StepAt = null, long Step = 0)
{
    /// <summary>The browser's clock as it truly stands.</summary>
    public long At(long timeline) =>
        timeline + Offset + (long)Math.Round(Rate * timeline) + (StepAt is { } step && timeline >= step ? Step : 0);

    /// <summary>The time line's instant at which the browser's clock truly stood there; without a step.</summary>
    public long TimelineOf(long browser) => (long)Math.Round((browser - Offset) / (1 + Rate));

    /// <summary>A marker that was sent, written and answered at these instants; the trace keeps whole microseconds.</summary>
    public ClockBracket Marker(long sent, long written, long answered)
    {
        var browser = At(written);
        return new ClockBracket(browser - Modulo(browser, 1000), sent, answered);
    }

    private static long Modulo(long value, long by) => (value % by + by) % by;
}
