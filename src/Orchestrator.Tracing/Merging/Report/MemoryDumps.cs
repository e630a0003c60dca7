namespace Orchestrator.Tracing.Merging.Report;

/// <summary>The memory dumps that were asked for; nothing when none was.</summary>
internal static class MemoryDumps
{
    public static void Write(Html html, ReportSubject subject)
    {
        if (!subject.Browsers.Any(browser => browser.Recorded.Document is { MemoryDumps.Count: > 0 })) return;
        html.Add($"""<section id="dumps"><h2>Memory dumps</h2>""");
        Table.Open(html, "Memory dumps", isOpen: !subject.HasMany, "Browser", "Level", "Result", "Its name in the trace");
        foreach (var browser in subject.Browsers)
        {
            foreach (var dump in browser.Recorded.Document?.MemoryDumps ?? [])
            {
                Table.RowOf(html, browser);
                Table.Text(html, dump.Level);
                Table.Text(html, dump.Success ? "✓ in the trace" : "✕ failed");
                Table.Text(html, dump.DumpGuid);
                Table.EndRow(html);
            }
        }

        Table.Close(html);
        html.Add($"</section>\n");
    }
}
