using Orchestrator.Tracing.Recording;

namespace Orchestrator.Tracing.Sessions;

/// <summary>What happened in a session, as the journal keeps it. Extend only: a field that is added is optional.</summary>
public abstract record SessionEvent
{
    private SessionEvent() { }

    /// <summary>Wall clock of the node that runs the session.</summary>
    public required DateTimeOffset At { get; init; }

    /// <param name="Plan">What is to be done.</param>
    /// <param name="Timeline">The clock that the session's instants are told on.</param>
    public sealed record Opened(SessionPlan Plan, Timeline Timeline) : SessionEvent
    {
        /// <summary>The term of the cluster's coordinator that opened it; null where there is no cluster.</summary>
        public long? Epoch { get; init; }
    }

    /// <summary>Another coordinator goes on with the session, or the same one after it had lost its journal.</summary>
    /// <param name="Epoch">Its term. A coordinator of a lower one has no say in the session any more.</param>
    /// <param name="Node">Where it runs.</param>
    /// <param name="Folder">The session's folder there, an absolute path.</param>
    public sealed record TakenOver(long Epoch, string Node, string Folder) : SessionEvent;

    /// <summary>
    /// The session was admitted and never opened: its coordinator was gone, or out of office, before it was. A coordinator of a lower epoch does not open
    /// it any more; a later one may. It stands before a session's first event, and is none of the session's own.
    /// </summary>
    public sealed record NotOpened(long Epoch) : SessionEvent;

    /// <summary>The session was asked to end its window early.</summary>
    public sealed record EndRequested : SessionEvent;

    /// <summary>The session was given up: whatever its browsers add up to, this is its outcome.</summary>
    public sealed record GivenUp(SessionOutcome Outcome, string Reason) : SessionEvent;

    /// <summary>Something that people who read of the session should know.</summary>
    public sealed record Noted(string Text) : SessionEvent;

    /// <summary>A browser is connected and has said what it is.</summary>
    /// <param name="ProcessId">Of a launched browser, on its node.</param>
    public sealed record BrowserReady(string Browser, string Node, string Endpoint, string Product, int? ProcessId) : SessionEvent;

    /// <summary>A browser has its outcome.</summary>
    public sealed record BrowserEnded(BrowserReport Report) : SessionEvent;

    /// <summary>Every browser that still takes part has answered <c>Tracing.start</c>.</summary>
    /// <param name="TimelineNanos">When, on the session's timeline.</param>
    /// <param name="StartSendSkewMicros">Latest minus earliest instant at which a start was sent.</param>
    /// <param name="StartAckSkewMicros">Latest minus earliest instant at which a start was answered.</param>
    public sealed record WindowOpened(long TimelineNanos, double StartSendSkewMicros, double StartAckSkewMicros) : SessionEvent;

    /// <summary>A labelled marker was sent to all browsers at once.</summary>
    /// <param name="TimelineNanos">When the first was sent.</param>
    public sealed record MarkerPlaced(string Label, string SyncId, long TimelineNanos) : SessionEvent;

    /// <summary><c>Tracing.end</c> was sent to every browser that still recorded.</summary>
    /// <param name="EndSendSkewMicros">Latest minus earliest instant; null when no browser was left to end.</param>
    public sealed record WindowClosed(long TimelineNanos, double? EndSendSkewMicros) : SessionEvent;

    /// <summary>The browsers' clocks were related to the session's time line.</summary>
    /// <param name="Clocks">By browser.</param>
    /// <param name="Nodes">By node; null: written before sessions had several.</param>
    public sealed record ClocksAligned(IReadOnlyDictionary<string, ClockFacts> Clocks, IReadOnlyDictionary<string, ClockFacts>? Nodes = null) : SessionEvent;

    /// <summary>What was made of the traces.</summary>
    /// <param name="Problems">What could not be put into the files, and why.</param>
    public sealed record TracesMerged(IReadOnlyList<MergedFile> Files, IReadOnlyList<string> Problems) : SessionEvent;

    /// <summary>The session is over. Nothing follows.</summary>
    public sealed record Ended(SessionOutcome Outcome, string? Reason) : SessionEvent;
}

/// <summary>The session's time line: a node's monotonic clock, in nanoseconds.</summary>
/// <param name="Clock">Which clock: <c>monotonic</c>.</param>
/// <param name="Node">Whose.</param>
/// <param name="UtcAtZero">What that node's wall clock would have shown at the time line's zero.</param>
public sealed record Timeline(string Clock, string Node, DateTimeOffset UtcAtZero)
{
    /// <summary>
    /// The machine's boot and the time namespace that the clock belongs to: two time lines of one domain are one and the same.
    /// Null where it is not known.
    /// </summary>
    public string? Domain { get; init; }

    /// <summary>Whether an instant of the one is the same instant of the other.</summary>
    public bool IsSameAs(Timeline other) => this == other || (Domain is not null && Domain == other.Domain);

    public DateTimeOffset ToUtc(long timelineNanos) => UtcAtZero.AddTicks(timelineNanos / 100);

    public long FromUtc(DateTimeOffset utc) => (utc - UtcAtZero).Ticks * 100;

    /// <summary>The same instant as nanoseconds since 1970, UTC: nothing is rounded.</summary>
    public long ToUnixNanos(long timelineNanos) => (UtcAtZero.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) * 100 + timelineNanos;
}

/// <summary>All that is known of a browser whose part is over.</summary>
public sealed record BrowserReport
{
    public required string Browser { get; init; }
    public required BrowserOutcome Outcome { get; init; }

    /// <summary>Why, where the outcome alone does not say it.</summary>
    public string? Reason { get; init; }

    public bool DataLoss { get; init; }

    /// <summary>The fullest the browser's buffer was seen, 0 to 1; null when the browser never reported it.</summary>
    public double? BufferPeak { get; init; }

    /// <summary>How many clock sync markers the browser acknowledged.</summary>
    public int Markers { get; init; }

    /// <summary>What is on disk; null when nothing is.</summary>
    public TraceFile? Trace { get; init; }

    /// <summary>What the node saw of the recording, as a file; null where that could not be written.</summary>
    public TraceFile? Log { get; init; }

    public IReadOnlyList<MemoryDump> MemoryDumps { get; init; } = [];

    /// <summary>What went wrong without ending the recording, such as a page that could not be opened.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>A browser's trace on disk.</summary>
/// <param name="Path">Relative to the session's folder, with forward slashes.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of all its bytes, lower-case hex.</param>
/// <param name="IsWhole">False: what came before the failure, kept under a name that ends in <c>.partial</c>.</param>
public sealed record TraceFile(string Path, long Bytes, string Sha256, bool IsWhole);

/// <summary>The answer to one <c>Tracing.requestMemoryDump</c>.</summary>
/// <param name="DumpGuid">The dump's name in the trace; null when the request itself failed.</param>
public sealed record MemoryDump(string? DumpGuid, bool Success, string Level);
