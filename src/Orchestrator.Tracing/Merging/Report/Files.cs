using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging.Report;

/// <summary>The files, their hashes, and how to open them.</summary>
internal static class Files
{
    public static void Write(Html html, ReportSubject subject)
    {
        html.Add($"""<section id="files"><h2>Files</h2>""");
        HowToOpen(html, subject);
        var traces = subject.Browsers.Where(browser => browser.Recorded.Document is { File: not null } || browser.Recorded.TracePath is not null).ToList();
        if (traces.Count + subject.Merged.Count > 0)
        {
            Table.Open(html, "Files with their sizes and hashes", isOpen: !subject.HasMany, "File", "What it is", Column.Number("Size"), "SHA-256");
            foreach (var merged in subject.Merged) Row(html, merged.File, merged.Format == "json" ? "merged, Chrome JSON" : "merged, Perfetto archive", merged.Bytes, merged.Sha256);
            foreach (var browser in traces)
            {
                var document = browser.Recorded.Document;
                var file = document?.File ?? $"browsers/{Path.GetFileName(browser.Recorded.TracePath)}";
                Row(html, file, Kind(browser), document is null ? null : document.Bytes, document?.Sha256);
            }

            Table.Close(html);
        }

        if (subject.Document is { Folder: var folder }) html.Add($"""<p class="note">Recorded to {folder}</p>""");
        html.Add($"</section>\n");
    }

    private static string Kind(AlignedBrowser browser)
    {
        var format = browser.Survey?.Format ?? browser.Recorded.Document?.Format;
        var name = format switch { TraceFormat.Json => "Chrome JSON", TraceFormat.Proto => "Perfetto trace", _ => "trace" };
        return browser.Recorded.IsWhole ? $"{browser.MergedName}: {name}" : $"{browser.MergedName}: {name}, what came before the failure";
    }

    private static void Row(Html html, string file, string kind, long? bytes, string? hash)
    {
        html.Add($"""<tr><th scope="row">{file}</th>""");
        Table.Text(html, kind);
        Table.Number(html, bytes is { } known ? Units.Bytes(known) : null);
        html.Add($"""<td class="hash">{hash ?? Units.Unknown}</td>""");
        Table.EndRow(html);
    }

    private static void HowToOpen(Html html, ReportSubject subject)
    {
        html.Add($"<ul>");
        if (subject.Merged.Any(merged => merged.Format == "perfetto"))
            html.Add($"<li><b>{PerfettoArchive.FileName}</b>: all browsers on one time line. Open <code>ui.perfetto.dev</code> and drop the file there, as it is; it does not leave your machine.</li>");
        if (subject.Merged.Any(merged => merged.Format == "json"))
            html.Add($"<li><b>{ChromeJson.FileName}</b>: the same for Chrome. DevTools, panel <i>Performance</i>, <i>Load profile…</i>; <code>ui.perfetto.dev</code> takes it, too.</li>");
        if (subject.Merged.Count == 0)
            html.Add($"<li>To have all browsers on one time line: <code>orchestrator merge FOLDER</code>.</li>");
        html.Add($"<li><b>browsers/</b>: each browser's trace as it came. <code>*.pftrace</code>, <code>*.json</code>, with or without <code>.gz</code>: <code>ui.perfetto.dev</code>; JSON opens in DevTools, too. <code>*.partial</code> holds what came before a failure.</li>");
        html.Add($"<li>To check all of it again: <code>orchestrator verify FOLDER</code>.</li></ul>\n");
    }
}
