using System.Globalization;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;
using Spectre.Console;

namespace Orchestrator.Host.Views;

/// <summary>What became of a session, for people.</summary>
internal static class SessionReport
{
    /// <summary>After <c>record</c>: the browsers, the skews, the outcome, the folder, and what to do next.</summary>
    public static void WriteResult(SessionDocument document, IAnsiConsole to)
    {
        to.Write(Results(document, to.Profile.Capabilities.Unicode));
        WriteMore(document, to);
        WriteSkew(document.Skew, to);
        WriteMerge(document, to);
        WriteOutcome(document, to);
        WriteFolder(document, to);
        Line(to, Next(document));
    }

    /// <summary>For <c>sessions show</c>: the whole story.</summary>
    public static void WriteStory(SessionDocument document, TimeProvider time, IAnsiConsole to)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn();
        void Row(string name, string? value)
        {
            if (value is not null) grid.AddRow(new Text(name), new Text(value));
        }

        Row("session", document.SessionId);
        Row("prepared", Figures.Local(document.PreparedAt, time));
        Row("window opened", document.WindowOpenedAt is { } opened ? Figures.Local(opened, time) : null);
        Row("window closed", document is { WindowClosedAt: { } closed, WindowOpenedAt: { } from } ? $"{Figures.Local(closed, time)}, after {Figures.Seconds(closed - from)}" : null);
        Row("ended", document.EndedAt is { } ended ? Figures.Local(ended, time) : null);
        Row("timeline", $"{document.Timeline.Clock} clock of {document.Timeline.Node}");
        to.Write(grid);
        to.Write(Results(document, to.Profile.Capabilities.Unicode));
        foreach (var browser in document.Browsers) Line(to, About(browser));
        WriteMore(document, to);
        foreach (var marker in document.Markers)
            Line(to, string.Create(CultureInfo.InvariantCulture, $"marker '{marker.Label}' ({marker.SyncId}) at {marker.TimelineNanos} ns on the timeline"));
        foreach (var merged in document.Merged) Line(to, $"merged {merged.Format}: {merged.File}, {Figures.Bytes(merged.Bytes)}, sha256 {merged.Sha256}");
        WriteSkew(document.Skew, to);
        WriteMerge(document, to);
        WriteOutcome(document, to);
        WriteFolder(document, to);
    }

    private static Table Results(SessionDocument document, bool unicode)
    {
        var table = new Table { Border = unicode ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumns("browser", "outcome", "reason", "bytes", "buffer peak", "loss", "clock", "file");
        foreach (var right in (int[])[3, 4]) table.Columns[right].RightAligned();
        foreach (var browser in document.Browsers)
        {
            table.AddRow(
                new Text(browser.Name),
                new Markup($"[{Figures.Colour(browser.Outcome)}]{Markup.Escape(browser.Outcome?.Name() ?? "open")}[/]"),
                new Text(browser.Reason ?? ""),
                new Text(browser.File is null ? "-" : Figures.Bytes(browser.Bytes)),
                new Text(Figures.Percent(browser.BufferPeak)),
                new Text(browser.Outcome?.Delivered() is not true ? "-" : browser.DataLoss ? "yes" : "no"),
                new Text(Figures.Clock(browser)),
                new Text(browser.File is null ? "-" : browser.Partial ? $"{browser.File} (what came)" : browser.File));
        }

        return table;
    }

    private static string About(BrowserDocument browser)
    {
        var facts = new List<string>();
        if (browser.Product is { } product) facts.Add(product);
        if (browser.ProcessId is { } pid) facts.Add($"process {pid.ToString(CultureInfo.InvariantCulture)}");
        if (browser.Endpoint is { } endpoint) facts.Add(endpoint);
        if (browser.Url is { } url) facts.Add($"page {url}");
        if (browser.Node is { } node) facts.Add($"on {node}");
        facts.Add(browser.Clock is { OffsetNanos: { } offset, BoundNanos: { } bound }
            ? string.Create(CultureInfo.InvariantCulture, $"clock {Figures.Relation(browser.Clock.Relation)}, offset {offset} ns ± {bound} ns, drift {browser.Clock.DriftPpm} ppm")
            : $"clock {Figures.Relation(browser.Clock.Relation)}");
        if (browser.Sha256 is { } hash) facts.Add($"sha256 {hash}");
        return $"{browser.Name}: {string.Join(", ", facts)}";
    }

    /// <summary>Memory dumps, warnings and notes: few browsers and sessions have any.</summary>
    private static void WriteMore(SessionDocument document, IAnsiConsole to)
    {
        foreach (var note in document.Notes) Line(to, $"note: {note}", Color.Yellow);
        foreach (var browser in document.Browsers)
        {
            foreach (var dump in browser.MemoryDumps)
                Line(to, $"{browser.Name} memory dump ({dump.Level}): {(dump.Success ? $"in the trace as {dump.DumpGuid}" : "failed")}", dump.Success ? null : Color.Yellow);
            foreach (var finding in browser.File is null ? [] : browser.Clock.Findings) Line(to, $"{browser.Name} clock: {finding}", Color.Yellow);
            foreach (var warning in browser.Warnings) Line(to, $"{browser.Name} warning: {warning}", Color.Yellow);
        }
    }

    private static void WriteSkew(SkewDocument skew, IAnsiConsole to)
    {
        if (skew is { StartSendMicros: null, StartAckMicros: null, EndSendMicros: null }) return;
        Line(to, $"skew between the browsers: starts sent within {Figures.Micros(skew.StartSendMicros)}, answered within {Figures.Micros(skew.StartAckMicros)}, ends sent within {Figures.Micros(skew.EndSendMicros)}");
    }

    private static void WriteMerge(SessionDocument document, IAnsiConsole to)
    {
        foreach (var problem in document.MergeProblems) Line(to, $"not merged: {problem}", Color.Yellow);
        if (document.MaxClockErrorNanos is not { } most) return;
        foreach (var unmet in ClockRequirement.Unmet(document, most)) Line(to, $"--max-clock-error: {unmet}", Color.Red);
    }

    private static void WriteOutcome(SessionDocument document, IAnsiConsole to)
    {
        var reason = document.Reason is { } why ? $": {why}" : "";
        to.Write(new Markup($"session {Markup.Escape(document.SessionId)} [bold {Figures.Colour(document.Outcome)}]{Figures.Outcome(document.Outcome)}[/]{Markup.Escape(reason)}\n"));
    }

    private static void WriteFolder(SessionDocument document, IAnsiConsole to) => Line(to, $"folder {document.Folder}");

    private static string Next(SessionDocument document)
    {
        if (document.Merged.Count > 0)
        {
            var where = document.Merged.Select(merged => merged.Format == "json"
                ? $"{merged.File} in DevTools' Performance panel or ui.perfetto.dev"
                : $"{merged.File} in ui.perfetto.dev");
            return $"next: open {string.Join(", ", where)}, and report.html in a browser";
        }

        if (document.Browsers.FirstOrDefault(browser => browser.File is not null && !browser.Partial) is not { } example)
            return $"nothing to open; 'orchestrator sessions events {document.SessionId}' tells what happened";
        var pattern = "browsers/*" + example.File![(example.File!.LastIndexOf('/') + 1 + example.Name.Length)..];
        return $"next: open {pattern} of that folder in ui.perfetto.dev, or run 'orchestrator sessions show {document.SessionId}'";
    }

    private static void Line(IAnsiConsole to, string text, Color? colour = null) =>
        to.Write(new Text(text + "\n", colour is { } chosen ? new Style(chosen) : Style.Plain));
}
