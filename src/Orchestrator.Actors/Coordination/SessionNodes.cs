using Akka.Actor;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Coordination;

/// <summary>The nodes that take part in a session: who they are, and which browsers go with each.</summary>
internal sealed class SessionNodes(IReadOnlyList<Placement> placements)
{
    private readonly Dictionary<string, IActorRef> _joined = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, string> _nodes = placements.ToDictionary(placement => placement.Actor, placement => placement.Node);
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);

    /// <summary>All that are not lost.</summary>
    public IEnumerable<string> Names => placements.Select(placement => placement.Node).Where(node => !_gone.Contains(node));

    public IReadOnlyList<Placement> Placements => placements;

    public void Joined(string node, IActorRef actor)
    {
        _joined[node] = actor;
        _nodes[actor] = node;
    }

    /// <summary>The node of this actor; null of one that is no node's.</summary>
    public string? NodeOf(IActorRef actor) => _nodes.GetValueOrDefault(actor);

    /// <summary>False when it was lost before.</summary>
    public bool Lost(string node)
    {
        _joined.Remove(node);
        return _gone.Add(node);
    }

    public IReadOnlyList<BrowserTarget> TargetsOf(string node) => placements.First(placement => placement.Node == node).Targets;

    public void Tell(object message)
    {
        foreach (var actor in _joined.Values) actor.Tell(message);
    }

    public void Tell(string node, object message)
    {
        if (_joined.TryGetValue(node, out var actor)) actor.Tell(message);
    }
}
