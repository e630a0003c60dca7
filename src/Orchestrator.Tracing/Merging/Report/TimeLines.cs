namespace Orchestrator.Tracing.Merging.Report;

/// <summary>The session as a picture: each browser's states along one axis, the window, the markers, what went wrong.</summary>
internal static class TimeLines
{
    private const int LabelRow = 15;
    private const int MostLabelRows = 4;

    // What an axis is at least wide, and a letter at most: labels that are kept apart by this never meet.
    private const double LeastPixels = 560;
    private const double LetterPixels = 6.5;
    private const int LongestLabel = 28;
    private const int FaultRow = 14;
    private const double LeastGap = Axis.Width / 300.0;

    public static void Write(Html html, ReportSubject subject)
    {
        html.Add($"""<section id="timelines"><h2>Time lines</h2>""");
        var (from, until) = subject.Span;
        if (until <= from)
        {
            html.Add($"""<p class="none">No file of this session tells when anything happened.</p></section>""");
            return;
        }

        Legend(html, subject);
        var margin = (until - from) / 100;
        var axis = new Axis(from - margin, until + margin, subject.Zero);
        var labels = PlaceLabels(subject, axis);
        var rows = labels.Select(label => label.Row).DefaultIfEmpty(-1).Max() + 1;
        Lanes.Draw(html, axis, "States of the browsers over time", subject.Window is null ? "the first instant" : "the window's opening", Rows(html, subject, axis),
            (rows * LabelRow + 18, () => Head(html, axis, labels, rows)), height => Backdrop(html, subject, axis, height), height => Front(html, subject, axis, height));
        Labels(html, subject);
        StateTable(html, subject);
        html.Add($"</section>\n");
    }

    private static void Legend(Html html, ReportSubject subject)
    {
        html.Add($"""<p class="legend keys"><span>Seconds after {(subject.Window is null ? "the first instant known" : "the window opened")}</span>""");
        foreach (var (state, text) in (ReadOnlySpan<(string, string)>)[("idle", "connecting, idle"), ("starting", "starting"), ("recording", "recording"), ("flushing", "flushing")])
        {
            var (top, height) = Shape(state, 14);
            html.Add($""" <span><svg width="22" height="14" aria-hidden="true"><rect class="state {state}" y="{top:0.#}" width="22" height="{height:0.#}"/></svg>{text}</span>""");
        }

        html.Add($""" <span><svg width="12" height="14" aria-hidden="true"><rect class="window" width="12" height="14"/></svg>the window</span>""");
        if (!subject.HasMany) html.Add($""" <span><svg width="16" height="14" aria-hidden="true"><rect class="state recording" y="1" width="16" height="12"/><path class="marker" d="M5 8v5M11 8v5"/></svg>clock sync marker</span>""");
        if (subject.Labels.Count > 0) html.Add($""" <span><svg width="8" height="14" aria-hidden="true"><path class="label" d="M4 0v14"/></svg>labelled marker</span>""");
        if (subject.Lines.Any(line => line.Instants.Any(instant => instant.Kind is TrackInstantKind.Fault)))
            html.Add($""" <span><svg width="14" height="14" aria-hidden="true"><path class="fault" d="M7 1l6 6l-6 6l-6-6z"/></svg>fault</span>""");
        if (subject.HasMany) html.Add($"</p>\n<p class=\"legend\">Browsers that need a look come first, in thick lines; point at a line to see whose it is.");
        html.Add($"</p>\n");
    }

    private static List<Lane> Rows(Html html, ReportSubject subject, Axis axis)
    {
        var lanes = new List<Lane>();
        if (subject.SessionLine is { Slices.Count: > 0 } session)
        {
            lanes.Add(new Lane(
                "session", $"session: {string.Join(", ", session.Slices.Select(slice => $"{slice.Name} {Units.Time(slice.UntilNanos - slice.FromNanos)}"))}",
                Lanes.Thick, Lanes.Thick, y => Phases(html, session, axis, y), y => PhaseNames(html, session, axis, y)));
        }

        var ordered = subject.HasMany ? subject.Browsers.OrderBy(ReportSubject.IsQuiet) : subject.Browsers.AsEnumerable();
        foreach (var browser in ordered)
        {
            var bar = subject.HasMany && ReportSubject.IsQuiet(browser) ? Lanes.Thin : Lanes.Thick;
            var line = subject.LineOf(browser);
            var faults = ReportSubject.Faults(line);
            lanes.Add(new Lane(browser.MergedName, Hint(browser, line), bar, bar + (faults.Count > 0 ? FaultRow : 0),
                y => States(html, line, axis, y, bar), y => Faults(html, faults, axis, y)));
        }

        return lanes;
    }

