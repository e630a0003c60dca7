using Orchestrator.Actors.Wire;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Clocks;

/// <summary>How the coordinator's clock asks a node's.</summary>
public static class ClockProtocol
{
    /// <summary>What does your clock read? Answered by <see cref="Pong"/>.</summary>
    /// <param name="Reference">The clock that asks.</param>
    /// <param name="SentNanos">What it read when this was sent.</param>
    /// <param name="Before">The exchange before this one, now that it is complete: so the node knows, too, how its clock lies. Null: there was none.</param>
    public sealed record Ping(Timeline Reference, long SentNanos, NodeClockBracket? Before) : IWireMessage;

    /// <param name="SentNanos">Of the <see cref="Ping"/>.</param>
    /// <param name="NodeNanos">What the node's clock read between the question's coming and the answer's going.</param>
    public sealed record Pong(string Node, long SentNanos, long NodeNanos) : IWireMessage;

    /// <summary>From the one who asks to its coordinator: an exchange is complete.</summary>
    public sealed record Bracketed(string Node, NodeClockBracket Bracket);

    /// <summary>To the one who asks: several exchanges at once, now; a session is about to begin or to end.</summary>
    public sealed record Burst
    {
        public static Burst Instance { get; } = new();
    }
}
