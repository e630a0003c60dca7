using Orchestrator.Tracing.Clocks;

namespace Orchestrator.Tracing.Merging.Report;

/// <summary>How right "at the same instant" is: each browser's clock against the time line, and its bound.</summary>
internal static class Clocks
{
    private const int MostCharts = 24;

    public static void Write(Html html, ReportSubject subject)
    {
        html.Add($"""<section id="clocks"><h2>Clocks</h2>""");
        Shared(html, subject);
        Unaligned(html, subject);
        Measured(html, subject);
        Bounds(html, subject);
        html.Add($"</section>\n");
    }

    private static IEnumerable<AlignedBrowser> With(ReportSubject subject, ClockRelation relation) =>
        subject.Browsers.Where(browser => browser.Clock.Relation == relation);

    private static void Shared(Html html, ReportSubject subject)
    {
        var same = With(subject, ClockRelation.Shared).ToList();
        if (same.Count == 0) return;
        html.Add($"<p><b>Same clock</b> ({Units.Count(same.Count, "browser")}): {Names(same)}. {(same.Count == 1 ? "It reads" : "They read")} the very clock of the time line, which was checked, and no marker speaks against it: offset 0, bound 0.</p>");
    }

    private static void Unaligned(Html html, ReportSubject subject)
    {
        var adrift = With(subject, ClockRelation.Unaligned).ToList();
        if (adrift.Count == 0) return;
        html.Add($"""<p class="warn"><b>Unaligned</b> ({Units.Count(adrift.Count, "browser")}): {Names(adrift)}. Nothing certain is known of {(adrift.Count == 1 ? "this clock" : "these clocks")}; where {(adrift.Count == 1 ? "it is" : "they are")} drawn in a merged trace is a guess.</p>""");
    }

    private static void Measured(Html html, ReportSubject subject)
    {
        var measured = With(subject, ClockRelation.Measured)
            .Select(browser => (Browser: browser, Worst: subject.WorstBound(browser)))
            .ToList();
        if (measured.Count == 0) return;
        html.Add($"""<p><b>Measured</b> ({Units.Count(measured.Count, "browser")}). The line is how the offset to the time line changed, relative to its value in the middle; the band is what the markers leave possible: the truth is in it, with certainty. A vertical stroke is what one marker by itself leaves possible.</p>""");
        var shown = measured.Count > MostCharts ? measured.OrderByDescending(one => one.Worst ?? long.MaxValue).Take(MostCharts).ToList() : measured;
        if (shown.Count < measured.Count) html.Add($"<p>The {MostCharts} with the widest bounds are drawn; the table has all.</p>");
        html.Add($"""<div class="charts">""");
        foreach (var (browser, worst) in shown) ClockChart.Draw(html, subject, browser, worst);
        html.Add($"</div>\n");
    }

    private static void Bounds(Html html, ReportSubject subject)
    {
        Table.Open(html, "Offsets and bounds", isOpen: !subject.HasMany,
            "Browser", "Clock", Column.Number("Offset in the middle"), Column.Number("± bound there"), Column.Number("± worst bound"), Column.Number("Drift"),
            Column.Number("Markers"), Column.Number("Tightest"), "Found");
        foreach (var browser in subject.Browsers)
        {
            var clock = browser.Clock;
            var isCertain = clock.Relation is not ClockRelation.Unaligned;
            var middle = subject.ClockRange(browser) is var (from, until) ? from + (until - from) / 2 : (long?)null;
            var brackets = Brackets(browser).ToList();
            Table.RowOf(html, browser);
            Table.Text(html, clock.Relation switch { ClockRelation.Shared => "same clock", ClockRelation.Measured => "measured", _ => "unaligned" });
            Table.Number(html, isCertain && middle is { } at ? Units.Offset(clock.OffsetAt(at)) : null);
            Table.Number(html, isCertain && middle is { } there && clock.BoundAt(there) is { } bound ? Units.Time(bound) : null);
            Table.Number(html, isCertain && subject.WorstBound(browser) is { } worst ? Units.Time(worst) : null);
            Table.Number(html, clock.Relation is ClockRelation.Measured && middle is { } here ? Units.Ppm(clock.RateAt(here)) : null);
            Table.Number(html, Units.Count(brackets.Count));
            Table.Number(html, brackets.Count > 0 ? Units.Time(brackets.Min(bracket => bracket.WidthNanos)) : null);
            Table.Text(html, string.Join(" ", clock.Findings));
            Table.EndRow(html);
        }

        Table.Close(html);
        html.Add($"""<p class="note">Time line = browser's clock + offset. Worst bound: the widest over the window. Drift: by how much faster the time line runs. Markers: those that were answered and stand in the trace; tightest: the least time between a marker's sending and its answer.</p>""");
    }

    /// <summary>What each marker says by itself: those that were answered and stand in the trace.</summary>
    public static IEnumerable<ClockBracket> Brackets(AlignedBrowser browser)
    {
        // A marker that stands in the trace twice says nothing certain.
        var inTrace = (browser.Survey?.Markers ?? []).GroupBy(marker => marker.SyncId).Where(group => group.Count() == 1).ToDictionary(group => group.Key, group => group.First().BrowserNanos);
        foreach (var marker in browser.Recorded.Log?.Markers ?? [])
        {
            if (inTrace.TryGetValue(marker.SyncId, out var at)) yield return new ClockBracket(at, marker.SentNanos, marker.AnsweredNanos);
        }
    }

    private static string Names(List<AlignedBrowser> browsers) =>
        browsers.Count <= 12
            ? string.Join(", ", browsers.Select(browser => browser.MergedName))
            : $"{string.Join(", ", browsers.Take(6).Select(browser => browser.MergedName))} … {browsers[^1].MergedName}";
}
