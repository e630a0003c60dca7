using System.Text;
using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Wire;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Views;

/// <summary>The history, read from the journal.</summary>
public sealed class SessionHistory
{
    private readonly SqlReadJournal _journal;
    private readonly ActorMaterializer _materializer;
    private readonly SessionEventSerializer _serializer;

    // Several times what making the tables has taken on a machine that was busy with browsers coming up.
    private static readonly TimeSpan JournalPatience = TimeSpan.FromMinutes(1);

    /// <exception cref="TimeoutException">The journal does not come up.</exception>
    public static async Task<SessionHistory> OpenAsync(ActorSystem system, CancellationToken cancellationToken)
    {
        // The read journal's constructor blocks until the write journal has made its tables, and throws after five seconds.
        // A question to the write journal is answered when it has.
        using var inbox = Inbox.Create(system);
        Persistence.Instance.Apply(system).JournalFor("").Tell(new ReplayMessages(0, 0, 0, "nobody", inbox.Receiver));
        await inbox.ReceiveAsync(JournalPatience).WaitAsync(cancellationToken);
        return new SessionHistory(system);
    }

    private SessionHistory(ActorSystem system)
    {
        _journal = PersistenceQuery.Get(system).ReadJournalFor<SqlReadJournal>(SqlReadJournal.Identifier);
        _materializer = system.Materializer();
        _serializer = new SessionEventSerializer((ExtendedActorSystem)system);
    }

    /// <summary>One line a session, oldest first.</summary>
    public async Task<IReadOnlyList<SessionSummary>> ListAsync()
    {
        var sessions = new Dictionary<string, SessionSummary>(StringComparer.Ordinal);
        await _journal.CurrentEventsByTag(SessionTags.Bounds, Offset.NoOffset()).RunForeach(envelope =>
        {
            switch (envelope.Event)
            {
                case SessionEvent.Opened opened:
                    sessions[envelope.PersistenceId] = new SessionSummary(
                        opened.Plan.SessionId, opened.At, EndedAt: null, Outcome: null, Reason: null, opened.Plan.Targets.Count, opened.Plan.OutputFolder);
                    break;
                case SessionEvent.Ended ended when sessions.TryGetValue(envelope.PersistenceId, out var session):
                    sessions[envelope.PersistenceId] = session with { EndedAt = ended.At, Outcome = ended.Outcome, Reason = ended.Reason };
                    break;
            }
        }, _materializer);
        return [.. sessions.Values.OrderBy(session => session.OpenedAt)];
    }

    /// <summary>The session's state; null when the journal has none of this id.</summary>
    public async Task<TraceSession?> FindAsync(string sessionId)
    {
        TraceSession? session = null;
        await Events(sessionId).Where(envelope => envelope.Event is not SessionEvent.NotOpened)
            .RunForeach(envelope => session = TraceSession.Apply(session, (SessionEvent)envelope.Event), _materializer);
        return session;
    }

    public async Task<IReadOnlyList<JournalEntry>> EventsAsync(string sessionId)
    {
        var entries = new List<JournalEntry>();
        await Events(sessionId).RunForeach(envelope => entries.Add(new JournalEntry(
            envelope.SequenceNr,
            ((SessionEvent)envelope.Event).At,
            _serializer.Manifest(envelope.Event),
            Encoding.UTF8.GetString(_serializer.ToBinary(envelope.Event)))), _materializer);
        return entries;
    }

    private Source<EventEnvelope, Akka.NotUsed> Events(string sessionId) =>
        _journal.CurrentEventsByPersistenceId(SessionActor.PersistenceIdOf(sessionId), 0, long.MaxValue);
}

/// <param name="SequenceNr">From 1, without gaps.</param>
/// <param name="Manifest">The event's name and version.</param>
/// <param name="Json">The event's body.</param>
public sealed record JournalEntry(long SequenceNr, DateTimeOffset At, string Manifest, string Json);
