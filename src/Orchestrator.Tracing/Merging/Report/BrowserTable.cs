using Orchestrator.Tracing.Recording;

namespace Orchestrator.Tracing.Merging.Report;

/// <summary>Each browser: its fate and why, what it was, what came of it.</summary>
internal static class BrowserTable
{
    public static void Write(Html html, ReportSubject subject)
    {
        html.Add($"""<section id="browsers"><h2>Browsers</h2>""");
        Counts(html, subject);
        var common = Common.Of(subject);
        if (common.Any) html.Add($"""<p class="legend">All: {common.ToString()}</p>""");
        Table.Open(html, "Browsers and what became of them", isOpen: true,
            "Browser", "Outcome, reason, what it was", Column.Number("Trace"), Column.Number("expanded"), Column.Number("events"), Column.Number("Buffer peak"), Column.Number("Markers"));
        var ordered = subject.HasMany ? subject.Browsers.OrderBy(ReportSubject.IsQuiet) : subject.Browsers.AsEnumerable();
        foreach (var browser in ordered) Row(html, browser, common);
        Table.Close(html);
        html.Add($"</section>\n");
    }

    private static void Counts(Html html, ReportSubject subject)
    {
        if (!subject.HasMany) return;
        html.Add($"<p>");
        foreach (var group in subject.Browsers.GroupBy(browser => browser.Recorded.Document?.Outcome?.Name()).OrderByDescending(group => group.Count()))
        {
            html.Add($"{Units.Count(group.Count())} ");
            Headline.Badge(html, group.Key);
            html.Add($" ");
        }

        html.Add($"</p>\n");
    }

    private static void Row(Html html, AlignedBrowser browser, Common common)
    {
        var (document, log) = (browser.Recorded.Document, browser.Recorded.Log);
        Table.RowOf(html, browser);
        html.Add($"""<td class="words">""");
        Headline.Badge(html, document?.Outcome?.Name());
        Words(html, browser, common);
        html.Add($"</td>");
        Table.Number(html, document is { File: not null } ? Units.Bytes(document.Bytes) : null);
        Table.Number(html, browser.Survey is { } survey ? Units.Bytes(survey.ExpandedBytes) : null);
        Table.Number(html, browser.Survey is { } counted ? Units.Count(counted.Events) : null);
        Table.Number(html, document?.BufferPeak is { } peak ? Units.Percent(peak) : null);
        Table.Number(html, Units.Count(document?.Markers ?? log?.Markers.Count ?? 0));
        Table.EndRow(html);
    }

    private static void Words(Html html, AlignedBrowser browser, Common common)
    {
        var document = browser.Recorded.Document;
        if (document?.Reason is { } reason) html.Add($"""<p class="reason">{reason}</p>""");
        foreach (var warning in document?.Warnings ?? []) html.Add($"""<p class="reason">warning: {warning}</p>""");
        string?[] facts =
        [
            common.Product is null ? document?.Product : null,
            common.Node is null && document?.Node is { } node ? $"on {node}" : null,
            document?.ProcessId is { } process ? $"process {Units.Plain(process)}" : null,
            document?.Endpoint is { } endpoint ? Host(endpoint) : null,
            common.Pages is null ? PagesOf(browser) : null,
        ];
        if (string.Join(" · ", facts.Where(fact => fact is not null)) is { Length: > 0 } told) html.Add($"""<p class="note">{told}</p>""");
    }

    /// <summary>An endpoint without the id that nobody reads; session.json has it.</summary>
    private static string Host(string endpoint) =>
        endpoint.IndexOf("/devtools/", StringComparison.Ordinal) is > 0 and var path ? endpoint[..path] : endpoint;

    /// <summary>The pages that it had at the end, else the one that it was to open.</summary>
    private static string? PagesOf(AlignedBrowser browser)
    {
        if (browser.Recorded.Log is { Pages.Count: > 0 } log)
            return string.Join(" · ", log.Pages.Select(page => page.Title.Length > 0 ? $"page “{page.Title}” {page.Url}" : $"page {page.Url}"));
        return browser.Recorded.Document?.Url is { } url ? $"page {url}" : null;
    }

    /// <summary>What is the same for all browsers and need not stand in each row; null where it differs.</summary>
    private sealed record Common(string? Product, string? Node, string? Pages)
    {
        public bool Any => this is not { Product: null, Node: null, Pages: null };

        public static Common Of(ReportSubject subject) => new(
            Same(subject, browser => browser.Recorded.Document?.Product),
            Same(subject, browser => browser.Recorded.Document?.Node),
            Same(subject, PagesOf));

        public override string ToString() => string.Join(" · ", new[] { Product, Node is null ? null : $"on {Node}", Pages }.Where(fact => fact is not null));

        private static string? Same(ReportSubject subject, Func<AlignedBrowser, string?> fact)
        {
            // One that was never reached tells nothing, and contradicts nothing.
            var told = subject.Browsers.Select(fact).Where(value => value is not null).Distinct().ToList();
            return subject.Browsers.Count > 1 && told.Count == 1 ? told[0] : null;
        }
    }
}
