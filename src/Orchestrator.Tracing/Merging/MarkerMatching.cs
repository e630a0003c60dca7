using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;

namespace Orchestrator.Tracing.Merging;

/// <summary>Brings together what a node saw of each marker and where it stands in the trace.</summary>
public static class MarkerMatching
{
    /// <summary>The brackets of all markers that stand in both once; findings tell of those that do not. Markers of other sessions are no one's business here.</summary>
    public static (IReadOnlyList<ClockBracket> Brackets, IReadOnlyList<string> Findings) Match(
        IReadOnlyList<LoggedMarker> acknowledged, IReadOnlyList<TraceMarker> inTrace)
    {
        var instants = inTrace.GroupBy(marker => marker.SyncId).ToDictionary(same => same.Key, same => same.Select(marker => marker.BrowserNanos).Distinct().ToList());
        var brackets = new List<ClockBracket>();
        var (missing, ambiguous) = (new List<string>(), new List<string>());
        foreach (var marker in acknowledged.GroupBy(marker => marker.SyncId))
        {
            if (!instants.TryGetValue(marker.Key, out var at)) missing.Add(marker.Key);
            else if (at.Count > 1 || marker.Count() > 1) ambiguous.Add(marker.Key);
            else brackets.Add(new ClockBracket(at[0], marker.Single().SentNanos, marker.Single().AnsweredNanos));
        }

        var findings = new List<string>();
        if (missing.Count > 0) findings.Add($"{Said(missing)} acknowledged by the browser, and not in its trace.");
        if (ambiguous.Count > 0) findings.Add($"{Said(ambiguous)} there more than once, and used for nothing.");
        return (brackets, findings);
    }

    private static string Said(List<string> syncIds) =>
        syncIds.Count == 1 ? $"Marker {syncIds[0]} was" : $"{syncIds.Count} markers ({string.Join(", ", syncIds.Take(3))}{(syncIds.Count > 3 ? ", …" : "")}) were";
}
