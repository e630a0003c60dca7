using Orchestrator.Actors.Views;
using Orchestrator.Host.Hosting;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Support;

/// <summary>Sessions that end as a test wants them to.</summary>
internal sealed class FakeSessions : ISessionService
{
    public List<SessionPlan> Recorded { get; } = [];
    public List<SessionSummary> History { get; } = [];
    public List<JournalEntry> Events { get; } = [];
    public List<SessionDocument> Recovered { get; } = [];

    /// <summary>How a session ends; by default every browser is complete.</summary>
    public Func<SessionPlan, SessionDocument> Ends { get; set; } = plan => Documents.Of(plan, [.. plan.Targets.Select(_ => BrowserOutcome.Complete)]);

    public bool IsDisposed { get; private set; }

    public IReadOnlyList<SessionDocument> RecoveredSessions => Recovered;

    public Task<SessionDocument> RecordAsync(SessionPlan plan, Action<SessionView> onChange, CancellationToken end, CancellationToken abort)
    {
        Recorded.Add(plan);
        onChange(new SessionView(plan.SessionId, SessionPhase.Preparing, null, plan.Window.Duration,
            [.. plan.Targets.Select(target => new BrowserView(target.Name, "connecting", null, 0, 0, null, null, null))]));
        return Task.FromResult(Ends(plan));
    }

    public Task<IReadOnlyList<SessionSummary>> ListAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SessionSummary>>(History);

    public Task<IReadOnlyList<SessionSummary>> FindAsync(string id, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SessionSummary>>([.. History.Where(session => session.SessionId.StartsWith(id, StringComparison.Ordinal))]);

    public Task<SessionDocument?> ReadAsync(string sessionId, CancellationToken cancellationToken) =>
        Task.FromResult<SessionDocument?>(Documents.Of(Documents.Plan(sessionId), [BrowserOutcome.Complete, BrowserOutcome.ConnectionLost]));

    public Task<IReadOnlyList<JournalEntry>> ReadEventsAsync(string sessionId, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<JournalEntry>>(Events);

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
