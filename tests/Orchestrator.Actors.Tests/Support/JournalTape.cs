using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Persistence;
using Akka.Persistence.Journal;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>What a journal in memory was given, and which events it shall fail on; one for each actor system, by its name.</summary>
internal sealed class JournalTape
{
    private static readonly ConcurrentDictionary<string, JournalTape> s_tapes = new();
    private ImmutableList<(string PersistenceId, SessionEvent Event)> _written = [];

    /// <summary>The write fails, as on a disk that is full.</summary>
    public Func<SessionEvent, bool> Fails { get; set; } = _ => false;

    /// <summary>The journal will not have the event, as one that it cannot serialize.</summary>
    public Func<SessionEvent, bool> Rejects { get; set; } = _ => false;

    public static JournalTape Of(string system) => s_tapes.GetOrAdd(system, _ => new JournalTape());

    public IReadOnlyList<SessionEvent> EventsOf(string sessionId) =>
        [.. _written.Where(one => one.PersistenceId == $"session-{sessionId}").Select(one => one.Event)];

    public void Write(string persistenceId, SessionEvent happened) =>
        ImmutableInterlocked.Update(ref _written, static (all, one) => all.Add(one), (persistenceId, happened));
}

/// <summary>A journal in memory that can fail on demand.</summary>
public sealed class TapedJournal : MemoryJournal
{
    private readonly JournalTape _tape = JournalTape.Of(Context.System.Name);

    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        var writes = messages.ToList();
        var events = writes.SelectMany(write => (IEnumerable<IPersistentRepresentation>)write.Payload).ToList();
        if (events.Any(one => _tape.Fails((SessionEvent)one.Payload))) throw new IOException("No space left on device");
        if (events.Any(one => _tape.Rejects((SessionEvent)one.Payload)))
            return [.. writes.Select(_ => new InvalidOperationException("it cannot be serialized"))];

        var answer = await base.WriteMessagesAsync(writes, cancellationToken);
        foreach (var one in events) _tape.Write(one.PersistenceId, (SessionEvent)one.Payload);
        return answer;
    }
}
