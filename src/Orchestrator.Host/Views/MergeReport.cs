using Orchestrator.Host.Verbs;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Sessions;
using Spectre.Console;

namespace Orchestrator.Host.Views;

/// <summary>What <c>merge</c> made, for people.</summary>
internal static class MergeReport
{
    public static void Write(MergedSessions merged, IAnsiConsole to)
    {
        foreach (var (folder, problem) in merged.Problems)
            Line(to, merged.Sessions.Count > 1 ? $"left out or in doubt: {folder}: {problem}" : $"left out or in doubt: {problem}", Color.Yellow);
        foreach (var unmet in merged.UnmetClocks) Line(to, $"--max-clock-error: {unmet}", Color.Red);
        var browsers = merged.Sessions.SelectMany(session => session.Browsers.Zip(session.ClockFacts)).ToList();
        Line(to, $"{Figures.Count(merged.Sessions.Count, "session")}, {Figures.Count(browsers.Count, "browser")}, {browsers.Count(browser => browser.Item1.HasTrace)} with a trace; {Clocks([.. browsers.Where(browser => browser.Item1.HasTrace).Select(browser => browser.Item2)])}");
        foreach (var file in merged.Files) Line(to, $"merged {file.Format}: {Path.Combine(merged.Plan.OutputFolder, file.File)}, {Figures.Bytes(file.Bytes)}, sha256 {file.Sha256}");
        foreach (var report in merged.Reports) Line(to, $"report: {Path.Combine(merged.Plan.OutputFolder, report)}");
        if (merged.Files.Count == 0) Line(to, "nothing could be merged", Color.Red);
        else Line(to, $"next: open {string.Join(", ", merged.Files.Select(Opened))}");
    }

    /// <summary>How well the clocks are known: <c>clocks: 2 the time line's own, 3 known to ± 34 µs, 1 unaligned</c>.</summary>
    private static string Clocks(IReadOnlyList<ClockFacts> clocks)
    {
        var measured = clocks.Where(clock => clock.Relation is ClockRelation.Measured).ToList();
        List<string> parts = [];
        if (clocks.Count(clock => clock.Relation is ClockRelation.Shared) is > 0 and var same) parts.Add($"{same} the time line's own");
        if (measured.Count > 0)
            parts.Add(measured.TrueForAll(clock => clock.WorstBoundNanos is not null)
                ? $"{measured.Count} known to ± {Figures.Micros(Math.Ceiling(measured.Max(clock => clock.WorstBoundNanos!.Value) / 1000.0))}"
                : $"{measured.Count} measured, and not known throughout");
        if (clocks.Count(clock => clock.Relation is ClockRelation.Unaligned) is > 0 and var adrift) parts.Add($"{adrift} unaligned");
        return parts.Count == 0 ? "no clock to align" : $"clocks: {string.Join(", ", parts)}";
    }

    private static string Opened(MergedFile file) => file.Format == "json" ? $"{file.File} in DevTools' Performance panel or ui.perfetto.dev" : $"{file.File} in ui.perfetto.dev";

    private static void Line(IAnsiConsole to, string text, Color? colour = null) =>
        to.Write(new Text(text + "\n", colour is { } chosen ? new Style(chosen) : Style.Plain));
}
