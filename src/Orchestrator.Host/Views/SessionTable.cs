using System.Globalization;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orchestrator.Host.Views;

/// <summary>A running session as a picture: the phase, what is left of the window, and each browser; of very many, the worst.</summary>
internal static class SessionTable
{
    private const int MostRows = 20;
    private const int WorstRows = 8;
    private const int WindowBar = 30;
    private const int BufferBar = 12;

    /// <param name="height">Lines that there are for it.</param>
    public static IRenderable Render(SessionView view, string? notice, DateTimeOffset now, int height, bool unicode)
    {
        var rows = new List<IRenderable> { new Markup($"[bold]session {Markup.Escape(view.SessionId)}[/]  {Markup.Escape(Phase(view, now))}") };
        if (view is { Phase: SessionPhase.Window, WindowOpenedAt: { } opened } && view.Duration > TimeSpan.Zero)
            rows.Add(new Markup($"[blue]{Bar((now - opened) / view.Duration, WindowBar, unicode)}[/]"));
        // Two lines above, four of the table itself, one for what was said last.
        if (view.Browsers.Count <= Math.Min(MostRows, height - 7))
        {
            rows.Add(Browsers(view.Browsers, unicode));
        }
        else
        {
            rows.Add(new Text(Counts(view.Browsers)));
            rows.Add(Browsers(Worst(view.Browsers), unicode));
        }

        if (notice is not null) rows.Add(new Markup($"[yellow]{Markup.Escape(notice)}[/]"));
        return new Rows(rows);
    }

    /// <summary>The phase in words, with the time left in the window.</summary>
    public static string Phase(SessionView view, DateTimeOffset now) => view.Phase switch
    {
        SessionPhase.Preparing => "preparing",
        SessionPhase.Starting => "starting to record",
        SessionPhase.Window when view.WindowOpenedAt is { } opened => $"recording, {Figures.Seconds(Left(view, opened, now))} left",
        SessionPhase.Window => "recording",
        SessionPhase.Flushing when view.WindowOpenedAt is null => "giving up",
        SessionPhase.Flushing => "flushing the traces to disk",
        SessionPhase.Merging => Merging(view.Merge),
        _ => "ended",
    };

    private static string Merging(MergeProgress? progress) => progress is { BytesTotal: > 0 } known
        ? string.Create(CultureInfo.InvariantCulture, $"{known.Doing}, {100 * known.BytesDone / known.BytesTotal} %")
        : "aligning the clocks";

    /// <summary>How many browsers are in which state: <c>3 recording, 1 refused</c>.</summary>
    public static string Counts(IReadOnlyList<BrowserView> browsers) => string.Join(", ", browsers
        .GroupBy(State)
        .OrderByDescending(group => group.Count())
        .ThenBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}")));

    /// <summary>The outcome of a browser that has one, else what it does.</summary>
    public static string State(BrowserView browser) => browser.Outcome is { } outcome ? outcome.Name() : browser.State;

    private static TimeSpan Left(SessionView view, DateTimeOffset opened, DateTimeOffset now)
    {
        var left = opened + view.Duration - now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Those that fell out, then those whose buffers are the fullest.</summary>
    private static IReadOnlyList<BrowserView> Worst(IReadOnlyList<BrowserView> browsers) =>
    [
        .. browsers
            .OrderBy(browser => browser.Outcome switch { null => 1, BrowserOutcome.Complete => 2, _ => 0 })
            .ThenByDescending(browser => browser.BufferFill ?? 0)
            .Take(WorstRows),
    ];

    private static Table Browsers(IReadOnlyList<BrowserView> browsers, bool unicode)
    {
        var table = new Table { Border = unicode ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumns("browser", "state", "buffer", "on disk", "markers", "");
        table.Columns[3].RightAligned();
        table.Columns[4].RightAligned();
        foreach (var browser in browsers)
        {
            table.AddRow(
                new Text(browser.Name),
                new Markup($"[{Figures.Colour(browser.Outcome)}]{Markup.Escape(State(browser))}[/]"),
                new Markup(browser.BufferFill is { } fill ? $"[{FillColour(fill)}]{Bar(fill, BufferBar, unicode)}[/] {Figures.Percent(fill)}" : "-"),
                new Text(browser.Bytes > 0 ? Figures.Bytes(browser.Bytes) : "-"),
                new Text(browser.Markers.ToString(CultureInfo.InvariantCulture)),
                new Text(browser.Reason ?? browser.Product ?? "").Overflow(Overflow.Ellipsis));
        }

        return table;
    }

    private static string FillColour(double fill) => fill switch { >= 0.9 => "red", >= 0.7 => "yellow", _ => "green" };

    private static string Bar(double fraction, int width, bool unicode)
    {
        var full = (int)Math.Round(Math.Clamp(fraction, 0, 1) * width);
        return new string(unicode ? '█' : '#', full) + new string(unicode ? '░' : '.', width - full);
    }
}
