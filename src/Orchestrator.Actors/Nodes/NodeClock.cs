using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Nodes;

/// <summary>This node's monotonic clock in nanoseconds, and what the wall clock showed at its zero.</summary>
public sealed class NodeClock
{
    private readonly TimeProvider _time;

    /// <param name="domain">Of a clock of a test's making: a name that it has in common with those that are one with it. Null: it is nobody else's.</param>
    public NodeClock(TimeProvider time, string node, string? domain = null)
    {
        _time = time;
        TimeNamespace = ReferenceEquals(time, TimeProvider.System) ? TimeNamespaceOf("/proc/self") : null;
        var boot = TimeNamespace is null ? null : Read(() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());
        Timeline = new Timeline("monotonic", node, UtcAtZero(time)) { Domain = boot is null ? domain : $"{boot}/{TimeNamespace}" };
    }

    /// <summary>The time namespace of this process, such as <c>time:[4026531834]</c>; null where there is no such thing, or the clock is not the system's.</summary>
    public string? TimeNamespace { get; }

    /// <summary>The time line that this node's instants are told on.</summary>
    public Timeline Timeline { get; }

    /// <summary>Now, in ticks of <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long Timestamp => _time.GetTimestamp();

    /// <summary>Now, on the wall.</summary>
    public DateTimeOffset Utc => _time.GetUtcNow();

    /// <summary>Is cancelled after so long on this clock.</summary>
    public CancellationTokenSource Patience(TimeSpan patience) => new(patience, _time);

    public long ToNanos(long timestamp) => (long)((Int128)timestamp * 1_000_000_000 / _time.TimestampFrequency);

    public long ToTimestamp(long nanos) => (long)((Int128)nanos * _time.TimestampFrequency / 1_000_000_000);

    /// <summary>The instant <paramref name="after"/> from now, in nanoseconds of the time line.</summary>
    public long In(TimeSpan after) => ToNanos(Timestamp) + after.Ticks * 100;

    /// <param name="process">Its folder in /proc.</param>
    internal static string? TimeNamespaceOf(string process) => Read(() => new FileInfo(Path.Combine(process, "ns", "time")).LinkTarget);

    private static string? Read(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static DateTimeOffset UtcAtZero(TimeProvider time)
    {
        // The wall clock is read between two readings of the monotonic one; the closest of a few pairs is kept, so that
        // a preemption between them does not shift the whole time line.
        var (best, zero) = (long.MaxValue, DateTimeOffset.MinValue);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var before = time.GetTimestamp();
            var utc = time.GetUtcNow();
            var after = time.GetTimestamp();
            if (after - before >= best) continue;
            best = after - before;
            var middle = before + (after - before) / 2;
            zero = utc.AddTicks(-(long)((Int128)middle * TimeSpan.TicksPerSecond / time.TimestampFrequency));
        }

        return zero;
    }
}
