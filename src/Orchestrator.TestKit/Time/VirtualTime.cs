using System.Collections.Concurrent;

namespace Orchestrator.TestKit.Time;

/// <summary>
/// A world's time, and everything that happens in it, on one thread: what is ready happens in the order in which it became
/// ready; when nothing is, time goes on to what is due next. The same beginnings lead to the same end, event by event.
/// </summary>
/// <remarks>
/// Timers are this TimeProvider's. Whatever asynchronous code awaits continues here, because while the world runs this is
/// <see cref="TaskScheduler.Current"/>. Code that leaves for the thread pool (<c>Task.Run</c>, <c>ConfigureAwait(false)</c>,
/// file I/O) comes back at no certain time: <see cref="Strays"/> counts how often that happened.
/// </remarks>
public sealed class VirtualTime : TimeProvider
{
    /// <summary>What a world's clock shows at its beginning, unless told otherwise: 30 days, so that other clocks may be days behind it and still be above zero, as monotonic clocks are.</summary>
    public const long BeginningNanos = 30L * 24 * 3600 * 1_000_000_000;

    private const long NanosPerTick = 100;

    private readonly Queue<object> _ready = new();
    private readonly ConcurrentQueue<object> _strays = new();
    private readonly PriorityQueue<Appointment, (long AtNanos, long Order)> _due = new();
    private readonly DateTimeOffset _utcAtZero = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly WorldTaskScheduler _tasks;
    private long _now;
    private long _order;
    private int _thread;

    /// <param name="startNanos">What the clock shows at the beginning.</param>
    public VirtualTime(long startNanos = BeginningNanos)
    {
        _now = startNanos;
        _tasks = new WorldTaskScheduler(this);
    }

    /// <summary>Now, in nanoseconds.</summary>
    public long NowNanos => _now;

    /// <summary>How often something came from another thread: 0 in a world that can be repeated.</summary>
    public long Strays { get; private set; }

    /// <summary>How much has happened so far.</summary>
    public long Happened { get; private set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000_000_000;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long GetTimestamp() => _now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _utcAtZero.AddTicks(_now / NanosPerTick);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets the world run on the calling thread until something is the case; looked at after everything that happens.</summary>
    /// <exception cref="WorldStandsStillException">Nothing is left that could happen.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public void RunUntil(Func<bool> isSo, CancellationToken cancellationToken = default)
    {
        _thread = Environment.CurrentManagedThreadId;
        // A context of the caller's, such as a test framework's, would take what is awaited away from here.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var running = new Task(() => Run(isSo, cancellationToken), CancellationToken.None);
            running.RunSynchronously(_tasks);
            running.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
            _thread = 0;
        }
    }

    /// <summary>Does something in the world, and lets it run until that is done.</summary>
    /// <exception cref="WorldStandsStillException">It waits for something that nothing is going to do.</exception>
    public T Run<T>(Func<Task<T>> work)
    {
        Task<T>? doing = null;
        Schedule(TimeSpan.Zero, () => doing = work());
        RunUntil(() => doing is { IsCompleted: true });
        return doing!.GetAwaiter().GetResult();
    }

    /// <summary>Lets the world run for so long.</summary>
    public void RunFor(TimeSpan time)
    {
        var isOver = false;
        Schedule(time, () => isOver = true);
        RunUntil(() => isOver);
    }

    /// <summary>Happens as soon as what is ready already has happened.</summary>
    internal void Post(Akka.Dispatch.IRunnable run) => Enqueue(run);

    /// <summary>Something that is to happen after so long.</summary>
    /// <returns>Dispose it to call it off.</returns>
    public IDisposable Schedule(TimeSpan after, Action happen)
    {
        var appointment = new Appointment(happen);
        Add(appointment, after);
        return appointment;
    }

    /// <summary>Between two runs the world's owner may do what it likes; while it runs, only its own thread.</summary>
    private bool IsElsewhere => _thread != 0 && _thread != Environment.CurrentManagedThreadId;

    private void Enqueue(object next)
    {
        if (IsElsewhere) _strays.Enqueue(next);
        else _ready.Enqueue(next);
    }

    private void Add(Appointment appointment, TimeSpan after)
    {
        if (IsElsewhere) _strays.Enqueue(new Action(() => Add(appointment, after)));
        else _due.Enqueue(appointment, (_now + Math.Max(0, after.Ticks) * NanosPerTick, _order++));
    }

    private void Run(Func<bool> isSo, CancellationToken cancellationToken)
    {
        while (!isSo())
        {
            // Now and then is enough, and costs nothing.
            if ((++Happened & 0xFF) == 0) cancellationToken.ThrowIfCancellationRequested();
            if (!_strays.IsEmpty) TakeStrays();
            if (_ready.TryDequeue(out var next)) Happen(next);
            else if (_due.TryDequeue(out var appointment, out var when)) Keep(appointment, when.AtNanos);
            else throw new WorldStandsStillException();
        }
    }

    private void Happen(object next)
    {
        switch (next)
        {
            case Task task:
                _tasks.Execute(task);
                break;
            case Action action:
                action();
                break;
            default:
                ((Akka.Dispatch.IRunnable)next).Run();
                break;
        }
    }

    private void Keep(Appointment appointment, long atNanos)
    {
        if (appointment.IsCalledOff) return;
        _now = Math.Max(_now, atNanos);
        appointment.Happen();
    }

    private void TakeStrays()
    {
        while (_strays.TryDequeue(out var stray))
        {
            Strays++;
            _ready.Enqueue(stray);
        }
    }

    /// <summary>Something that is due at an instant.</summary>
    private sealed class Appointment(Action happen) : IDisposable
    {
        public bool IsCalledOff { get; private set; }

        public void Happen() => happen();

        public void Dispose() => IsCalledOff = true;
    }

    /// <summary>Runs tasks in the world's order, on the world's thread.</summary>
    private sealed class WorldTaskScheduler(VirtualTime world) : TaskScheduler
    {
        public override int MaximumConcurrencyLevel => 1;

        public void Execute(Task task) => TryExecuteTask(task);

        protected override void QueueTask(Task task) => world.Enqueue(task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
            !taskWasPreviouslyQueued && world._thread == Environment.CurrentManagedThreadId && TryExecuteTask(task);

        protected override IEnumerable<Task> GetScheduledTasks() => world._ready.OfType<Task>();
    }

    private sealed class Timer(VirtualTime world, TimerCallback callback, object? state) : ITimer
    {
        private Appointment? _next;
        private Action? _fire;
        private TimeSpan _period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _next?.Dispose();
            _next = null;
            if (dueTime == Timeout.InfiniteTimeSpan) return true;
            _period = period;
            _next = new Appointment(_fire ??= Fire);
            world.Add(_next, dueTime);
            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire()
        {
            _next = null;
            if (_period > TimeSpan.Zero) Change(_period, _period);
            callback(state);
        }
    }
}

/// <summary>Whoever waits in the world waits for something that nothing is going to do.</summary>
public sealed class WorldStandsStillException() : InvalidOperationException(
    "The simulation stands still: nothing is ready and no timer is due, and what it was to run for has not come about. Somebody waits for an answer that nobody gives.");
