using Orchestrator.Tracing.Folders;

namespace Orchestrator.Tracing.Merging.Report;

/// <summary>How full the browsers' trace buffers were, over time: one that is full loses events.</summary>
internal static class BufferFill
{
    private const int Height = 150;
    private const int MostNamed = 4;
    private const int MostPoints = 200;
    private const int NameHeight = 13;

    public static void Write(Html html, ReportSubject subject)
    {
        html.Add($"""<section id="buffers"><h2>Buffer fill</h2>""");
        var curves = subject.Browsers
            .Where(browser => browser.Log is { BufferFill.Count: > 0 })
            .Select(browser => (Browser: browser, Fill: browser.Log!.BufferFill, Peak: browser.Log.BufferFill.Max(fill => fill.Fraction)))
            .OrderBy(curve => curve.Peak)
            .ToList();
        if (curves.Count == 0)
        {
            html.Add($"""<p class="none">No browser told how full its buffer was over time.</p></section>""");
            return;
        }

        var instants = curves.SelectMany(curve => curve.Fill).Select(fill => fill.AtNanos).ToList();
        var (from, until) = (instants.Min(), instants.Max());
        if (subject.Window is { } window) (from, until) = (Math.Min(from, window.From), Math.Max(until, window.Until));
        var axis = new Axis(from, until, subject.Zero);
        var top = Math.Min(1, Axis.Step(Math.Max(curves[^1].Peak, 0.001) * 1e6) / 1e6);
        double Y(double fraction) => Height * (1 - Math.Clamp(fraction / top, 0, 1));

        html.Add($"""<p class="legend">One line a browser; the fullest are named. The top of the picture is {Units.Percent(top)} of a buffer.</p><div class="plot plain" data-from="{axis.From:0}" data-length="{axis.Length:0}" data-zero="{axis.Zero}" data-of="the window's opening"><div class="piece"><svg class="lanes" height="{Height + 18}" role="img"><title>Buffer fill of {Units.Count(curves.Count, "browser")} over time</title><svg width="100%" height="{Height}" viewBox="0 0 {Axis.Width} {Height}" preserveAspectRatio="none">""");
        if (subject.Window is var (opened, closed)) html.Add($"""<rect class="window" x="{axis.X(opened):0.#}" width="{axis.X(closed) - axis.X(opened):0.#}" height="{Height}"/>""");
        Lanes.Grid(html, axis, Height);
        html.Add($"""<path class="grid" d="M0 0.5h{Axis.Width}M0 {Height / 2}h{Axis.Width}M0 {Height - 0.5}h{Axis.Width}"/>""");
        for (var i = 0; i < curves.Count; i++)
        {
            html.Add($"""<g class="fill{(i >= curves.Count - MostNamed ? " named" : "")}"><title>{curves[i].Browser.MergedName}: at most {Units.Percent(curves[i].Peak)}</title><path d=" """);
            var command = "M";
            foreach (var fill in Thinned(curves[i].Fill))
            {
                html.Add($"{command}{axis.X(fill.AtNanos):0} {Y(fill.Fraction):0.#}");
                command = "L";
            }

            html.Add($"\"/></g>\n");
        }

        html.Add($"""</svg><text class="tick" x="2" y="11">{Units.Percent(top)}</text><text class="tick" x="2" y="{Height / 2 - 3}">{Units.Percent(top / 2)}</text>""");
        Lanes.Scale(html, axis, Height + 13);
        html.Add($"""</svg><svg class="names" height="{Height + 18}" aria-hidden="true">""");
        Names(html, [.. curves.TakeLast(MostNamed).Select(curve => (curve.Browser.MergedName, Units.Percent(curve.Peak), Y(curve.Fill[^1].Fraction))).OrderBy(name => name.Item3)]);
        html.Add($"</svg></div></div>\n</section>\n");
    }

    /// <summary>Each name at its curve's end, or as near below it as the names above leave room.</summary>
    private static void Names(Html html, List<(string Name, string Peak, double Y)> curves)
    {
        var free = 10.0;
        var left = curves.Count;
        foreach (var (name, peak, at) in curves)
        {
            var y = Math.Min(Math.Max(free, at + 4), Height - --left * NameHeight);
            html.Add($"""<text x="0" y="{y:0.#}"><title>{name}</title>{Lanes.Short(name, 11)} {peak}</text>""");
            free = y + NameHeight;
        }
    }

    /// <summary>No more points than can be told apart, the fullest of each stretch.</summary>
    private static IEnumerable<LoggedFill> Thinned(IReadOnlyList<LoggedFill> fill) =>
        fill.Chunk((fill.Count + MostPoints - 1) / MostPoints).Select(chunk => chunk.MaxBy(one => one.Fraction)!);
}
