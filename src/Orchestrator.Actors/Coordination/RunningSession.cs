using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Coordination;

/// <summary>What only a session that runs in this process has, and its journal does not.</summary>
internal sealed class RunningSession(SessionNodes nodes, SessionWatch watch, long firstPhase)
{
    private long _lastPhase = firstPhase;

    public SessionNodes Nodes => nodes;
    public SessionWatch Watch => watch;
    public SessionPhase Phase { get; set; } = SessionPhase.Preparing;

    /// <summary>What the coordinator was told last.</summary>
    public SessionPhase? ToldPhase { get; set; }

    /// <summary>The phase that is under way, over the nodes.</summary>
    public PhaseFanOut<NodeProtocol.Answer> FanOut { get; set; } = new(0, []);

    /// <summary>What a node is told in this phase.</summary>
    public Func<SessionNode, NodeProtocol.Command> Command { get; set; } = _ => NodeProtocol.OpenPages.Instance;

    /// <summary>What follows when every node has answered the phase or is lost.</summary>
    public Action WhenAll { get; set; } = () => { };

    /// <summary>Labelled markers on their way.</summary>
    public Dictionary<long, PendingMark> Marks { get; } = [];

    /// <summary>The burst at the window's opening, after which the pages are opened.</summary>
    public long OpeningProbe { get; set; }

    /// <summary>When the window ends, on the time line.</summary>
    public long EndAtNanos { get; set; }

    /// <summary>When the watcher was last shown what is known, on the time line.</summary>
    public long ShownAtNanos { get; set; } = long.MinValue / 2;

    /// <summary>Set when the session was given up.</summary>
    public ForcedOutcome? Forced { get; set; }

    /// <summary>The end is on its way to the journal: one message can find it due at more than one place.</summary>
    public bool IsEnding { get; set; }

    /// <summary>It was taken over, and its nodes have not all said yet what they have.</summary>
    public bool IsResuming { get; set; }

    /// <summary>Nodes that have not been heard of since are away.</summary>
    public bool IsRollCallOver { get; set; }

    /// <summary>Another life of the session's actor has begun it.</summary>
    public bool WasTakenOver { get; init; }

    /// <summary>Browsers whose files are on their way here.</summary>
    public HashSet<string> Fetching { get; } = new(StringComparer.Ordinal);

    /// <summary>Browsers whose files came here with this life of the session's actor.</summary>
    public HashSet<string> Fetched { get; } = new(StringComparer.Ordinal);

    /// <summary>Browsers whose files did not; their node is to keep them.</summary>
    public HashSet<string> Unfetched { get; } = new(StringComparer.Ordinal);

    public long NextPhase() => ++_lastPhase;
}

/// <summary>A labelled marker, and which nodes have given it to their browsers.</summary>
internal sealed record PendingMark(string Label, string SyncId, PhaseFanOut<NodeProtocol.Answer> FanOut);

/// <summary>The outcome of a session that was given up, and why.</summary>
internal sealed record ForcedOutcome(SessionOutcome Outcome, string Reason);
