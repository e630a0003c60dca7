using Akka.Configuration;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Views;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Hosting;

/// <summary>The history of sessions, wherever it is kept.</summary>
internal interface ISessionHistory : IAsyncDisposable
{
    /// <inheritdoc cref="LocalOrchestrator.ListSessionsAsync"/>
    Task<IReadOnlyList<SessionSummary>> ListAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="LocalOrchestrator.FindSessionsAsync"/>
    Task<IReadOnlyList<SessionSummary>> FindAsync(string id, CancellationToken cancellationToken);

    /// <inheritdoc cref="LocalOrchestrator.ReadSessionAsync"/>
    Task<SessionDocument?> ReadAsync(string sessionId, CancellationToken cancellationToken);

    /// <inheritdoc cref="LocalOrchestrator.ReadEventsAsync"/>
    Task<IReadOnlyList<JournalEntry>> ReadEventsAsync(string sessionId, CancellationToken cancellationToken);
}

/// <summary>The sessions of a data folder, and new ones: what the verbs need of an orchestrator in this process.</summary>
internal interface ISessionService : ISessionHistory
{
    /// <inheritdoc cref="LocalOrchestrator.RecoveredSessions"/>
    IReadOnlyList<SessionDocument> RecoveredSessions { get; }

    /// <inheritdoc cref="LocalOrchestrator.RecordAsync"/>
    Task<SessionDocument> RecordAsync(SessionPlan plan, Action<SessionView> onChange, CancellationToken end, CancellationToken abort);
}

/// <summary>Opens the sessions of a data folder; makes the folder when it is missing.</summary>
internal delegate Task<ISessionService> OpenSessions(string dataFolder, Config configuration, CancellationToken cancellationToken);

/// <inheritdoc cref="LocalOrchestrator.ReadConfiguration"/>
internal delegate Config ReadConfiguration(string? userHocon, out IReadOnlyList<string> errors);

/// <summary>The sessions in this process.</summary>
internal sealed class LocalSessionService(LocalOrchestrator orchestrator) : ISessionService
{
    public IReadOnlyList<SessionDocument> RecoveredSessions => orchestrator.RecoveredSessions;

    public Task<SessionDocument> RecordAsync(SessionPlan plan, Action<SessionView> onChange, CancellationToken end, CancellationToken abort) =>
        orchestrator.RecordAsync(plan, onChange, end, abort);

    public Task<IReadOnlyList<SessionSummary>> ListAsync(CancellationToken cancellationToken) => orchestrator.ListSessionsAsync(cancellationToken);

    public Task<IReadOnlyList<SessionSummary>> FindAsync(string id, CancellationToken cancellationToken) => orchestrator.FindSessionsAsync(id, cancellationToken);

    public Task<SessionDocument?> ReadAsync(string sessionId, CancellationToken cancellationToken) => orchestrator.ReadSessionAsync(sessionId, cancellationToken);

    public Task<IReadOnlyList<JournalEntry>> ReadEventsAsync(string sessionId, CancellationToken cancellationToken) =>
        orchestrator.ReadEventsAsync(sessionId, cancellationToken);

    public ValueTask DisposeAsync() => orchestrator.DisposeAsync();
}
