using System.Globalization;

namespace Orchestrator.Tracing.Merging;

/// <summary>Names and places for a browser's processes, where its recording gives them none.</summary>
internal static class MergedProcesses
{
    /// <summary>How far a process's own sort index can take it from its browser's.</summary>
    public const int SortRoom = 400;

    private const int SortStep = 1000;

    /// <summary>The orchestrator's own tracks stand first, behind them the browsers in order.</summary>
    public static int SortIndexOf(int browser) => (browser + 1) * SortStep;

    public static void Write(MergedEvents events, MergedBrowser browser)
    {
        foreach (var recorded in browser.Survey.ProcessIds.Order())
        {
            var id = browser.Rewriting.ProcessIds.Of(recorded);
            var at = browser.Rewriting.MetadataNanos!.Value;
            events.Write(json => JsonValues.WriteMetadata(json, "process_sort_index", id, 0, at, "sort_index", browser.Rewriting.SortIndex!.Value));
            if (browser.Survey.ProcessNames.ContainsKey(recorded)) continue;
            // 0 is where Chromium puts what belongs to no process.
            var name = recorded == 0 ? browser.Name : string.Create(CultureInfo.InvariantCulture, $"{browser.Name} process {recorded}");
            events.Write(json => JsonValues.WriteMetadata(json, "process_name", id, 0, at, "name", name));
        }
    }
}
