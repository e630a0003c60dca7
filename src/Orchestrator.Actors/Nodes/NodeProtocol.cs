using Orchestrator.Actors.Wire;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Nodes;

/// <summary>
/// What a session says to a node that takes part, and what that one says back: one message a phase each way, whatever
/// the number of browsers. Instants are nanoseconds of the session's time line. A command may come twice: what was
/// answered is answered again, and nothing is done again.
/// </summary>
public static class NodeProtocol
{
    public abstract record Command : IWireMessage
    {
        /// <summary>The term of the coordinator that says so; a node obeys none that is lower than the highest it has heard of. 0 where there is no cluster.</summary>
        public long Epoch { get; init; }
    }

    /// <summary>Get these browsers ready, for the session that says so; answered by <see cref="Joined"/> at once and by <see cref="Prepared"/> when they are.</summary>
    public sealed record Prepare(long Phase, SessionPlan Plan, IReadOnlyList<BrowserTarget> Targets) : Command
    {
        /// <summary>The session's time line; null: the node's own clock.</summary>
        public Timeline? Timeline { get; init; }
    }

    /// <summary>Another coordinator goes on with the session: from now on its sender is told. Answered by <see cref="Resumed"/>.</summary>
    public sealed record Resume(string SessionId) : Command;

    /// <summary>Start all that are ready at the instant; answered by <see cref="Started"/>.</summary>
    public sealed record Start(long Phase, long AtNanos) : Command;

    /// <summary>The window is open. Without a coordinator the node ends it by itself at this instant.</summary>
    public sealed record WindowOpens(long EndAtNanos) : Command;

    /// <summary>Open each browser's URL.</summary>
    public sealed record OpenPages : Command
    {
        public static OpenPages Instance { get; } = new();
    }

    /// <summary>Give each browser clock sync markers, one browser at a time; answered by <see cref="Probed"/>.</summary>
    /// <param name="SyncIdPrefix">A number is added for each.</param>
    /// <param name="Rounds">Markers for each browser, at least.</param>
    /// <param name="Budget">After this no further one is sent.</param>
    public sealed record Probe(long Phase, string SyncIdPrefix, int Rounds, TimeSpan Budget) : Command
    {
        /// <summary>Up to so many for a browser of which no bracket is narrow enough.</summary>
        public int MostRounds { get; init; } = Rounds;

        /// <summary>From sending to answer: a bracket of this width is narrow enough.</summary>
        public long NarrowEnoughNanos { get; init; }
    }

    /// <summary>Give all browsers this marker at once; answered by <see cref="Marked"/>.</summary>
    public sealed record Mark(long Phase, string SyncId, string Label, long AtNanos) : Command;

    public sealed record DumpMemory(string Level, bool Deterministic) : Command;

    /// <summary>End all that record at the instant; answered by <see cref="EndSent"/>, then by reports as they come.</summary>
    public sealed record End(long Phase, long AtNanos) : Command;

    /// <summary>Stop here: every browser without an outcome gets this one.</summary>
    public sealed record GiveUp(BrowserOutcome Outcome, string Reason) : Command;

    /// <summary>What these browsers reported is persisted, and what belongs to it was fetched: it need not be said again.</summary>
    public sealed record Taken(string SessionId, IReadOnlyList<string> Browsers) : Command;

    /// <summary>To the node: the session is over, and all that it needs of this node's spool was fetched. The spool goes.</summary>
    public sealed record Release(string SessionId) : Command;

    /// <summary>To the node: the session is over, and nobody will fetch any more of what the node holds of it. The spool stays for its retention.</summary>
    public sealed record SessionOver(string SessionId) : Command;

    /// <summary>Its sender takes all that follows for this session on this node.</summary>
    public sealed record Joined(string Node) : IWireMessage;

    /// <summary>The command came from a coordinator that has a successor.</summary>
    /// <param name="Epoch">The highest that the node has heard of.</param>
    public sealed record Fenced(string Node, long Epoch) : IWireMessage;

    /// <summary>How far the node's part of a session is, and all reports so far. Its sender takes all that follows where it still goes on.</summary>
    public sealed record Resumed(string Node, NodeStage Stage, IReadOnlyList<BrowserReport> Ended) : IWireMessage
    {
        /// <summary>How the node's clock lay to the clocks that it was asked by; null where that is not known.</summary>
        public ClockAccount? Clock { get; init; }
    }

    /// <summary>An answer also brings the reports of the browsers that ended meanwhile.</summary>
    public abstract record Answer(string Node, long Phase, IReadOnlyList<BrowserReport> Ended) : IWireMessage;

    public sealed record Prepared(string Node, long Phase, IReadOnlyList<ReadyBrowser> Ready, IReadOnlyList<BrowserReport> Ended)
        : Answer(Node, Phase, Ended);

    public sealed record Started(string Node, long Phase, IReadOnlyList<SentAndAnswered> Instants, IReadOnlyList<BrowserReport> Ended)
        : Answer(Node, Phase, Ended);

    public sealed record Probed(string Node, long Phase, IReadOnlyList<BrowserReport> Ended) : Answer(Node, Phase, Ended);

    /// <param name="Instants">Of the browsers that took the marker.</param>
    public sealed record Marked(string Node, long Phase, IReadOnlyList<SentAndAnswered> Instants, IReadOnlyList<BrowserReport> Ended)
        : Answer(Node, Phase, Ended);

    /// <param name="SentNanos">When each end was sent.</param>
    public sealed record EndSent(string Node, long Phase, IReadOnlyList<long> SentNanos, IReadOnlyList<BrowserReport> Ended)
        : Answer(Node, Phase, Ended)
    {
        /// <inheritdoc cref="Resumed.Clock"/>
        public ClockAccount? Clock { get; init; }
    }

    /// <summary>Browsers whose part is over, between phases.</summary>
    public sealed record BrowsersEnded(string Node, IReadOnlyList<BrowserReport> Ended) : IWireMessage;

    /// <summary>What the browsers are doing; sent when it has changed, at most every progress interval.</summary>
    public sealed record Progress(string Node, IReadOnlyList<BrowserProgress> Browsers) : IWireMessage;

    /// <param name="Clock">The node's own.</param>
    /// <param name="References">What it was read against.</param>
    public sealed record ClockAccount(Timeline Clock, IReadOnlyList<NodeClockReference> References);

    public sealed record ReadyBrowser(string Browser, string Endpoint, string Product, int? ProcessId);

    public sealed record SentAndAnswered(long SentNanos, long AnsweredNanos);

    public sealed record BrowserProgress(string Browser, string State, double? BufferFill, long Bytes, int Markers);
}

/// <summary>How far a node's part of a session is.</summary>
public enum NodeStage
{
    /// <summary>The node knows nothing of the session.</summary>
    Unknown,

    /// <summary>Its browsers get ready, or are.</summary>
    Preparing,

    /// <summary>They were told to start.</summary>
    Started,

    /// <summary>They were told to end.</summary>
    Ended,

    /// <summary>Nobody records any more: the reports are all that there is.</summary>
    Over,
}
