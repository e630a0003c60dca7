using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Clocks;

/// <summary>How one node's clock lies to the coordinator's, as far as the coordinator has asked.</summary>
internal sealed class RelatedNodeClock(NodeClock coordinator, Timeline node)
{
    private readonly List<NodeBracket> _brackets = [];

    /// <summary>It is the same clock.</summary>
    public bool IsSame => coordinator.Timeline == node || (node.Domain is { } domain && domain == coordinator.Timeline.Domain);

    public void Add(NodeBracket bracket)
    {
        lock (_brackets) _brackets.Add(bracket);
    }

    /// <summary>Null before anything is known.</summary>
    public NodeClockStatus? Status()
    {
        if (IsSame) return new NodeClockStatus(ClockRelation.Shared, 0, 0);
        lock (_brackets)
        {
            if (_brackets.Count == 0) return null;
            var clock = ClockEstimation.Estimate([.. _brackets.Select(b => new ClockBracket(b.NodeNanos, b.SentNanos, b.AnsweredNanos))], null, 0);
            var at = _brackets[^1].NodeNanos;
            return new NodeClockStatus(clock.Relation, clock.BoundAt(at), clock.OffsetAt(at));
        }
    }
}
