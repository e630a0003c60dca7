using Akka.Actor;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Nodes;

/// <summary>
/// What a session says to a node that takes part, and what that one says back: one message a phase each way, whatever
/// the number of browsers. Instants are nanoseconds of the session's time line.
/// </summary>
public static class NodeProtocol
{
    /// <summary>Get these browsers ready; answered by <see cref="Joined"/> at once and by <see cref="Prepared"/> when they are.</summary>
    public sealed record Prepare(long Phase, SessionPlan Plan, IReadOnlyList<BrowserTarget> Targets, IActorRef Session);

    /// <summary>Start all that are ready at the instant; answered by <see cref="Started"/>.</summary>
    public sealed record Start(long Phase, long AtNanos);

    /// <summary>Open each browser's URL.</summary>
    public sealed record OpenPages
    {
        public static OpenPages Instance { get; } = new();
    }

    /// <summary>Give each browser clock sync markers, one browser at a time; answered by <see cref="Probed"/>.</summary>
    /// <param name="SyncIdPrefix">A number is added for each.</param>
    /// <param name="Rounds">Markers for each browser, at least.</param>
    /// <param name="Budget">After this no further one is sent.</param>
    public sealed record Probe(long Phase, string SyncIdPrefix, int Rounds, TimeSpan Budget)
    {
        /// <summary>Up to so many for a browser of which no bracket is narrow enough.</summary>
        public int MostRounds { get; init; } = Rounds;

        /// <summary>From sending to answer: a bracket of this width is narrow enough.</summary>
        public long NarrowEnoughNanos { get; init; }
    }

    /// <summary>Give all browsers this marker at once; answered by <see cref="Marked"/>.</summary>
    public sealed record Mark(long Phase, string SyncId, string Label, long AtNanos);

    public sealed record DumpMemory(string Level, bool Deterministic);

    /// <summary>End all that record at the instant; answered by <see cref="EndSent"/>, then by reports as they come.</summary>
    public sealed record End(long Phase, long AtNanos);

    /// <summary>Stop here: every browser without an outcome gets this one.</summary>
    public sealed record GiveUp(BrowserOutcome Outcome, string Reason);

    /// <summary>Its sender takes all that follows for this session on this node.</summary>
    public sealed record Joined(string Node);

    /// <summary>An answer also brings the reports of the browsers that ended meanwhile.</summary>
    public abstract record Answer(string Node, long Phase, IReadOnlyList<BrowserReport> Ended);

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
        : Answer(Node, Phase, Ended);

    /// <summary>Browsers whose part is over, between phases.</summary>
    public sealed record BrowsersEnded(string Node, IReadOnlyList<BrowserReport> Ended);

    /// <summary>What the browsers are doing; sent when it has changed, at most every progress interval.</summary>
    public sealed record Progress(string Node, IReadOnlyList<BrowserProgress> Browsers);

    public sealed record ReadyBrowser(string Browser, string Endpoint, string Product, int? ProcessId);

    public sealed record SentAndAnswered(long SentNanos, long AnsweredNanos);

    public sealed record BrowserProgress(string Browser, string State, double? BufferFill, long Bytes, int Markers);
}
