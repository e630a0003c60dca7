namespace Orchestrator.TestKit.Tests.Support;

/// <summary>Virtual time in nanoseconds on the calling thread: nothing fires but by <see cref="Run"/>, each timer at its own instant.</summary>
internal sealed class HandTime(long startNanos = 1_000_000_000) : TimeProvider
{
    private readonly PriorityQueue<(HandTimer Timer, int Generation), (long At, long Number)> _due = new();
    private long _now = startNanos;
    private long _number;

    public long Now => _now;

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => _now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_now / 100);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HandTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Fires all timers, and those that they bring about, until nothing is due up to then; default: ever.</summary>
    public void Run(long untilNanos = long.MaxValue)
    {
        while (_due.TryPeek(out var next, out var at) && at.At <= untilNanos)
        {
            _due.Dequeue();
            _now = Math.Max(_now, at.At);
            next.Timer.Fire(next.Generation);
        }

        if (untilNanos != long.MaxValue) _now = Math.Max(_now, untilNanos);
    }

    /// <summary>Runs until the task is there, and no longer.</summary>
    public T Run<T>(ValueTask<T> task) => Run(task.AsTask());

    /// <inheritdoc cref="Run{T}(ValueTask{T})"/>
    public T Run<T>(Task<T> task)
    {
        while (!task.IsCompleted && _due.TryPeek(out _, out var at)) Run(at.At);
        Assert.True(task.IsCompleted, "nothing is due, and what is waited for is not there");
        return task.GetAwaiter().GetResult();
    }

    private sealed class HandTimer(HandTime time, TimerCallback callback, object? state) : ITimer
    {
        private int _generation;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _generation++;
            if (dueTime >= TimeSpan.Zero) time._due.Enqueue((this, _generation), (time._now + dueTime.Ticks * 100, time._number++));
            return true;
        }

        public void Fire(int generation)
        {
            if (generation == _generation) callback(state);
        }

        public void Dispose() => _generation++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