    private static string Hint(AlignedBrowser browser, TrackLine? line)
    {
        var states = line is null ? "" : string.Concat(line.Slices.Select(slice => $", {slice.Name} {Units.Time(slice.UntilNanos - slice.FromNanos)}"));
        return $"{browser.MergedName}: {ReportSubject.OutcomeOf(browser)}{states}";
    }

    private static void Phases(Html html, TrackLine session, Axis axis, double y)
    {
        foreach (var slice in session.Slices)
            html.Add($"""<rect class="phase" x="{axis.X(slice.FromNanos):0.#}" y="{y + 4:0.#}" width="{axis.X(slice.UntilNanos) - axis.X(slice.FromNanos):0.#}" height="{Lanes.Thick - 8}"/>""");
    }

    private static void PhaseNames(Html html, TrackLine session, Axis axis, double y)
    {
        foreach (var slice in session.Slices)
        {
            var room = (axis.Percent(slice.UntilNanos) - axis.Percent(slice.FromNanos)) / 100 * LeastPixels;
            if (slice.Name.Length * LetterPixels + 6 < room)
                html.Add($"""<text class="phase-name" x="{(axis.Percent(slice.FromNanos) + axis.Percent(slice.UntilNanos)) / 2:0.##}%" y="{y + 16:0.#}" text-anchor="middle">{slice.Name}</text>""");
        }
    }

    /// <summary>The more is going on, the taller the bar: the states can be told without their colours.</summary>
    private static (double Top, double Height) Shape(string state, double lane)
    {
        var share = state switch { "recording" => 0.8, "starting" or "flushing" => 0.45, _ => 0.2 };
        return (lane * (1 - share) / 2, lane * share);
    }

    private static void States(Html html, TrackLine? line, Axis axis, double y, int lane)
    {
        foreach (var slice in line?.Slices ?? [])
        {
            if (slice.Name == "complete") continue;
            var (top, height) = lane == Lanes.Thin && slice.Name == "recording" ? (0.5, 3) : Shape(slice.Name, lane);
            var x = axis.X(slice.FromNanos);
            html.Add($"""<rect class="state {KnownState(slice.Name)}" x="{x:0.#}" y="{y + top:0.##}" width="{axis.X(slice.UntilNanos) - x:0.#}" height="{height:0.##}"/>""");
        }

        if (lane == Lanes.Thin) return;
        var (barTop, barHeight) = Shape("recording", lane);
        Ticks(TrackInstantKind.Marker, "marker", (barTop + barHeight * 0.6, barHeight * 0.4));
        Ticks(TrackInstantKind.Label, "own-label", (2, lane - 4));

        void Ticks(TrackInstantKind kind, string look, (double Top, double Height) shape)
        {
            if (line?.Instants.Any(instant => instant.Kind == kind) is not true) return;
            html.Add($"""<path class="{look}" d=" """);
            var last = double.NegativeInfinity;
            foreach (var instant in line.Instants)
            {
                // A burst is one stroke: many side by side would look like a gap.
                if (instant.Kind != kind || axis.X(instant.AtNanos) < last + LeastGap) continue;
                last = axis.X(instant.AtNanos);
                html.Add($"M{axis.X(instant.AtNanos):0} {y + shape.Top:0.#}v{shape.Height:0.#}");
            }

            html.Add($"""
            "/>
            """);
        }
    }

    private static string KnownState(string name) => name is "idle" or "starting" or "recording" or "flushing" ? name : "connecting";

    /// <summary>A symbol on the bar; what it means stands below, where there is nothing else.</summary>
    private static void Faults(Html html, IReadOnlyList<(long AtNanos, string Text)> faults, Axis axis, double y)
    {
        foreach (var fault in faults)
        {
            html.Add($"""<svg class="over" x="{axis.Percent(fault.AtNanos):0.##}%" y="{y + Lanes.Thick / 2:0.#}"><title>{fault.Text}</title><path class="fault" d="M0-6l6 6l-6 6l-6-6z"/></svg>""");
        }

        if (faults is not [var first, ..]) return;
        var percent = axis.Percent(first.AtNanos);
        var whole = faults.Count == 1 ? first.Text : $"{first.Text} (and {Units.Count(faults.Count - 1)} more)";
        // Text that would leave the picture on the right ends where it would have begun, if there is more room on the left.
        var (left, right) = (percent / 100 * LeastPixels, (100 - percent) / 100 * LeastPixels);
        var before = whole.Length * LetterPixels > right && left > right;
        var text = Lanes.Short(whole, Math.Max(8, (int)((before ? left : right) / LetterPixels)));
        html.Add($"""<svg class="over" x="{percent:0.##}%" y="{y + Lanes.Thick + FaultRow - 6:0.#}"><text class="fault-text" x="{(before ? 6 : -6)}" y="2" text-anchor="{(before ? "end" : "start")}">{text}</text></svg>""");
    }

