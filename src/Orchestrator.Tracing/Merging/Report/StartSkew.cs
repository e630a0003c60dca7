namespace Orchestrator.Tracing.Merging.Report;

/// <summary>How close together the browsers were started: each one's start, sent and answered, after the first that was sent.</summary>
internal static class StartSkew
{
    private const int RowHeight = 18;
    private const int HeadHeight = 18;

    public static void Write(Html html, ReportSubject subject)
    {
        html.Add($"""<section id="skew"><h2>Start and end skew</h2>""");
        var starts = subject.Browsers.Select(browser => Start.Of(browser, subject.LineOf(browser))).OfType<Start>().ToList();
        var skew = subject.Document?.Skew;
        if (skew is { StartSendMicros: not null } or { EndSendMicros: not null })
        {
            html.Add($"<p>Latest minus earliest over the browsers: starts sent within <b>{Micros(skew.StartSendMicros)}</b>, answered within <b>{Micros(skew.StartAckMicros)}</b>; ends sent within <b>{Micros(skew.EndSendMicros)}</b>.</p>");
        }

        if (starts.Count == 0)
        {
            html.Add($"""<p class="none">No browser was started.</p></section>""");
            return;
        }

        var zero = starts.Min(start => start.SentNanos);
        var until = starts.Max(start => start.AnsweredNanos ?? start.SentNanos);
        var margin = Math.Max(1, (until - zero) / 50);
        var axis = new Axis(zero - margin, until + margin, zero);
        html.Add($"""<p class="legend keys"><span>After the first start was sent</span> <span><svg width="12" height="12" aria-hidden="true"><circle class="sent" cx="6" cy="6" r="4"/></svg>sent</span> <span><svg width="12" height="12" aria-hidden="true"><circle class="answered" cx="6" cy="6" r="4"/></svg>answered: from here on it records</span></p>""");
        // Among very many the stragglers matter.
        var rows = subject.HasMany ? starts.OrderByDescending(start => start.AnsweredNanos ?? long.MaxValue).ToList() : starts;
        var lanes = rows.Select((start, index) => LaneOf(html, start, axis, !subject.HasMany || index < ReportSubject.Many / 2)).ToList();
        Lanes.Draw(html, axis, "Starts of the browsers", "the first start", lanes, (HeadHeight, () => Lanes.Scale(html, axis, HeadHeight - 5)), height => Lanes.Grid(html, axis, height));
        StartTable(html, starts, zero);
        html.Add($"</section>\n");
    }

    private static Lane LaneOf(Html html, Start start, Axis axis, bool thick)
    {
        var hint = $"{start.Browser.MergedName}: sent {Units.Difference(start.SentNanos - axis.Zero)}, {(start.AnsweredNanos is { } at ? $"answered {Units.Difference(at - axis.Zero)}" : "never answered")}";
        var height = thick ? RowHeight : Lanes.Thin;
        return new Lane(start.Browser.MergedName, hint, height, height, y =>
        {
            if (start.AnsweredNanos is { } answered) html.Add($"""<path class="way" d="M{axis.X(start.SentNanos):0.#} {y + height / 2.0:0.#}H{axis.X(answered):0.#}"/>""");
        }, y =>
        {
            var (middle, radius) = (y + height / 2.0, thick ? 4 : 1.5);
            html.Add($"""<circle class="sent" cx="{axis.Percent(start.SentNanos):0.##}%" cy="{middle:0.#}" r="{radius}"/>""");
            if (start.AnsweredNanos is { } answered) html.Add($"""<circle class="answered" cx="{axis.Percent(answered):0.##}%" cy="{middle:0.#}" r="{radius}"/>""");
            else if (thick) html.Add($"""<svg class="over" x="{axis.Percent(start.SentNanos):0.##}%" y="{middle:0.#}"><text class="fault-text" x="10" y="4">never answered</text></svg>""");
        });
    }

    private static void StartTable(Html html, List<Start> starts, long zero)
    {
        var ends = starts.Select(start => start.EndedNanos).OfType<long>().ToList();
        Table.Open(html, "The skew as a table: starts after the first start, ends after the first end", isOpen: false,
            "Browser", Column.Number("Start sent"), Column.Number("Start answered"), Column.Number("took"), Column.Number("End sent"));
        foreach (var start in starts)
        {
            Table.RowOf(html, start.Browser);
            Table.Number(html, Units.Difference(start.SentNanos - zero));
            Table.Number(html, start.AnsweredNanos is { } answered ? Units.Difference(answered - zero) : null);
            Table.Number(html, start.AnsweredNanos is { } at ? Units.Time(at - start.SentNanos) : null);
            Table.Number(html, start.EndedNanos is { } ended ? Units.Difference(ended - ends.Min()) : null);
            Table.EndRow(html);
        }

        Table.Close(html);
    }

    private static string Micros(double? micros) => micros is { } known ? Units.Time(known * 1000) : Units.Unknown;

    private sealed record Start(AlignedBrowser Browser, long SentNanos, long? AnsweredNanos, long? EndedNanos)
    {
        public static Start? Of(AlignedBrowser browser, TrackLine? line)
        {
            long? Began(string state) => line?.Slices.FirstOrDefault(slice => slice.Name == state)?.FromNanos;
            return Began("starting") is { } sent ? new Start(browser, sent, Began("recording"), Began("flushing")) : null;
        }
    }
}
