namespace Orchestrator.Actors.Nodes;

/// <summary>
/// An instant at which a node does something with many browsers at once. Each browser leaves its ready-made frame
/// here; at the instant they are sent one after the other from one thread. Who comes late is run at once: the skew
/// is measured, and shows it.
/// </summary>
public sealed class SynchronizedInstant
{
    private readonly Lock _lock = new();
    private readonly Lock _firing = new();
    private List<Action>? _waiting = [];
    private SynchronizedInstant? _after;

    private SynchronizedInstant(long due, SynchronizedInstant? after) => (Due, _after) = (due, after);

    /// <summary>When, in ticks of <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long Due { get; }

    /// <summary>An instant that fires at <paramref name="due"/>.</summary>
    /// <param name="spinLead">How long before it the clock is polled instead of slept on; zero where time is virtual.</param>
    /// <param name="after">What was due before and is late fires first: timers keep no order. Null: nothing was.</param>
    public static SynchronizedInstant At(long due, TimeProvider time, TimeSpan spinLead, SynchronizedInstant? after = null)
    {
        var instant = new SynchronizedInstant(due, after?.Due <= due ? after : null);
        var wait = time.GetElapsedTime(time.GetTimestamp(), due) - spinLead;
        if (wait < TimeSpan.Zero) wait = TimeSpan.Zero;
        ITimer? timer = null;
        timer = time.CreateTimer(_ =>
        {
            while (spinLead > TimeSpan.Zero && time.GetTimestamp() < due) Thread.SpinWait(16);
            instant.Fire();
            timer?.Dispose();
        }, null, wait, Timeout.InfiniteTimeSpan);
        return instant;
    }

    /// <summary>Starts <paramref name="send"/> at the instant and completes as it does.</summary>
    public Task<T> Run<T>(Func<Task<T>> send)
    {
        lock (_lock)
        {
            if (_waiting is not null)
            {
                var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add(() => _ = CompleteAsync(send, done));
                return done.Task;
            }
        }

        return Started(send);
    }

    private void Fire()
    {
        // Held until all is sent: who comes after it must not overtake it in the middle.
        lock (_firing)
        {
            _after?.Fire();
            _after = null;
            List<Action> due;
            lock (_lock)
            {
                due = _waiting ?? [];
                _waiting = null;
            }

            foreach (var send in due) send();
        }
    }

    private static async Task CompleteAsync<T>(Func<Task<T>> send, TaskCompletionSource<T> done)
    {
        try
        {
            done.SetResult(await send());
        }
        catch (OperationCanceledException givenUp)
        {
            done.SetCanceled(givenUp.CancellationToken);
        }
        catch (Exception failure)
        {
            done.SetException(failure);
        }
    }

    private static Task<T> Started<T>(Func<Task<T>> send)
    {
        try
        {
            return send();
        }
        catch (Exception failure)
        {
            return Task.FromException<T>(failure);
        }
    }
}
