namespace Orchestrator.TestKit.Worlds;

/// <summary>
/// How a browser's monotonic clock lies to the true time of its world: an offset, a rate, steps and suspends. Instants are
/// nanoseconds; the true time is what the nodes' clocks show.
/// </summary>
public sealed record SimulatedClock
{
    /// <summary>The true time itself.</summary>
    public static SimulatedClock True { get; } = new();

    /// <summary>What it shows at the true time 0.</summary>
    public TimeSpan Offset { get; init; }

    /// <summary>How much faster than the true time it runs, in millionths; above -1,000,000. A crystal has up to ±100.</summary>
    public double RatePpm
    {
        get;
        init => field = value > -1e6 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(RatePpm), value, "It is above -1,000,000.");
    }

    /// <summary>Instants at which it jumps, in the order of time.</summary>
    public IReadOnlyList<ClockStep> Steps { get; init; } = [];

    /// <summary>It neither jumps nor stands still between these true instants.</summary>
    public bool IsEven(long fromNanos, long untilNanos) => !Steps.Any(step =>
        (step.By != TimeSpan.Zero || step.Suspended > TimeSpan.Zero) && step.AtNanos < untilNanos && step.AtNanos + step.Suspended.Ticks * 100 >= fromNanos);

    /// <summary>What the clock shows at a true instant.</summary>
    public long At(long trueNanos)
    {
        var running = trueNanos;
        long stepped = 0;
        foreach (var step in Steps)
        {
            if (trueNanos < step.AtNanos) break;
            stepped += step.By.Ticks * 100;
            // While it is suspended it stands still.
            running -= Math.Min(trueNanos - step.AtNanos, step.Suspended.Ticks * 100);
        }

        return Offset.Ticks * 100 + running + stepped + (long)Math.Round(running * (RatePpm / 1e6));
    }
}

/// <summary>A clock that jumps, or stands still for a while.</summary>
/// <param name="AtNanos">When, in true time.</param>
/// <param name="By">How far it jumps; a negative step goes back.</param>
/// <param name="Suspended">How long it stands still from then on: its machine was suspended, and its browser with it.</param>
public sealed record ClockStep(long AtNanos, TimeSpan By, TimeSpan Suspended);
