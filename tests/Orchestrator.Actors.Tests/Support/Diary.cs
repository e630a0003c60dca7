using Akka.Actor;
using Akka.Persistence;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>The plainest persistent actor: writes what it is told, answers when it is written, tells what it has.</summary>
internal sealed class Diary : ReceivePersistentActor
{
    private readonly List<SessionEvent> _entries = [];
    private SessionEvent? _snapshot;

    public Diary(string id)
    {
        PersistenceId = id;
        Recover<SessionEvent>(_entries.Add);
        Recover<SnapshotOffer>(offer => _snapshot = (SessionEvent)offer.Snapshot);
        Command<Write>(write =>
        {
            var (left, requester) = (write.Events.Count, Sender);
            PersistAll(write.Events, happened =>
            {
                _entries.Add(happened);
                if (--left == 0) requester.Tell(new Written(LastSequenceNr));
            });
        });
        Command<WriteOnce>(write =>
        {
            var requester = Sender;
            if (_entries.Contains(write.Event)) requester.Tell(new Written(LastSequenceNr));
            else Persist(write.Event, happened =>
            {
                _entries.Add(happened);
                requester.Tell(new Written(LastSequenceNr));
            });
        });
        Command<Keep>(keep =>
        {
            var requester = Sender;
            SaveSnapshot(keep.Snapshot);
            BecomeStacked(() => Command<SaveSnapshotSuccess>(_ =>
            {
                requester.Tell(new Written(LastSequenceNr));
                UnbecomeStacked();
            }));
        });
        Command<Read>(_ => Sender.Tell(new Content([.. _entries], _snapshot)));
    }

    public override string PersistenceId { get; }

    public static Props Props(string id) => Akka.Actor.Props.Create(() => new Diary(id));

    /// <summary>All of them or none.</summary>
    public sealed record Write(params IReadOnlyList<SessionEvent> Events);

    /// <summary>Whoever was not answered asks again.</summary>
    public sealed record WriteOnce(SessionEvent Event);

    public sealed record Keep(SessionEvent Snapshot);

    public sealed record Read
    {
        public static Read Instance { get; } = new();
    }

    public sealed record Written(long SequenceNr);

    /// <param name="Entries">Those that were replayed or written since.</param>
    /// <param name="Snapshot">What recovery began with; null when there was none.</param>
    public sealed record Content(IReadOnlyList<SessionEvent> Entries, SessionEvent? Snapshot);
}

/// <summary>
/// Makes its diary anew a moment after it stopped, as a coordinator does with a session whose journal failed. What comes
/// while there is none is lost.
/// </summary>
internal sealed class DiaryKeeper : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    public DiaryKeeper(string id)
    {
        Receive<Begin>(_ => Make(id));
        Receive<Terminated>(_ => Timers.StartSingleTimer("again", Begin.Instance, Moment));
        ReceiveAny(message => Context.Child("diary").Forward(message));
        Make(id);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(string id) => Akka.Actor.Props.Create(() => new DiaryKeeper(id));

    private static void Make(string id) => Context.Watch(Context.ActorOf(Diary.Props(id), "diary"));

    private sealed record Begin
    {
        public static Begin Instance { get; } = new();
    }
}
