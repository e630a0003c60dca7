using Akka.Actor;
using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Coordination;

/// <summary>The nodes that take part in a session: who they are, which browsers go with each, and who is there.</summary>
internal sealed class SessionNodes(IReadOnlyList<Placement> placements)
{
    private readonly SortedDictionary<string, SessionNode> _nodes = new(
        placements.ToDictionary(placement => placement.Node, placement => new SessionNode(placement)), StringComparer.Ordinal);

    public IEnumerable<SessionNode> All => _nodes.Values;

    /// <summary>Who can be told something.</summary>
    public IEnumerable<SessionNode> Here => _nodes.Values.Where(node => node.Presence is NodePresence.Here);

    /// <summary>The node of this name; null when it takes no part.</summary>
    public SessionNode? Find(string node) => _nodes.GetValueOrDefault(node);

    /// <summary>The node of this actor; null of one that is no node's.</summary>
    public SessionNode? Of(IActorRef actor) => _nodes.Values.FirstOrDefault(node => actor.Equals(node.Part) || actor.Equals(node.Actor));
}

/// <summary>One node's part of a session, as the session sees it.</summary>
internal sealed class SessionNode(Placement placement)
{
    public string Name => placement.Node;
    public IReadOnlyList<BrowserTarget> Targets => placement.Targets;
    public NodePresence Presence { get; set; } = placement.Actor is null ? NodePresence.Away : NodePresence.Here;

    /// <summary>The node itself; null before it has been heard of.</summary>
    public IActorRef? Actor { get; set; } = placement.Actor;

    /// <summary>Its part of this session; null before it has joined.</summary>
    public IActorRef? Part { get; set; }

    /// <summary>Where its spools are fetched; null where nothing is fetched.</summary>
    public Uri? Http { get; set; } = placement.Http;

    /// <summary>Cancels what is being fetched from it; null while nothing was.</summary>
    public CancellationTokenSource? Fetching { get; set; }

    /// <summary>How far it said that it is, when it was last asked; null before that.</summary>
    public NodeStage? Stage { get; set; }

    /// <summary>Some of its browsers that have ended had started before.</summary>
    public bool HasRecorded { get; set; }

    /// <summary>What it told of its clock; null before it did.</summary>
    public NodeProtocol.ClockAccount? Clock { get; set; }
}

internal enum NodePresence
{
    Here,

    /// <summary>Out of reach, and may come back.</summary>
    Away,

    /// <summary>Given up.</summary>
    Lost,
}
