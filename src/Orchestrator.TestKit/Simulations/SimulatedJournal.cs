using System.Globalization;
using System.Text;
using Akka.Actor;
using Akka.Persistence;
using Akka.Serialization;
using Orchestrator.Actors.Clustering;
using Orchestrator.Actors.Wire;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Simulations;

/// <summary>
/// A journal in memory that outlives the actor systems which write to it, as a database outlives processes. It keeps what
/// a real one would: manifests and bytes.
/// </summary>
/// <param name="write">How long a write takes; reading takes no time.</param>
internal sealed class SimulatedJournal(Delay write, int seed)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, List<JournaledEvent>> _events = new(StringComparer.Ordinal);

    /// <summary>So many events are kept, and none after them: whoever writes is dead by then, in the middle of a batch, too. Null: all are.</summary>
    internal long? WriterDiesAt { get; set; }

    internal bool IsWriterDead => Count >= WriterDiesAt;

    /// <summary>Nothing can be written or read.</summary>
    internal bool IsAway { get; set; }

    /// <summary>Whether who writes has died meanwhile: what it was about to write is lost.</summary>
    internal Func<IActorRef, bool> HasDied { get; set; } = _ => false;

    /// <summary>Told of each event as soon as it is kept, before its writer hears of it.</summary>
    internal event Action<string, JournaledEvent>? Kept;

    /// <summary>Events of all persistent actors.</summary>
    public long Count { get; private set; }

    /// <summary>What one persistent actor has written, in order.</summary>
    public IReadOnlyList<JournaledEvent> EventsOf(string persistenceId) => _events.TryGetValue(persistenceId, out var events) ? events : [];

    /// <summary>All of it as text, an event a line: two runs of one seed give the same.</summary>
    public string Transcript()
    {
        var text = new StringBuilder();
        foreach (var (id, events) in _events)
        {
            foreach (var (place, one) in events.Index())
                text.Append(CultureInfo.InvariantCulture, $"{id} {place + 1} {one.Manifest} ").Append(Encoding.UTF8.GetString(one.Bytes.Span)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>How long the next write takes.</summary>
    public TimeSpan NextWrite() => write.Next(_random);

    internal void Append(string persistenceId, JournaledEvent one)
    {
        if (IsWriterDead) return;
        if (!_events.TryGetValue(persistenceId, out var events)) _events.Add(persistenceId, events = []);
        events.Add(one);
        Count++;
        Kept?.Invoke(persistenceId, one);
    }
}

/// <summary>The journal is away, or somebody else has written at that place.</summary>
internal sealed class SimulatedJournalException(string reason) : Exception(reason);

/// <summary>An event as a journal keeps it.</summary>
internal sealed record JournaledEvent(string Manifest, ReadOnlyMemory<byte> Bytes);

/// <summary>Hands a system its journal, which its configuration can only name by a type.</summary>
internal sealed class JournalOfSystem(SimulatedJournal journal) : ExtensionIdProvider<JournalOfSystem>, IExtension
{
    public SimulatedJournal Journal => journal;

    public override JournalOfSystem CreateExtension(ExtendedActorSystem system) => this;
}

/// <summary>Speaks the protocol of Akka.Persistence's journals, and nothing else: what it is told is answered in order.</summary>
internal sealed class SimulatedJournalActor : ReceiveActor
{
    private readonly SimulatedJournal _journal = Context.System.GetExtension<JournalOfSystem>().Journal;
    private readonly SessionEventSerializer _sessions = new((ExtendedActorSystem)Context.System);
    private readonly CoordinatorEventSerializer _coordinators = new((ExtendedActorSystem)Context.System);
    private long _freeAtNanos;

    /// <summary>Called by Akka, by its name in the configuration.</summary>
    public SimulatedJournalActor()
    {
        Receive<WriteMessages>(write =>
        {
            // One writer, as in SQLite: a write waits for the one before.
            var time = ((Time.VirtualScheduler)Context.System.Scheduler).Time;
            _freeAtNanos = Math.Max(_freeAtNanos, time.NowNanos) + _journal.NextWrite().Ticks * 100;
            Context.System.Scheduler.ScheduleTellOnce(TimeSpan.FromTicks((_freeAtNanos - time.NowNanos) / 100), Self, new Written(write), Sender);
        });
        Receive<Written>(written => Write(written.Messages));
        Receive<ReplayMessages>(Replay);
    }

    private void Write(WriteMessages write)
    {
        if (_journal.HasDied(write.PersistentActor)) return;
        var atomic = write.Messages.OfType<AtomicWrite>().ToList();
        if (Refusal(atomic) is { } refusal)
        {
            write.PersistentActor.Tell(new WriteMessagesFailed(refusal, atomic.Count), Sender);
            foreach (var one in atomic.SelectMany(Representations)) write.PersistentActor.Tell(new WriteMessageFailure(one, refusal, write.ActorInstanceId), one.Sender);
            return;
        }

        foreach (var one in atomic.SelectMany(Representations).TakeWhile(_ => !_journal.HasDied(write.PersistentActor)))
        {
            var serializer = SerializerOf(one.Payload is CoordinatorEvent);
            _journal.Append(one.PersistenceId, new JournaledEvent(serializer.Manifest(one.Payload), serializer.ToBinary(one.Payload)));
        }

        write.PersistentActor.Tell(WriteMessagesSuccessful.Instance, Sender);
        foreach (var message in write.Messages)
        {
            if (message is AtomicWrite written)
            {
                foreach (var one in Representations(written)) write.PersistentActor.Tell(new WriteMessageSuccess(one, write.ActorInstanceId), one.Sender);
            }
            else
            {
                write.PersistentActor.Tell(new LoopMessageSuccess(message.Payload, write.ActorInstanceId), message.Sender);
            }
        }
    }

    /// <summary>What a database's unique key says to a second writer, or its socket to all; null: it can be written.</summary>
    private SimulatedJournalException? Refusal(IReadOnlyList<AtomicWrite> writes)
    {
        if (_journal.IsAway) return new SimulatedJournalException("the journal is away");
        var taken = writes.SelectMany(Representations).Index().FirstOrDefault(one => one.Item.SequenceNr != _journal.EventsOf(one.Item.PersistenceId).Count + one.Index + 1).Item;
        return taken is null ? null : new SimulatedJournalException($"{taken.PersistenceId} has an event {taken.SequenceNr} already");
    }

    private void Replay(ReplayMessages replay)
    {
        if (_journal.IsAway)
        {
            replay.PersistentActor.Tell(new ReplayMessagesFailure(new SimulatedJournalException("the journal is away")), ActorRefs.NoSender);
            return;
        }

        var events = _journal.EventsOf(replay.PersistenceId);
        for (var place = Math.Max(1, replay.FromSequenceNr); place <= Math.Min(replay.ToSequenceNr, events.Count); place++)
        {
            var one = events[(int)place - 1];
            replay.PersistentActor.Tell(new ReplayedMessage(new Persistent(
                SerializerOf(CoordinatorEventSerializer.Manifests.Contains(one.Manifest)).FromBinary(one.Bytes.ToArray(), one.Manifest), place, replay.PersistenceId, one.Manifest)), ActorRefs.NoSender);
        }

        replay.PersistentActor.Tell(new RecoverySuccess(events.Count), ActorRefs.NoSender);
    }

    private SerializerWithStringManifest SerializerOf(bool isCoordinators) => isCoordinators ? _coordinators : _sessions;

    private static IEnumerable<IPersistentRepresentation> Representations(AtomicWrite write) => (IEnumerable<IPersistentRepresentation>)write.Payload;

    private sealed record Written(WriteMessages Messages);
}
