using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace Orchestrator.TestKit.Time;

/// <summary>Makes the dispatcher that runs every mailbox of a system in its world's order.</summary>
internal sealed class VirtualDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly VirtualDispatcher _dispatcher;

    /// <summary>Called by Akka, with the dispatcher's block of the configuration.</summary>
    public VirtualDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites) : base(config, prerequisites)
    {
        var scheduler = prerequisites.Scheduler as VirtualScheduler
            ?? throw new InvalidOperationException("A virtual dispatcher goes with the virtual scheduler.");
        _dispatcher = new VirtualDispatcher(this, scheduler.Time);
    }

    /// <inheritdoc/>
    public override MessageDispatcher Dispatcher() => _dispatcher;
}

/// <summary>Runs mailboxes on the world's thread, and counts what is sent.</summary>
internal sealed class VirtualDispatcher(MessageDispatcherConfigurator configurator, VirtualTime time) : MessageDispatcher(configurator)
{
    private readonly Dictionary<Type, long> _sent = [];

    /// <summary>Messages by their type, system messages left out.</summary>
    public IReadOnlyDictionary<Type, long> Sent => _sent;

    public override void Dispatch(ActorCell cell, Envelope envelope)
    {
        var kind = envelope.Message.GetType();
        _sent[kind] = _sent.GetValueOrDefault(kind) + 1;
        base.Dispatch(cell, envelope);
    }

    protected override void ExecuteTask(IRunnable run) => time.Post(run);

    protected override void Shutdown()
    {
        // It has no thread of its own.
    }
}
