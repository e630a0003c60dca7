using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Browsers;

/// <summary>What a node says to a browser actor, and what that one says back. Never leaves the process.</summary>
public static class BrowserProtocol
{
    /// <summary>Send <c>Tracing.start</c> at the instant.</summary>
    public sealed record StartAt(long Phase, SynchronizedInstant Instant);

    /// <summary>Record a clock sync marker; answered by <see cref="Marked"/> or <see cref="MarkFailed"/>.</summary>
    /// <param name="Label">What a person calls it; null of the clock's own.</param>
    /// <param name="Instant">Null: at once.</param>
    public sealed record Mark(long Phase, string SyncId, string? Label, SynchronizedInstant? Instant);

    public sealed record DumpMemory(string Level, bool Deterministic);

    /// <summary>Open the target's URL, if it has one.</summary>
    public sealed record OpenPage
    {
        public static OpenPage Instance { get; } = new();
    }

    /// <summary>Send <c>Tracing.end</c> at the instant.</summary>
    public sealed record EndAt(long Phase, SynchronizedInstant Instant);

    /// <summary>Stop here, with this outcome, unless there is one already.</summary>
    public sealed record GiveUp(BrowserOutcome Outcome, string Reason);

    /// <summary>The browser is there and could start.</summary>
    public sealed record Connected(string Browser, string Endpoint, string Product, int? ProcessId);

    /// <summary>Instants are ticks of the node's monotonic clock, as in all that follow.</summary>
    public sealed record Started(string Browser, long Phase, long SentAt, long AnsweredAt);

    public sealed record Marked(string Browser, long Phase, string SyncId, long SentAt, long AnsweredAt);

    public sealed record MarkFailed(string Browser, long Phase, string SyncId);

    public sealed record EndSent(string Browser, long Phase, long SentAt);

    /// <summary>The browser actor's last message.</summary>
    public sealed record Ended(BrowserReport Report);
}
