using Orchestrator.TestKit.Time;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Clusters;

/// <summary>One machine's clocks in a world: a monotonic one that lies off the true time and drifts, and a wall clock that is somewhat wrong.</summary>
internal sealed class MachineTime(VirtualTime world, SimulatedClock clock, TimeSpan wallError) : TimeProvider
{
    public override long TimestampFrequency => 1_000_000_000;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => clock.At(world.NowNanos);

    public override DateTimeOffset GetUtcNow() => world.GetUtcNow() + wallError;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(this, world.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan), dueTime, period);

    /// <summary>A clock that runs fast is through with its ten seconds earlier.</summary>
    private TimeSpan True(TimeSpan shown) => shown <= TimeSpan.Zero ? shown : TimeSpan.FromTicks((long)Math.Ceiling(shown.Ticks / (1 + clock.RatePpm / 1e6)));

    private sealed class Timer : ITimer
    {
        private readonly MachineTime _machine;
        private readonly ITimer _timer;

        public Timer(MachineTime machine, ITimer timer, TimeSpan dueTime, TimeSpan period)
        {
            (_machine, _timer) = (machine, timer);
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => _timer.Change(_machine.True(dueTime), _machine.True(period));

        public void Dispose() => _timer.Dispose();

        public ValueTask DisposeAsync() => _timer.DisposeAsync();
    }
}
