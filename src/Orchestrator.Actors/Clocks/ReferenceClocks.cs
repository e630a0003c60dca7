using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Clocks;

/// <summary>How this node's clock lies to the clocks that have asked it: one for each coordinator that it has heard of. Safe to use from any thread.</summary>
public sealed class ReferenceClocks(NodeClock clock)
{
    // A coordinator lives for days; who remembers more has been restarted around for weeks.
    private const int MostReferences = 8;

    private readonly Lock _gate = new();
    private readonly List<(Timeline Reference, List<NodeBracket> Brackets)> _known = [];

    public void Add(Timeline reference, NodeBracket bracket)
    {
        lock (_gate)
        {
            if (!_known.Exists(known => known.Reference == reference))
            {
                _known.Add((reference, []));
                if (_known.Count > MostReferences) _known.RemoveAt(0);
            }

            _known.Find(known => known.Reference == reference).Brackets.Add(bracket);
        }
    }

    /// <summary>The exchanges with each reference, for the session's folder.</summary>
    public IReadOnlyList<ReferenceBrackets> Told()
    {
        lock (_gate) return [.. _known.Select(known => new ReferenceBrackets(known.Reference, [.. known.Brackets]))];
    }

    /// <summary>This node's clock on that time line; null while nothing is known of it.</summary>
    public BrowserClock? On(Timeline timeline)
    {
        if (timeline == clock.Timeline || (timeline.Domain is { } domain && domain == clock.Timeline.Domain)) return BrowserClock.Shared;
        lock (_gate)
        {
            return _known.Find(known => known.Reference == timeline).Brackets is { Count: > 0 } brackets
                ? ClockEstimation.Estimate([.. brackets.Select(b => new ClockBracket(b.NodeNanos, b.SentNanos, b.AnsweredNanos))], null, 0)
                : null;
        }
    }
}
