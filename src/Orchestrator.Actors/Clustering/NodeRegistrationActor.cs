using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Nodes;

namespace Orchestrator.Actors.Clustering;

/// <summary>
/// Tells the coordinator, whoever that is at the moment, that this node is there: again and again, because a new coordinator knows
/// nobody, and must know all before it goes on with what is open.
/// </summary>
public sealed class NodeRegistrationActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private string? _refused;

    /// <param name="coordinator">The proxy of the singleton.</param>
    /// <param name="registration">What is to be said, as it is now.</param>
    /// <param name="heard">Told each answer.</param>
    public NodeRegistrationActor(IActorRef coordinator, IActorRef node, Func<ClusterProtocol.Register> registration, Action<object> heard)
    {
        Receive<Due>(_ => coordinator.Tell(registration()));
        Receive<ClusterProtocol.Registered>(registered =>
        {
            _refused = null;
            node.Tell(new NodeLifeProtocol.CoordinatorInOffice(registered.Epoch));
            heard(registered);
        });
        Receive<ClusterProtocol.RegistrationRefused>(refused =>
        {
            if (_refused != refused.Reason) Context.GetLogger().Error("The coordinator refuses this node: {0}", refused.Reason);
            _refused = refused.Reason;
            heard(refused);
        });
        Timers.StartPeriodicTimer(nameof(Due), Due.Instance, TimeSpan.Zero, Every);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IActorRef coordinator, IActorRef node, Func<ClusterProtocol.Register> registration, Action<object> heard) =>
        Akka.Actor.Props.Create(() => new NodeRegistrationActor(coordinator, node, registration, heard));

    private sealed record Due
    {
        public static Due Instance { get; } = new();
    }
}
