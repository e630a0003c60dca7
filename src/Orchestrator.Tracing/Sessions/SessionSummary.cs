namespace Orchestrator.Tracing.Sessions;

/// <summary>One line of the history.</summary>
/// <param name="EndedAt">Null, like the outcome, while the session is open.</param>
/// <param name="Browsers">How many were planned.</param>
public sealed record SessionSummary(
    string SessionId, DateTimeOffset OpenedAt, DateTimeOffset? EndedAt, SessionOutcome? Outcome, string? Reason, int Browsers, string Folder);
