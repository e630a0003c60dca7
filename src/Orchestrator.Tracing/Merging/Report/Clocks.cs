using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging.Report;

/// <summary>How right "at the same instant" is: each browser's clock against the time line, and its bound.</summary>
internal static class Clocks
{
    private const int MostCharts = 24;

    public static void Write(Html html, ReportSubject subject)
    {
        html.Add($"""<section id="clocks"><h2>Clocks</h2>""");
        Nodes(html, subject);
        Shared(html, subject);
        Unaligned(html, subject);
        Measured(html, subject);
        Bounds(html, subject);
        html.Add($"</section>\n");
    }

    /// <summary>The second level, where there is one: each node's clock against the time line.</summary>
    private static void Nodes(Html html, ReportSubject subject)
    {
        var nodes = subject.Session.NodeFacts;
        if (nodes.Count < 2) return;
        if (nodes.Values.All(facts => facts.Relation is ClockRelation.Shared))
        {
            html.Add($"<p><b>Nodes</b> ({Units.Count(nodes.Count, "node")}): all have the very clock of the time line, offset 0, bound 0.</p>");
            return;
        }

        html.Add($"<p><b>Nodes</b> ({Units.Count(nodes.Count, "node")}). The markers relate a browser's clock to its node's, and the nodes' readings of each other relate that to the time line. Both are certain, and their bounds add up: a browser's, below, holds its node's.</p>");
        Table.Open(html, "The nodes' clocks", isOpen: !subject.HasMany,
            "Node", "Clock", Column.Number("Offset in the middle"), Column.Number("± bound there"), Column.Number("± worst bound"), Column.Number("Drift"), "Found");
        foreach (var (name, facts) in nodes)
        {
            html.Add($"""<tr><th scope="row">{name}</th>""");
            Facts(html, facts, same: "the time line's own");
            Table.Text(html, string.Join(" ", facts.Findings));
            Table.EndRow(html);
        }

        Table.Close(html);
    }

    private static void Facts(Html html, ClockFacts facts, string same)
    {
        Table.Text(html, facts.Relation switch { ClockRelation.Shared => same, ClockRelation.Measured => "measured", _ => "unaligned" });
        Table.Number(html, facts.OffsetNanos is { } offset ? Units.Offset(offset) : null);
        Table.Number(html, facts.BoundNanos is { } bound ? Units.Time(bound) : null);
        Table.Number(html, facts.WorstBoundNanos is { } worst ? Units.Time(worst) : null);
        Table.Number(html, facts is { Relation: ClockRelation.Measured, DriftPpm: { } drift } ? Units.Ppm(drift) : null);
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
            .Select(browser => (Browser: browser, Worst: subject.FactsOf(browser).WorstBoundNanos))
            .ToList();
        if (measured.Count == 0) return;
        html.Add($"""<p><b>Measured</b> ({Units.Count(measured.Count, "browser")}). The line is how the offset to the time line changed, relative to its value in the middle; the band is what the markers{(subject.Session.NodeFacts.Count < 2 ? "" : " and the nodes' clocks")} leave possible: the truth is in it, with certainty. A vertical stroke is what one marker by itself leaves possible.</p>""");
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
            var facts = subject.FactsOf(browser);
            // As the browser's node saw them: what its own clock adds is no marker's doing.
            var brackets = MarkerMatching.Match(browser.Recorded.Log?.Markers ?? [], browser.Survey?.Markers ?? []).Brackets;
            Table.RowOf(html, browser);
            Facts(html, facts, same: "same clock");
            Table.Number(html, Units.Count(brackets.Count));
            Table.Number(html, brackets.Count > 0 ? Units.Time(brackets.Min(bracket => bracket.WidthNanos)) : null);
            Table.Text(html, string.Join(" ", facts.Findings));
            Table.EndRow(html);
        }

        Table.Close(html);
        html.Add($"""<p class="note">Time line = browser's clock + offset. Worst bound: the widest over the window. Drift: by how much faster the time line runs. Markers: those that were answered and stand in the trace; tightest: the least time between a marker's sending and its answer.</p>""");
    }

    private static string Names(List<AlignedBrowser> browsers) =>
        browsers.Count <= 12
            ? string.Join(", ", browsers.Select(browser => browser.MergedName))
            : $"{string.Join(", ", browsers.Take(6).Select(browser => browser.MergedName))} … {browsers[^1].MergedName}";
}
