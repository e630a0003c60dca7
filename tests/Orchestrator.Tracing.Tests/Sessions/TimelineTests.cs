using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Tests.Sessions;

public sealed class TimelineTests
{
    private static readonly DateTimeOffset Zero = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(100, 1)]
    [InlineData(199, 1)]
    [InlineData(1_000_000_000, TimeSpan.TicksPerSecond)]
    [InlineData(-1_000_000_000, -TimeSpan.TicksPerSecond)]
    [InlineData(86_400_000_000_000, TimeSpan.TicksPerDay)]
    public void Nanoseconds_become_wall_clock_time_to_the_tick(long nanos, long ticks) =>
        Assert.Equal(Zero.AddTicks(ticks), new Timeline("monotonic", "n", Zero).ToUtc(nanos));

    [Fact]
    public void Skew_is_latest_minus_earliest_in_microseconds()
    {
        Assert.Null(Skew.Micros([]));
        Assert.Equal(0, Skew.Micros([123_456_789]));
        Assert.Equal(1.5, Skew.Micros([10_000, 11_500, 10_200]));
        Assert.Equal(1_000_000, Skew.Micros([5_000_000_000, 4_000_000_000]));
    }
}
