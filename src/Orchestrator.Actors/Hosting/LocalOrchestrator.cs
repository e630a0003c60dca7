using Akka.Configuration;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Hosting;

/// <summary>
/// The orchestrator in this process, with no port open: the same actors as in a cluster, over the journal of one data folder.
/// </summary>
public sealed class LocalOrchestrator : IAsyncDisposable
{
    /// <summary>
    /// Reads reference and user configuration (HOCON); all errors at once.
    /// </summary>
    /// <param name="errors">Every unknown key and every value out of range; empty when the result may be used.</param>
    public static Config ReadConfiguration(string? userHocon, out IReadOnlyList<string> errors) => throw new NotSupportedException();

    /// <summary>Opens the journal of <paramref name="dataFolder"/> (made when missing) and gives every session that a dead process left open its outcome.</summary>
    /// <exception cref="JournalUnavailableException">The journal cannot be opened or written; says why and what to do.</exception>
    public static Task<LocalOrchestrator> StartAsync(string dataFolder, Config configuration, TimeProvider time, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Sessions found open at start whose process is dead, with the outcome they got.</summary>
    public IReadOnlyList<SessionDocument> RecoveredSessions => throw new NotSupportedException();

    /// <summary>Runs one session to its outcome. <paramref name="onChange"/> is called, one at a time, at most every progress interval.</summary>
    /// <param name="end">Cancelled: the window ends early, everything is flushed and kept.</param>
    /// <param name="abort">Cancelled: the session is given up; outcome <c>aborted</c>.</param>
    public Task<SessionDocument> RecordAsync(SessionPlan plan, Action<SessionView> onChange, CancellationToken end, CancellationToken abort) => throw new NotSupportedException();

    /// <summary>All sessions of the journal, oldest first; those that are open have no outcome.</summary>
    public Task<IReadOnlyList<SessionSummary>> ListSessionsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>The session whose id is, or begins with, <paramref name="id"/>; null when there is none.</summary>
    public Task<SessionDocument?> FindSessionAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>The session's events, as the journal has them.</summary>
    public Task<IReadOnlyList<JournalEntry>> ReadEventsAsync(string sessionId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => throw new NotSupportedException();
}

/// <param name="SequenceNr">From 1, without gaps.</param>
/// <param name="Manifest">The event's name and version, as stored.</param>
/// <param name="Json">The event's body as stored.</param>
public sealed record JournalEntry(long SequenceNr, DateTimeOffset At, string Manifest, string Json);

/// <summary>The journal cannot be opened, read or written.</summary>
public sealed class JournalUnavailableException(string message, Exception? cause) : Exception(message, cause);