    private static void Backdrop(Html html, ReportSubject subject, Axis axis, int height)
    {
        if (subject.Window is var (from, until)) html.Add($"""<rect class="window" x="{axis.X(from):0.#}" width="{axis.X(until) - axis.X(from):0.#}" height="{height}"/>""");
        Lanes.Grid(html, axis, height);
    }

    private static void Front(Html html, ReportSubject subject, Axis axis, int height)
    {
        foreach (var (label, at) in subject.Labels) html.Add($"""<path class="label" d="M{axis.X(at):0.#} 0v{height}"><title>{label}</title></path>""");
    }

    /// <summary>Each label in the highest row where there is room for it; those without any are in the table only.</summary>
    private static List<(string Text, double Percent, bool Before, int Row)> PlaceLabels(ReportSubject subject, Axis axis)
    {
        var placed = new List<(string, double, bool, int)>();
        var ends = new List<double>();
        foreach (var (label, at) in subject.Labels)
        {
            var text = Lanes.Short(label, LongestLabel);
            var (percent, pixels) = (axis.Percent(at), text.Length * LetterPixels + 8);
            var x = percent / 100 * LeastPixels;
            var before = x + pixels > LeastPixels;
            var start = before ? x - pixels : x;
            var row = ends.FindIndex(end => end <= start);
            if (row < 0)
            {
                if (ends.Count == MostLabelRows) continue;
                row = ends.Count;
                ends.Add(0);
            }

            ends[row] = before ? x : x + pixels;
            placed.Add((text, percent, before, row));
        }

        return placed;
    }

    private static void Head(Html html, Axis axis, List<(string Text, double Percent, bool Before, int Row)> labels, int rows)
    {
        foreach (var (text, percent, before, row) in labels)
        {
            var y = row * LabelRow;
            html.Add($"""<line class="label" x1="{percent:0.##}%" x2="{percent:0.##}%" y1="{y + 2}" y2="{rows * LabelRow + 18}"/><svg class="over" x="{percent:0.##}%" y="{y}"><text class="label-text" x="{(before ? -4 : 4)}" y="11" text-anchor="{(before ? "end" : "start")}">{text}</text></svg>""");
        }

        Lanes.Scale(html, axis, rows * LabelRow + 13);
    }

    private static void Labels(Html html, ReportSubject subject)
    {
        if (subject.Labels.Count == 0) return;
        Table.Open(html, "Labelled markers", isOpen: true, "Label", Column.Number("At"), "UTC");
        foreach (var (label, at) in subject.Labels)
        {
            html.Add($"""<tr><th scope="row">{label}</th>""");
            Table.Number(html, subject.At(at));
            Table.Text(html, Units.Utc(subject.Session.Timeline.ToUtc(at)));
            Table.EndRow(html);
        }

        Table.Close(html);
    }

    private static void StateTable(Html html, ReportSubject subject)
    {
        string[] states = ["connecting", "idle", "starting", "recording", "flushing"];
        Table.Open(html, "The states as a table: when each began", isOpen: false,
            ["Browser", .. states.Append("ended").Append("markers").Select(Column.Number), "faults"]);
        foreach (var browser in subject.Browsers)
        {
            var line = subject.LineOf(browser);
            Table.RowOf(html, browser);
            foreach (var state in states) Table.Number(html, line?.Slices.FirstOrDefault(slice => slice.Name == state) is { } slice ? subject.At(slice.FromNanos) : null);
            Table.Number(html, line?.Slices is [.., var last] ? subject.At(last.UntilNanos) : null);
            Table.Number(html, Units.Count(line?.Instants.Count(instant => instant.Kind is TrackInstantKind.Marker or TrackInstantKind.Label) ?? 0));
            Table.Text(html, string.Join("; ", ReportSubject.Faults(line).Select(fault => $"{subject.At(fault.AtNanos)}: {fault.Text}")));
            Table.EndRow(html);
        }

        Table.Close(html);
    }
}
