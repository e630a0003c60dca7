namespace Orchestrator.TestKit.Browsers;

/// <summary>
/// What a browser and its wires will do next, in the order of time; what is due at one instant, in the order in which it was added.
/// One lock guards the agenda and everything that its owner changes in it. No foreign code runs under it: what waits outside (a
/// client's read, a test's handler) is told when it has been left.
/// </summary>
internal sealed class Agenda
{
    private const long NanosPerTick = 100;
    private const long NanosPerMilli = 1_000_000;
    private const long NotArmed = long.MaxValue;

    private readonly TimeProvider _time;
    private readonly Action<Work> _perform;
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Work, (long At, long Number)> _work = new();
    private readonly long _nanosPerUnit;
    private ITimer? _timer;
    private long _number;
    private long _armedFor = NotArmed;
    private long _arming;
    private IAfterwards? _after;
    private List<IAfterwards>? _moreAfter;

    /// <param name="perform">Called under the lock.</param>
    public Agenda(TimeProvider time, Action<Work> perform)
    {
        _time = time;
        _perform = perform;
        _nanosPerUnit = 1_000_000_000 % time.TimestampFrequency == 0 ? 1_000_000_000 / time.TimestampFrequency : 0;
    }

    /// <summary>The true time of the browser's world, nanoseconds: what the nodes' clocks show.</summary>
    public long Now
    {
        get
        {
            var stamp = _time.GetTimestamp();
            return _nanosPerUnit != 0 ? stamp * _nanosPerUnit : (long)((Int128)stamp * 1_000_000_000 / _time.TimestampFrequency);
        }
    }

    /// <summary>Takes the lock; leaving the scope gives it back, tells who waits outside, and winds the timer.</summary>
    public Scope Enter()
    {
        _gate.Enter();
        return new Scope(this);
    }

    /// <summary>Only under the lock.</summary>
    public void Add(long atNanos, in Work work) => _work.Enqueue(work, (atNanos, _number++));

    /// <summary>Only under the lock: told when it has been left.</summary>
    public void Afterwards(IAfterwards one)
    {
        if (_after is null) _after = one;
        else (_moreAfter ??= []).Add(one);
    }

    /// <summary>Does what is due, and what becomes due by that. Only under the lock.</summary>
    public void RunDue()
    {
        while (_work.TryPeek(out _, out var first) && first.At <= Now) _perform(_work.Dequeue());
    }

    private void Leave()
    {
        var (after, more) = (_after, _moreAfter);
        (_after, _moreAfter) = (null, null);
        _gate.Exit();
        after?.Continue();
        if (more is not null)
        {
            foreach (var one in more) one.Continue();
        }

        Wind();
    }

    /// <summary>
    /// Outside of the lock, for a time provider may call back from within a change of its timer. Two that wind at once may do it in
    /// the wrong order: whoever sees that another one came in between does it again.
    /// </summary>
    private void Wind()
    {
        while (true)
        {
            long due, mine;
            ITimer? timer;
            lock (_gate)
            {
                if (!_work.TryPeek(out _, out var first) || first.At >= _armedFor) return;
                (due, mine, timer) = (_armedFor = first.At, ++_arming, _timer);
            }

            if (timer is null)
            {
                timer = _time.CreateTimer(static state => ((Agenda)state!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                if (Interlocked.CompareExchange(ref _timer, timer, null) is { } other)
                {
                    timer.Dispose();
                    timer = other;
                }
            }

            timer.Change(InSpan(due - Now), Timeout.InfiniteTimeSpan);
            lock (_gate)
            {
                if (mine == _arming) return;
                _armedFor = NotArmed;
            }
        }
    }

    private void Ring()
    {
        using var scope = Enter();
        _armedFor = NotArmed;
        RunDue();
    }

    private TimeSpan InSpan(long nanos)
    {
        if (nanos <= 0) return TimeSpan.Zero;
        // The system's timers know whole milliseconds and would cut off the rest: rather late than round and round until it is time.
        var unit = ReferenceEquals(_time, TimeProvider.System) ? NanosPerMilli : NanosPerTick;
        return TimeSpan.FromTicks((nanos + unit - 1) / unit * unit / NanosPerTick);
    }

    internal readonly ref struct Scope(Agenda agenda)
    {
        public void Dispose() => agenda.Leave();
    }
}

/// <summary>Something that has to hear of a change, but not under the browser's lock.</summary>
internal interface IAfterwards
{
    void Continue();
}

internal enum WorkKind
{
    /// <summary>A client's message has reached the browser.</summary>
    Arrive,

    /// <summary>The browser has taken its time and carries the command out.</summary>
    CarryOut,

    /// <summary>A message of the browser's has reached the client.</summary>
    Deliver,

    /// <summary>Something within the browser.</summary>
    Do,

    /// <summary>Something that is no affair of the browser's process, and happens while it is suspended, too.</summary>
    DoOutside,

    /// <summary>A connection comes or goes, whatever becomes of the browser.</summary>
    Connect,
}

/// <summary>An entry of the agenda.</summary>
internal readonly record struct Work(WorkKind Kind, SimulatedConnection? Connection, Frame Frame, Action? Action)
{
    public static Work Do(Action action) => new(WorkKind.Do, null, default, action);

    public static Work DoOutside(Action action) => new(WorkKind.DoOutside, null, default, action);
}
