using Orchestrator.Tracing.Clocks;

namespace Orchestrator.Tracing.Merging.Report;

/// <summary>One measured clock: its offset's change over time, the band that the truth is in, and what each marker said.</summary>
internal static class ClockChart
{
    private const int Height = 120;
    private const int Samples = 80;

    public static void Draw(Html html, ReportSubject subject, AlignedBrowser browser, long? worst)
    {
        var clock = browser.Clock;
        if (RangeOf(subject, browser) is not var (from, until) || until <= from) return;
        var middle = clock.OffsetAt(from + (until - from) / 2);
        var points = SampleInstants(clock, from, until).Select(at => new Point(at, clock.OffsetAt(at) - middle, clock.BoundAt(at))).ToList();
        var axis = new Axis(from, until, from + (subject.Zero - clock.ToTimeline(from)));
        // Room for half a band more, so that the strokes that made it are seen to enclose it.
        var tallest = Math.Max(1_000, points.Max(point => Math.Abs(point.Change) + 1.5 * (point.Bound ?? 0)));

        html.Add($"""<figure class="chart"><figcaption><b>{browser.MergedName}</b> <span>{(worst is { } bound ? $"± {Units.Time(bound)} at worst" : "bound unknown in places")}, {Units.Ppm(subject.FactsOf(browser).DriftPpm ?? 0)}</span></figcaption>""");
        html.Add($"""<svg class="lanes" height="{Height + 16}" role="img"><title>{browser.MergedName}: offset relative to its middle, with its bound, over time</title><svg width="100%" height="{Height}" viewBox="0 0 {Axis.Width} {Height}" preserveAspectRatio="none">""");
        html.Add($"""<path class="grid" d="M0 {Height / 2}h{Axis.Width}M0 {Y(tallest / 1.25):0.#}h{Axis.Width}M0 {Y(-tallest / 1.25):0.#}h{Axis.Width}"/>""");
        Strokes();
        foreach (var run in Runs(points)) Band(run);
        html.Add($"</svg>");
        html.Add($"""<text class="tick" x="2" y="{Y(tallest / 1.25) - 3:0.#}">{Units.Difference(tallest / 1.25)}</text><text class="tick" x="2" y="{Height / 2 - 3}">0</text><text class="tick" x="2" y="{Y(-tallest / 1.25) - 3:0.#}">{Units.Difference(-tallest / 1.25)}</text>""");
        var marks = axis.Marks().ToList();
        // A small picture has room for three or four.
        foreach (var (at, text) in marks.Where((_, index) => index % ((marks.Count + 3) / 4) == 0))
            html.Add($"""<text class="tick" x="{axis.Percent(at):0.##}%" y="{Height + 12}" text-anchor="{(axis.Percent(at) < 8 ? "start" : axis.Percent(at) > 92 ? "end" : "middle")}">{text}</text>""");
        html.Add($"</svg></figure>\n");

        double Y(double change) => Math.Clamp(Height / 2.0 * (1 - change / tallest), 0, Height);

        void Strokes()
        {
            html.Add($"""<path class="bracket" d=" """);
            foreach (var bracket in browser.Brackets)
            {
                if (!axis.Holds(bracket.ClockNanos)) continue;
                var most = bracket.AnsweredNanos - bracket.ClockNanos - middle;
                var least = bracket.SentNanos - bracket.ClockNanos - ClockBracket.ResolutionNanos - middle;
                html.Add($"M{axis.X(bracket.ClockNanos):0.#} {Y(most):0.#}V{Y(least):0.#}");
            }

            html.Add($"\"/>\n");
        }

        void Band(List<Point> run)
        {
            html.Add($"""<path class="band" d=" """);
            var command = 'M';
            foreach (var point in run)
            {
                html.Add($"{command.ToString()}{axis.X(point.At):0} {Y(point.Change + point.Bound!.Value):0.#}");
                command = 'L';
            }

            foreach (var point in run.AsEnumerable().Reverse()) html.Add($"L{axis.X(point.At):0} {Y(point.Change - point.Bound!.Value):0.#}");
            html.Add($"""Z"/><path class="offset" d=" """);
            command = 'M';
            foreach (var point in run)
            {
                html.Add($"{command.ToString()}{axis.X(point.At):0} {Y(point.Change):0.#}");
                command = 'L';
            }

            html.Add($"\"/>\n");
        }
    }

    /// <summary>From the first marker, or the window's opening, to the last, or its closing; on the browser's clock.</summary>
    private static (long From, long Until)? RangeOf(ReportSubject subject, AlignedBrowser browser)
    {
        var instants = browser.Brackets.Select(bracket => bracket.ClockNanos).ToList();
        if (subject.Window is var (from, until)) instants.AddRange([browser.Clock.FromTimeline(from), browser.Clock.FromTimeline(until)]);
        return instants.Count == 0 ? null : (instants.Min(), instants.Max());
    }

    private static IEnumerable<long> SampleInstants(RelatedClock clock, long from, long until) =>
        Enumerable.Range(0, Samples + 1).Select(sample => from + (long)((until - from) * (sample / (double)Samples)))
            .Concat(clock.Stretches.SelectMany(stretch => new[] { stretch.UntilNanos - 1, stretch.UntilNanos }).Where(at => at > from && at < until))
            .Distinct().Order();

    /// <summary>The points between the gaps where nothing is certain.</summary>
    private static IEnumerable<List<Point>> Runs(List<Point> points)
    {
        var run = new List<Point>();
        foreach (var point in points)
        {
            if (point.Bound is not null)
            {
                run.Add(point);
                continue;
            }

            if (run.Count > 0) yield return run;
            run = [];
        }

        if (run.Count > 0) yield return run;
    }

    private sealed record Point(long At, double Change, long? Bound);
}
