using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Browsers;

/// <summary>When a clock's machine is suspended, and its browser with it.</summary>
internal static class Suspension
{
    /// <summary>When it goes on; null: it is running.</summary>
    public static long? ResumesAt(this SimulatedClock clock, long trueNanos)
    {
        long? resumes = null;
        foreach (var step in clock.Steps)
        {
            if (step.AtNanos > (resumes ?? trueNanos)) break;
            var end = step.AtNanos + step.Suspended.Ticks * 100;
            if (end > (resumes ?? trueNanos)) resumes = end;
        }

        return resumes;
    }

    /// <summary>How long it has been suspended until then, nanoseconds.</summary>
    public static long SuspendedBefore(this SimulatedClock clock, long trueNanos)
    {
        long suspended = 0;
        foreach (var step in clock.Steps)
        {
            if (trueNanos < step.AtNanos) break;
            suspended += Math.Min(trueNanos - step.AtNanos, step.Suspended.Ticks * 100);
        }

        return suspended;
    }

    /// <summary>The true instant at which it has been running for so long since the true time 0, nanoseconds.</summary>
    public static long TrueAt(this SimulatedClock clock, long runningNanos)
    {
        var at = runningNanos;
        foreach (var step in clock.Steps)
        {
            if (at < step.AtNanos) break;
            at += step.Suspended.Ticks * 100;
        }

        return at;
    }
}
