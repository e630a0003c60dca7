using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Clocks;

/// <summary>How one node's clock lies to the coordinator's, as far as the coordinator has asked.</summary>
internal sealed class RelatedNodeClock(NodeClock coordinator, Timeline node)
{
    private readonly ClockWatch _watch = new(ReferenceClocks.Horizon);
    private long _latestNanos;

    /// <summary>It is the same clock.</summary>
    public bool IsSame => coordinator.Timeline.IsSameAs(node);

    public void Add(NodeClockBracket bracket)
    {
        _latestNanos = bracket.NodeNanos;
        _watch.Add(bracket.ToBracket());
    }

    /// <summary>Null before anything is known.</summary>
    public NodeClockStatus? Status()
    {
        if (IsSame) return new NodeClockStatus(ClockRelation.Shared, 0, 0);
        return _watch.TryEstimate(out var clock) ? new NodeClockStatus(clock.Relation, clock.BoundAt(_latestNanos), clock.OffsetAt(_latestNanos)) : null;
    }
}
