using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;

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

    /// <summary>Who sees to it that what is sent arrives; null: all of it does, at once.</summary>
    public IVirtualNetwork? Network { get; set; }

    public override void Dispatch(ActorCell cell, Envelope envelope)
    {
        var kind = envelope.Message.GetType();
        _sent[kind] = _sent.GetValueOrDefault(kind) + 1;
        if (Network is null || Network.LetsThrough(cell, envelope)) Deliver(cell, envelope);
    }

    public override void SystemDispatch(ActorCell cell, SystemMessage message)
    {
        if (Network is null || Network.LetsThrough(cell, message)) Deliver(cell, message);
    }

    /// <summary>It has arrived.</summary>
    public void Deliver(ActorCell cell, Envelope envelope) => base.Dispatch(cell, envelope);

    /// <inheritdoc cref="Deliver(ActorCell, Envelope)"/>
    public void Deliver(ActorCell cell, SystemMessage message) => base.SystemDispatch(cell, message);

    protected override void ExecuteTask(IRunnable run) => time.Post(run);

    protected override void Shutdown()
    {
        // It has no thread of its own.
    }
}

/// <summary>What lies between the actors of a system that plays several processes.</summary>
internal interface IVirtualNetwork
{
    /// <summary>False: it is lost, or the network delivers it later.</summary>
    bool LetsThrough(ActorCell to, Envelope envelope);

    /// <inheritdoc cref="LetsThrough(ActorCell, Envelope)"/>
    bool LetsThrough(ActorCell to, SystemMessage message);
}
