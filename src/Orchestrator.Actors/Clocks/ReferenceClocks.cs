using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Clocks;

/// <summary>How this node's clock lies to the clocks that have asked it: one for each coordinator that it has heard of. Safe to use from any thread.</summary>
public sealed class ReferenceClocks(NodeClock clock)
{
    // Longer than a session; a process lives for weeks, and no clock runs evenly for so long.
    internal static readonly TimeSpan Horizon = TimeSpan.FromHours(6);

    // A coordinator lives for days; who remembers more has been restarted around for weeks.
    private const int MostReferences = 8;

    private readonly Lock _gate = new();
    private readonly List<(Timeline Reference, ClockWatch Watch)> _known = [];

    public void Add(Timeline reference, NodeClockBracket bracket)
    {
        lock (_gate)
        {
            if (Find(reference) is not { } watch)
            {
                _known.Add((reference, watch = new ClockWatch(Horizon)));
                if (_known.Count > MostReferences) _known.RemoveAt(0);
            }

            watch.Add(bracket.ToBracket());
        }
    }

    /// <summary>What was read against each reference, for the session's folder.</summary>
    public IReadOnlyList<NodeClockReference> Told()
    {
        lock (_gate) return [.. _known.Select(known => new NodeClockReference(known.Reference, [.. known.Watch.Brackets.Select(NodeClockBracket.Of)]))];
    }

    /// <summary>This node's clock on that time line; null while nothing is known of it.</summary>
    public RelatedClock? On(Timeline timeline)
    {
        if (timeline.IsSameAs(clock.Timeline)) return RelatedClock.Shared;
        lock (_gate) return Find(timeline) is { } watch && watch.TryEstimate(out var related) ? related : null;
    }

    private ClockWatch? Find(Timeline reference) => _known.Find(known => known.Reference.IsSameAs(reference)).Watch;
}
