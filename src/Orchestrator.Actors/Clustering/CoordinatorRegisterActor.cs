using Akka.Actor;
using Akka.Persistence;
using Orchestrator.Actors.Nodes;

namespace Orchestrator.Actors.Clustering;

/// <summary>
/// The coordinators' register: who is in office, and which sessions are open. All coordinators of a cluster write under one name, each
/// event at the next place: one that was replaced without knowing finds its place taken, and its register stops. That is the fence
/// for whatever is admitted; a session's own journal is fenced by <c>TakenOver</c> in the same way.
/// </summary>
public sealed class CoordinatorRegisterActor : ReceivePersistentActor
{
    // A snapshot for each so many events: they are small, and a coordinator that comes into office is waited for.
    private const int SnapshotEvery = 200;

    private readonly NodeClock _clock;
    private CoordinatorRegister _register = CoordinatorRegister.Empty;

    /// <param name="epoch">Null: claim a new one. Else go on with this, unless another coordinator has come.</param>
    public CoordinatorRegisterActor(NodeClock clock, long? epoch)
    {
        _clock = clock;
        Recover<CoordinatorEvent>(happened => _register = _register.Apply(happened));
        Recover<SnapshotOffer>(offer => _register = (CoordinatorRegister)offer.Snapshot);
        Recover<RecoveryCompleted>(_ =>
        {
            if (epoch is null) Keep(new CoordinatorEvent.EpochClaimed(_register.Epoch + 1, clock.Timeline.Node) { At = clock.Utc }, () => Context.Parent.Tell(new InOffice(_register)));
            else Context.Parent.Tell(new InOffice(_register));
        });
        Command<Admit>(admit => Keep(new CoordinatorEvent.SessionAdmitted(admit.SessionId) { At = _clock.Utc }, () => Context.Parent.Tell(new Admitted(admit.SessionId))));
        Command<Close>(close =>
        {
            if (_register.Open.Contains(close.SessionId)) Keep(new CoordinatorEvent.SessionClosed(close.SessionId) { At = _clock.Utc }, () => Context.Parent.Tell(new Closed(close.SessionId)));
            else Context.Parent.Tell(new Closed(close.SessionId));
        });
        // A snapshot spares time and nothing else; what there is of it is as good without.
        Command<SaveSnapshotSuccess>(_ => { });
        Command<SaveSnapshotFailure>(_ => { });
    }

    public override string PersistenceId => "coordinator";

    public static Props Props(NodeClock clock, long? epoch) => Akka.Actor.Props.Create(() => new CoordinatorRegisterActor(clock, epoch));

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        base.OnPersistRejected(cause, @event, sequenceNr);
        Context.Stop(Self);
    }

    private void Keep(CoordinatorEvent happened, Action then) => Persist(happened, kept =>
    {
        _register = _register.Apply(kept);
        if (LastSequenceNr % SnapshotEvery == 0) SaveSnapshot(_register);
        then();
    });

    /// <summary>The register can be written; sent once, at the beginning.</summary>
    public sealed record InOffice(CoordinatorRegister Register);

    public sealed record Admit(string SessionId);
    public sealed record Admitted(string SessionId);
    public sealed record Close(string SessionId);
    public sealed record Closed(string SessionId);
}
