using Akka.Actor;

namespace Orchestrator.TestKit.Time;

/// <summary>
/// The time of an Akka scheduler, for simulated browsers that are to live in the same time as the actors of a test: with Akka.TestKit's
/// <c>TestScheduler</c> nothing happens but by <c>Advance</c>. That one fires what is due at the end of each advance, so advance in
/// steps no larger than the delays that matter. A timer fires up to 7 µs late.
/// </summary>
public sealed class SchedulerTime : TimeProvider
{
    // TestScheduler loses what is scheduled for the instant that it is just firing: nothing is, and what several threads schedule at
    // one instant is a few ticks apart.
    private const int MostTicksApart = 64;

    private readonly IScheduler _scheduler;
    private readonly DateTimeOffset _start;
    private int _scheduled;

    public SchedulerTime(IScheduler scheduler)
    {
        _scheduler = scheduler;
        _start = scheduler.Now;
    }

    /// <summary>Ticks of 100 ns.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _scheduler.Now;

    /// <summary>Counts from this object's making, by the scheduler's <c>Now</c>: its monotonic clock is the machine's even where its time is not.</summary>
    public override long GetTimestamp() => (_scheduler.Now - _start).Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SchedulerTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private void Schedule(TimeSpan dueTime, Action action, Cancelable cancelable)
    {
        var apart = TimeSpan.FromTicks(1 + (uint)Interlocked.Increment(ref _scheduled) % MostTicksApart);
        _scheduler.Advanced.ScheduleOnce(dueTime + apart, action, cancelable);
    }

    private sealed class SchedulerTimer(SchedulerTime time, TimerCallback callback, object? state) : ITimer
    {
        private readonly Lock _gate = new();
        private Cancelable? _scheduled;
        private TimeSpan _period;
        private bool _isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                if (_isDisposed) return false;
                _period = period;
                Schedule(dueTime);
                return true;
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _isDisposed = true;
                Schedule(Timeout.InfiniteTimeSpan);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        /// <summary>Instead of what was scheduled before; nothing for an infinite time.</summary>
        private void Schedule(TimeSpan dueTime)
        {
            _scheduled?.Cancel();
            _scheduled = null;
            if (dueTime == Timeout.InfiniteTimeSpan) return;
            var scheduled = _scheduled = new Cancelable(time._scheduler.Advanced);
            time.Schedule(dueTime, () => Ring(scheduled), scheduled);
        }

        private void Ring(Cancelable scheduled)
        {
            lock (_gate)
            {
                if (_scheduled != scheduled) return;
                Schedule(_period > TimeSpan.Zero ? _period : Timeout.InfiniteTimeSpan);
            }

            callback(state);
        }
    }
}
