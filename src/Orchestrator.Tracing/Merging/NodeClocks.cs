using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging;

/// <summary>How the clocks of a session's nodes lie to its time line, from what stands in <c>nodes/</c>.</summary>
/// <remarks>
/// Each clock was read against a coordinator's; after a fail-over, against the next one's. So the clocks are points, and what was
/// exchanged between two of them is a way in both directions. From the time line outward, the clock that is known best is settled next, and the
/// ways that lead on from it are tried (Dijkstra): each clock is related by the one way that leaves it the narrowest bound.
/// </remarks>
internal sealed class NodeClocks
{
    private readonly RecordedSession _session;

    // The first is the time line. Nodes that share a clock are several in the one list and one in the other.
    private readonly List<Timeline> _clocks = [];
    private readonly List<Timeline> _nodes = [];
    private readonly Dictionary<(int Of, int To), List<ClockBracket>> _exchanged = [];
    private readonly RelatedClock?[] _settled;

    public NodeClocks(RecordedSession session)
    {
        _session = session;
        if (session.Timeline is { } timeline) PlaceOf(timeline);
        foreach (var log in Logs)
        {
            var of = PlaceOf(log.Clock);
            foreach (var reference in log.References.Where(reference => !reference.Clock.IsSameAs(log.Clock)))
            {
                var to = PlaceOf(reference.Clock);
                foreach (var bracket in reference.Brackets.Select(bracket => bracket.ToBracket()))
                {
                    Exchanged(of, to).Add(bracket);
                    Exchanged(to, of).Add(bracket.Reversed());
                }
            }
        }

        foreach (var log in session.Browsers.Select(browser => browser.Log).OfType<RecordingLog>()) PlaceOf(log.Timeline);
        _settled = new RelatedClock?[_clocks.Count];
        if (_clocks.Count > 0) Settle();
    }

    private IEnumerable<NodeClockLog> Logs => _session.NodeClocks.Select(node => node.Log).OfType<NodeClockLog>();

    /// <summary>Every node that the folder knows of, the time line's own first.</summary>
    public IReadOnlyList<AlignedNode> All => [.. _nodes.Select(clock => new AlignedNode(clock.Node, Of(clock)))];

    /// <summary>For each clock that something was recorded on and that nothing relates to the time line: what is missing.</summary>
    public IReadOnlyList<FolderProblem> Problems =>
        [.. _clocks.Where((clock, place) => _settled[place] is null && _session.Browsers.Any(browser => browser.Log?.Timeline.IsSameAs(clock) == true)).Select(Missing)];

    /// <summary>How a clock lies to the time line; unaligned, with what is missing, where nothing tells.</summary>
    public RelatedClock Of(Timeline clock) => _clocks.FindIndex(clock.IsSameAs) is >= 0 and var place && _settled[place] is { } related
        ? related
        : RelatedClock.Unaligned(_clocks.Count > 0 ? Guess(clock, _clocks[0]) : 0, [Sentence(Missing(clock))]);

    private void Settle()
    {
        var reached = new PriorityQueue<(int Clock, RelatedClock Related), long>([((0, RelatedClock.Shared), 0)]);
        while (reached.TryDequeue(out var nearest, out _))
        {
            if (_settled[nearest.Clock] is not null) continue;
            _settled[nearest.Clock] = nearest.Related;
            foreach (var ((of, _), brackets) in _exchanged.Where(way => way.Key.To == nearest.Clock && _settled[way.Key.Of] is null))
            {
                var related = ClockEstimation.Estimate(brackets, sharedClock: null, Guess(_clocks[of], _clocks[nearest.Clock]), NameOf(_clocks[nearest.Clock]))
                    .ToldOf($"Node {_clocks[of].Node}").Then(nearest.Related);
                reached.Enqueue((of, related), Width(of, related));
            }
        }
    }

    /// <summary>How badly a clock is known over the time in which it was read, whoever read it.</summary>
    private long Width(int of, RelatedClock related)
    {
        if (related.Relation is ClockRelation.Unaligned) return long.MaxValue;
        var readings = _exchanged.Where(way => way.Key.Of == of).SelectMany(way => way.Value).Select(bracket => bracket.ClockNanos).ToList();
        return related.WorstBound(readings.Min(), readings.Max()) ?? long.MaxValue - 1;
    }

    /// <summary>A file that would tell how the clock lies to the time line, and does not.</summary>
    private FolderProblem Missing(Timeline clock)
    {
        var to = _clocks.Count > 0 ? $"the time line, which is {NameOf(_clocks[0])}" : "any time line";
        if (!NodeClockLog.IsName(clock.Node)) return new FolderProblem(NodeClockLog.Folder, $"has nothing of node '{clock.Node}', whose name is none of a file: how its clock lies to {to} is unknown");
        var file = NodeClockLog.FileOf(clock.Node);
        if (_session.NodeClocks.FirstOrDefault(node => node.File == file) is not { } recorded)
            return new FolderProblem(file, $"is missing: nothing tells how the clock of node {clock.Node} lies to {to}");
        if (recorded.Log is not { } log) return new FolderProblem(file, $"cannot be read: nothing tells how the clock of node {clock.Node} lies to {to}");
        if (!log.Clock.IsSameAs(clock)) return new FolderProblem(file, $"is of another clock of node {clock.Node} than its browsers were recorded by: it was started anew; how the one lies to {to} is unknown");
        var references = string.Join(" and ", log.References.Where(reference => reference.Brackets.Count > 0).Select(reference => NameOf(reference.Clock)).Distinct());
        return new FolderProblem(file, references.Length == 0
            ? $"has no reading of its clock: nothing tells how it lies to {to}"
            : $"leads from the clock of node {clock.Node} to {references}, and no other file leads on from there to {to}");
    }

    private static string Sentence(FolderProblem problem) => $"{problem.File} {problem.Problem}.";

    private static string NameOf(Timeline clock) => $"node {clock.Node}'s clock";

    /// <summary>By the wall clocks, for want of better.</summary>
    private static long Guess(Timeline clock, Timeline on) => on.FromUtc(clock.UtcAtZero);

    private int PlaceOf(Timeline clock)
    {
        if (!_nodes.Exists(node => node.Node == clock.Node && node.IsSameAs(clock))) _nodes.Add(clock);
        var place = _clocks.FindIndex(clock.IsSameAs);
        if (place >= 0) return place;
        _clocks.Add(clock);
        return _clocks.Count - 1;
    }

    private List<ClockBracket> Exchanged(int of, int to)
    {
        if (!_exchanged.TryGetValue((of, to), out var brackets)) _exchanged[(of, to)] = brackets = [];
        return brackets;
    }
}
