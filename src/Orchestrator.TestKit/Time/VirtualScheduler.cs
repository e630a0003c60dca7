using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Orchestrator.TestKit.Time;

/// <summary>Akka's scheduler on a world's virtual time: each timer fires at its instant, a repeating one each time.</summary>
internal sealed class VirtualScheduler : SchedulerBase, IDateTimeOffsetNowTimeProvider
{
    [ThreadStatic]
    private static VirtualTime? s_timeOfNewSystem;

    /// <summary>Called by Akka; only within <see cref="CreateSystem"/>.</summary>
    public VirtualScheduler(Config scheduler, ILoggingAdapter log) : base(scheduler, log) =>
        Time = s_timeOfNewSystem ?? throw new InvalidOperationException("A system with virtual time is made by Simulation.");

    internal VirtualTime Time { get; }

    /// <inheritdoc/>
    public override TimeSpan MonotonicClock => TimeSpan.FromTicks(Time.NowNanos / 100);

    /// <inheritdoc/>
    public override TimeSpan HighResMonotonicClock => MonotonicClock;

    /// <inheritdoc/>
    protected override DateTimeOffset TimeNow => Time.GetUtcNow();

    /// <summary>Akka makes the scheduler by its name in the configuration, with nothing to hand over: the thread has it meanwhile.</summary>
    internal static ActorSystem CreateSystem(string name, Config config, VirtualTime time)
    {
        s_timeOfNewSystem = time;
        try
        {
            return ActorSystem.Create(name, config);
        }
        finally
        {
            s_timeOfNewSystem = null;
        }
    }

    /// <inheritdoc/>
    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Once(delay, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Repeatedly(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Once(delay, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) => Once(delay, action.Run, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Repeatedly(initialDelay, interval, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Repeatedly(initialDelay, interval, action.Run, cancelable);

    private void Once(TimeSpan delay, Action happen, ICancelable? cancelable)
    {
        Time.Schedule(delay, () =>
        {
            if (cancelable is not { IsCancellationRequested: true }) happen();
        });
    }

    private void Repeatedly(TimeSpan delay, TimeSpan interval, Action happen, ICancelable? cancelable) => Time.Schedule(delay, () =>
    {
        if (cancelable is { IsCancellationRequested: true }) return;
        Repeatedly(interval, interval, happen, cancelable);
        happen();
    });
}
