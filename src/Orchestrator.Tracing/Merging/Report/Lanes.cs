namespace Orchestrator.Tracing.Merging.Report;

/// <summary>One row of a picture: a name on the left, marks along the axis on the right.</summary>
/// <param name="Name">As it is shown; long ones are cut, the hint has them whole.</param>
/// <param name="Hint">What pointing at the row tells.</param>
/// <param name="Bar">How tall what the name belongs to is; below it there may be room for more.</param>
/// <param name="Stretched">Draws shapes: x from 0 to <see cref="Axis.Width"/>, y from the given top on.</param>
/// <param name="Upright">Draws what must not be stretched, text and symbols: x in percent.</param>
internal sealed record Lane(string Name, string Hint, int Bar, int Height, Action<double> Stretched, Action<double>? Upright = null);

/// <summary>
/// Rows under one axis. They are drawn in pieces no taller than a printed page, each a picture of its own: a browser lays out
/// only those that are in sight, and a printer can break between them.
/// </summary>
internal static class Lanes
{
    public const int Thick = 24;
    public const int Thin = 4;

    private const int TallestPiece = 640;
    private const int LongestName = 22;
    private const int NameHeight = 15;

    /// <param name="title">For those who do not see it.</param>
    /// <param name="head">Above the first piece: the axis' text.</param>
    /// <param name="backdrop">Behind the rows of each piece; it is given the piece's height.</param>
    /// <param name="front">In front of them.</param>
    public static void Draw(Html html, Axis axis, string title, string zero, IReadOnlyList<Lane> lanes, (int Height, Action Draw) head, Action<int> backdrop, Action<int>? front = null)
    {
        html.Add($"""<div class="plot tall" data-from="{axis.From:0}" data-length="{axis.Length:0}" data-zero="{axis.Zero}" data-of="{zero}"><div class="piece head"><svg class="names" height="{head.Height}" aria-hidden="true"></svg><svg class="lanes" height="{head.Height}" aria-hidden="true">""");
        head.Draw();
        html.Add($"</svg></div>\n");
        var first = 0;
        while (first < lanes.Count)
        {
            var (last, height) = (first, 0);
            while (last < lanes.Count && (last == first || height + lanes[last].Height <= TallestPiece)) height += lanes[last++].Height;
            Piece(html, title, lanes.Skip(first).Take(last - first), height, backdrop, front);
            first = last;
        }

        html.Add($"</div>\n");
    }

    private static void Piece(Html html, string title, IEnumerable<Lane> piece, int height, Action<int> backdrop, Action<int>? front)
    {
        var lanes = piece.ToList();
        html.Add($"""<div class="piece"><svg class="names" height="{height}" aria-hidden="true">""");
        double y = 0, free = 0;
        foreach (var lane in lanes)
        {
            // Rows thinner than a line of text: as many names as there is room for.
            if (y >= free && (lane.Bar >= NameHeight || y + NameHeight <= height))
            {
                html.Add($"""<text x="0" y="{y + Math.Max(lane.Bar, NameHeight - 4) / 2.0 + 4:0.#}"><title>{lane.Name}</title>{Short(lane.Name)}</text>""");
                free = y + NameHeight;
            }

            y += lane.Height;
        }

        html.Add($"""</svg><svg class="lanes" height="{height}" role="img"><title>{title}: {lanes[0].Name} to {lanes[^1].Name}</title><svg width="100%" height="{height}" viewBox="0 0 {Axis.Width} {height}" preserveAspectRatio="none">""");
        backdrop(height);
        y = 0;
        foreach (var lane in lanes)
        {
            html.Add($"""<g><title>{lane.Hint}</title><rect class="row" y="{y}" width="{Axis.Width}" height="{lane.Height}"/>""");
            lane.Stretched(y);
            html.Add($"</g>\n");
            y += lane.Height;
        }

        front?.Invoke(height);
        html.Add($"</svg>");
        y = 0;
        foreach (var lane in lanes)
        {
            lane.Upright?.Invoke(y);
            y += lane.Height;
        }

        html.Add($"</svg></div>\n");
    }

    /// <summary>Grid lines at round instants.</summary>
    public static void Grid(Html html, Axis axis, int height)
    {
        foreach (var (at, _) in axis.Marks()) html.Add($"""<path class="grid" d="M{axis.X(at):0.#} 0v{height}"/>""");
    }

    /// <summary>The round instants' text, its foot at <paramref name="y"/>.</summary>
    public static void Scale(Html html, Axis axis, int y)
    {
        foreach (var (at, text) in axis.Marks())
        {
            var percent = axis.Percent(at);
            html.Add($"""<text class="tick" x="{percent:0.##}%" y="{y}" text-anchor="{(percent < 3 ? "start" : percent > 97 ? "end" : "middle")}">{text}</text>""");
        }
    }

    public static string Short(string text, int longest = LongestName) => text.Length <= longest ? text : text[..(longest - 1)] + "…";
}
