using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors.Nodes;

namespace Orchestrator.Actors.Tests.Nodes;

public sealed class NodeClockTests
{
    // The fake clock counts from the year 1: in nanoseconds our own years would not fit into 64 bits.
    private static readonly DateTimeOffset Start = new(100, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void The_time_line_tells_the_wall_clock_s_time_of_any_instant()
    {
        var time = new FakeTimeProvider(Start);
        var clock = new NodeClock(time, "here");
        Assert.Equal(("monotonic", "here"), (clock.Timeline.Clock, clock.Timeline.Node));
        Assert.Equal(Start, clock.Timeline.ToUtc(clock.ToNanos(clock.Timestamp)));

        time.Advance(TimeSpan.FromHours(30));
        Assert.Equal(Start.AddHours(30), clock.Timeline.ToUtc(clock.ToNanos(clock.Timestamp)));
        Assert.Equal(Start.AddHours(30).AddSeconds(2), clock.Timeline.ToUtc(clock.In(TimeSpan.FromSeconds(2))));
    }

    [Theory]
    [InlineData(1_000_000_000L)]
    [InlineData(10_000_000L)]
    [InlineData(24_000_000L)]
    [InlineData(3L)]
    public void Timestamps_become_nanoseconds_and_back_whatever_the_clock_s_frequency(long frequency)
    {
        var clock = new NodeClock(new Ticking(frequency), "here");
        Assert.Equal(1_000_000_000, clock.ToNanos(frequency));
        Assert.Equal(frequency, clock.ToTimestamp(1_000_000_000));

        // Ten years of uptime, beyond what a product of two 64 bit numbers can hold.
        var years = 10 * 365L * 24 * 3600;
        Assert.Equal(years * 1_000_000_000, clock.ToNanos(years * frequency));
        Assert.Equal(years * frequency, clock.ToTimestamp(years * 1_000_000_000));
    }

    private sealed class Ticking(long frequency) : TimeProvider
    {
        public override long TimestampFrequency => frequency;

        public override long GetTimestamp() => 42;
    }
}
