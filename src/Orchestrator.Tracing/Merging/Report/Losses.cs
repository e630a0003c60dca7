namespace Orchestrator.Tracing.Merging.Report;

/// <summary>What is missing from the traces, as the browsers and the traces themselves tell it.</summary>
internal static class Losses
{
    public static void Write(Html html, ReportSubject subject)
    {
        html.Add($"""<section id="losses"><h2>Losses</h2>""");
        var lossy = subject.Browsers.Where(browser => browser.Recorded.Document is { DataLoss: true } || browser.Survey is { Losses.Count: > 0 } or { CutOff: not null } || browser.Recorded is { TracePath: not null, IsWhole: false }).ToList();
        if (lossy.Count == 0)
        {
            html.Add($"""<p class="none">No browser reported a loss, no trace tells of one, and none breaks off.</p></section>""");
            return;
        }

        Table.Open(html, "Traces with something missing", isOpen: lossy.Count <= ReportSubject.Many, "Browser", "Browser reported loss", "The trace tells of", "The trace's end");
        foreach (var browser in lossy)
        {
            Table.RowOf(html, browser);
            Table.Text(html, browser.Recorded.Document is { } document ? document.DataLoss ? "yes" : "no" : null);
            Table.Text(html, browser.Survey is { Losses.Count: > 0 } survey ? string.Join(", ", survey.Losses.OrderBy(loss => loss.Key, StringComparer.Ordinal).Select(loss => $"{loss.Key}: {Units.Count(loss.Value)}")) : null);
            Table.Text(html, browser.Survey?.CutOff ?? (browser.Recorded.IsWhole ? "whole" : "what came before the failure"));
            Table.EndRow(html);
        }

        Table.Close(html);
        html.Add($"</section>\n");
    }
}
