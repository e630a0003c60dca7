using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;

namespace Orchestrator.Tracing.Verification;

/// <summary>What was measured of the nodes' clocks is there, and contradicts neither itself nor cause and effect. Pure.</summary>
internal static class NodeClockChecks
{
    private const int MostNamed = 3;

    public static IEnumerable<Check> Of(RecordedSession session)
    {
        var clocks = new NodeClocks(session);
        var failed = new HashSet<string>();
        foreach (var node in session.NodeClocks)
        {
            var readable = Readable(session, node);
            if (!readable.Ok) failed.Add(node.File);
            yield return readable;
            if (node.Log is { } log) yield return Causality(clocks, node.File, log);
        }

        foreach (var problem in clocks.Problems.Where(problem => failed.Add(problem.File)))
            yield return new Check(problem.File, "relation", Ok: false, problem.Problem);
    }

    /// <summary>The file is this session's and this node's.</summary>
    private static Check Readable(RecordedSession session, RecordedNodeClock node)
    {
        if (node.Log is not { } log)
            return new Check(node.File, "readable", Ok: false, session.Problems.FirstOrDefault(problem => problem.File == node.File)?.Problem ?? "cannot be read");
        if (log.SessionId != session.SessionId) return new Check(node.File, "readable", Ok: false, $"is of session {log.SessionId}");
        if (log.Node != node.Node) return new Check(node.File, "readable", Ok: false, $"is of node {log.Node}");
        return new Check(node.File, "readable", Ok: true, FormattableString.Invariant($"{log.References.Sum(reference => reference.Brackets.Count)} readings against {log.References.Count} clocks"));
    }

    /// <summary>
    /// Cause and effect: the node's clock was read after it was asked for and before it had been answered, so that is how the reading must stand on
    /// the time line, give or take what is unknown of the two clocks there.
    /// </summary>
    private static Check Causality(NodeClocks clocks, string file, NodeClockLog log)
    {
        var clock = clocks.Of(log.Clock);
        if (clock.Relation is ClockRelation.Unaligned)
            return new Check(file, "bounds", Ok: true, $"none is claimed, the clock is unaligned: {string.Join(" ", clock.Findings)}".TrimEnd('.', ' ', ':'));
        var violations = new List<string>();
        var (certain, worst) = (0, 0L);
        foreach (var reference in log.References)
        {
            var by = clocks.Of(reference.Clock);
            foreach (var reading in reference.Brackets)
            {
                if (reading.AnsweredNanos < reading.SentNanos)
                {
                    violations.Add(FormattableString.Invariant($"the reading at {reading.NodeNanos} ns was answered {reading.SentNanos - reading.AnsweredNanos} ns before it was asked for"));
                    continue;
                }

                if (clock.BoundAt(reading.NodeNanos) is not { } bound || by.PossibleAt(reading.SentNanos) is not var (sent, _) || by.PossibleAt(reading.AnsweredNanos) is not var (_, answered)) continue;
                certain++;
                worst = Math.Max(worst, bound);
                var at = clock.ToTimeline(reading.NodeNanos);
                var (least, most) = (sent - bound - ClockBracket.ResolutionNanos, answered + bound + ClockBracket.ResolutionNanos);
                if (at < least) violations.Add(FormattableString.Invariant($"the reading at {reading.NodeNanos} ns stands {least - at} ns before it can have been made"));
                if (at > most) violations.Add(FormattableString.Invariant($"the reading at {reading.NodeNanos} ns stands {at - most} ns after it can have been made"));
            }
        }

        var told = clock.Findings.Count == 0 ? "" : $". {string.Join(" ", clock.Findings)}".TrimEnd('.');
        if (violations.Count > 0)
            return new Check(file, "bounds", Ok: false, $"{Readings(violations.Count)} {(violations.Count == 1 ? "breaks" : "break")} causality: {string.Join("; ", violations.Take(MostNamed))}{(violations.Count > MostNamed ? "; …" : "")}{told}");
        return new Check(file, "bounds", Ok: true, FormattableString.Invariant($"{Readings(certain)} {(certain == 1 ? "lies" : "lie")} where they can, within ± {worst / 1000.0:0.0} µs{told}"));
    }

    private static string Readings(int count) => FormattableString.Invariant($"{count} {(count == 1 ? "reading" : "readings")}");
}
