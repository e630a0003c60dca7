using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Verification;

/// <summary>The markers are where they were acknowledged, and nothing on the time line contradicts cause and effect. Pure.</summary>
internal static class ClockChecks
{
    private const int MostNamed = 3;

    /// <summary>The trace breaks off nowhere.</summary>
    public static Check WellFormed(AlignedSession session, AlignedBrowser browser)
    {
        var file = Names.Trace(session.Session, browser.Recorded);
        if (browser.Survey is not { } survey)
            return new Check(file, "well formed", Ok: false, session.Problems.FirstOrDefault(problem => problem.File == file)?.Problem ?? "is no trace that can be read");
        if (survey.CutOff is null) return new Check(file, "well formed", Ok: true, FormattableString.Invariant($"{survey.Events} {(survey.Format is TraceFormat.Json ? "events" : "packets")} in {survey.ExpandedBytes} bytes, to its end"));
        // What is kept of a failure may break off: that is what its name says.
        return new Check(file, "well formed", Ok: !browser.Recorded.IsWhole, browser.Recorded.IsWhole ? survey.CutOff : $"{survey.CutOff}, as what came before a failure may");
    }

    /// <summary>The log is there and is this session's and this browser's.</summary>
    public static Check Log(AlignedSession session, AlignedBrowser browser)
    {
        var file = Names.Log(browser.Recorded);
        if (browser.Recorded.Log is not { } log)
            return new Check(file, "readable", Ok: false, session.Problems.FirstOrDefault(problem => problem.File == file)?.Problem ?? "is missing: nothing tells how its clock lies to the others'");
        if (log.SessionId != session.Session.SessionId) return new Check(file, "readable", Ok: false, $"is of session {log.SessionId}");
        if (log.Browser != browser.Recorded.Name) return new Check(file, "readable", Ok: false, $"is of browser {log.Browser}");
        return browser.Recorded.Document is { } document && document.Markers != log.Markers.Count
            ? new Check(file, "readable", Ok: false, FormattableString.Invariant($"has {log.Markers.Count} markers, {RecordedSessions.DocumentName} says {document.Markers}"))
            : new Check(file, "readable", Ok: true, FormattableString.Invariant($"{log.Markers.Count} acknowledged markers"));
    }

    /// <summary>Every marker that the browser acknowledged stands in its trace, once.</summary>
    public static Check Markers(AlignedSession session, AlignedBrowser browser)
    {
        var file = Names.Trace(session.Session, browser.Recorded);
        var acknowledged = browser.Recorded.Log?.Markers ?? [];
        var (brackets, findings) = MarkerMatching.Match(acknowledged, browser.Survey?.Markers ?? []);
        if (findings.Count == 0) return new Check(file, "markers", Ok: true, FormattableString.Invariant($"all {brackets.Count} acknowledged markers stand in it"));
        var isCut = !browser.Recorded.IsWhole && brackets.Count > 0;
        return new Check(file, "markers", Ok: isCut, string.Join(" ", findings).TrimEnd('.') + (isCut ? "; what is missing may have come after the failure" : ""));
    }

    /// <summary>
    /// Cause and effect: a marker was written after it was asked for and before it was acknowledged, so that is how it must stand on
    /// the time line, give or take its bound and the tick of the browser's clock.
    /// </summary>
    public static Check Causality(AlignedSession session, AlignedBrowser browser)
    {
        var file = Names.Trace(session.Session, browser.Recorded);
        if (browser.Clock.Relation is ClockRelation.Unaligned)
            return new Check(file, "bounds", Ok: true, $"none is claimed, the clock is unaligned: {string.Join(" ", browser.Clock.Findings)}".TrimEnd('.', ' ', ':'));
        var violations = new List<string>();
        var (certain, worst) = (0, 0L);
        foreach (var bracket in browser.Brackets)
        {
            if (browser.Clock.BoundAt(bracket.ClockNanos) is not { } bound) continue;
            certain++;
            worst = Math.Max(worst, bound);
            var (least, most) = (bracket.SentNanos - bound - ClockBracket.ResolutionNanos, bracket.AnsweredNanos + bound + ClockBracket.ResolutionNanos);
            var at = browser.Clock.ToTimeline(bracket.ClockNanos);
            if (at < least) violations.Add(FormattableString.Invariant($"the marker at {bracket.ClockNanos} ns stands {least - at} ns before it can have been written"));
            if (at > most) violations.Add(FormattableString.Invariant($"the marker at {bracket.ClockNanos} ns stands {at - most} ns after it can have been written"));
        }

        if (violations.Count > 0) return new Check(file, "bounds", Ok: false, $"{violations.Count} of {certain} markers break causality: {string.Join("; ", violations.Take(MostNamed))}{(violations.Count > MostNamed ? "; …" : "")}");
        return new Check(file, "bounds", Ok: true, FormattableString.Invariant($"{certain} markers lie where they can, within ± {worst / 1000.0:0.0} µs"));
    }

    /// <summary>session.json claims of the clock what its log and its markers bear out, and no more.</summary>
    public static Check? Claim(AlignedBrowser browser, ClockFacts found) => Claim(browser.Recorded.Name, browser.Recorded.Document?.Clock, found, "its markers");

    /// <summary>The same of a node's clock.</summary>
    public static Check? Claim(NodeDocument node, ClockFacts? found) => Claim($"node {node.Name}", node.Clock, found ?? new ClockFacts(), "its readings");

    private static Check? Claim(string of, ClockFacts? claim, ClockFacts found, string by)
    {
        if (claim is not { BoundNanos: { } bound } claimed) return null;
        // Another version may estimate a little differently; the microsecond is the tick of the browser's clock.
        var isBorneOut = claimed.Relation == found.Relation
            && claimed.OffsetNanos is { } offset && found is { OffsetNanos: { } again, BoundNanos: { } around }
            && Math.Abs(offset - again) + around <= bound + ClockBracket.ResolutionNanos
            && (claimed.WorstBoundNanos is not { } worst || found.WorstBoundNanos <= worst + ClockBracket.ResolutionNanos);
        return new Check(RecordedSessions.DocumentName, $"clock of {of}", isBorneOut, isBorneOut
            ? $"{Said(claimed)}, as {by} say"
            : $"says {Said(claimed)}, its log and {by} say {Said(found)}: more is claimed than they bear out; 'orchestrator merge' writes it anew");
    }

    private static string Said(ClockFacts clock) => clock is { OffsetNanos: { } offset, BoundNanos: { } bound }
        ? FormattableString.Invariant($"{clock.Relation.ToString().ToLowerInvariant()}, offset {offset} ns ± {bound} ns, at worst ± {clock.WorstBoundNanos} ns")
        : clock.Relation.ToString().ToLowerInvariant();
}
