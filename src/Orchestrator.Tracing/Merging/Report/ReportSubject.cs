using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging.Report;

/// <summary>The session that a report is about, with what several of its sections ask of it.</summary>
internal sealed class ReportSubject
{
    /// <summary>More browsers than this: lines get thin, long tables are folded, the notable come first.</summary>
    public const int Many = 50;

    private readonly Dictionary<string, TrackLine> _lines;
    private readonly Dictionary<AlignedBrowser, long?> _worstBounds = new(ReferenceEqualityComparer.Instance);

    public ReportSubject(AlignedSession session, IReadOnlyList<MergedFile> merged)
    {
        (Session, Merged) = (session, merged);
        // The session's own line comes first; a browser may be called 'session', too.
        SessionLine = session.Tracks.Lines is [var first, ..] ? first : null;
        _lines = session.Tracks.Lines.Skip(1).GroupBy(line => line.Name).ToDictionary(group => group.Key, group => group.First());
        Window = FindWindow();
        Labels = FindLabels();
        Span = FindSpan();
    }

    public AlignedSession Session { get; }
    public IReadOnlyList<MergedFile> Merged { get; }
    public SessionDocument? Document => Session.Session.Document;
    public IReadOnlyList<AlignedBrowser> Browsers => Session.Browsers;
    public TrackLine? SessionLine { get; }
    public bool HasMany => Browsers.Count > Many;

    /// <summary>On the time line; null when it never opened, or nobody wrote down when.</summary>
    public (long From, long Until)? Window { get; }

    /// <summary>The markers that people asked for, and when, in order.</summary>
    public IReadOnlyList<(string Label, long AtNanos)> Labels { get; }

    /// <summary>From the first instant that anything is known of to the last.</summary>
    public (long From, long Until) Span { get; }

    /// <summary>What instants are counted from: the window's opening.</summary>
    public long Zero => Window?.From ?? Span.From;

    /// <summary>When, in seconds after <see cref="Zero"/>.</summary>
    public string At(long nanos) => Units.Seconds(nanos - Zero);

    public TrackLine? LineOf(AlignedBrowser browser) => _lines.GetValueOrDefault(browser.MergedName);

    /// <summary>The outcome as it is spelled everywhere; of a browser that has none, why.</summary>
    public static string OutcomeOf(AlignedBrowser browser) => browser.Recorded.Document?.Outcome?.Name() ?? "no outcome";

    /// <summary>True: nothing about it needs to be looked at.</summary>
    public static bool IsQuiet(AlignedBrowser browser) =>
        browser.Recorded.Document is { Outcome: BrowserOutcome.Complete } && browser.Clock.Relation is not ClockRelation.Unaligned
        && browser.Survey is { CutOff: null, Losses.Count: 0 } && browser.Recorded.Log is not { Faults.Count: > 0 };

    /// <summary>The part of its own clock that the window covers, or what its markers cover; null when neither is known.</summary>
    public (long From, long Until)? ClockRange(AlignedBrowser browser)
    {
        if (Window is { } window) return (browser.Clock.ToBrowser(window.From), browser.Clock.ToBrowser(window.Until));
        return browser.Survey is { Markers: [var first, .., var last] } ? (first.BrowserNanos, last.BrowserNanos) : null;
    }

    /// <summary>The widest bound in that part; null when nothing is certain somewhere in it.</summary>
    public long? WorstBound(AlignedBrowser browser)
    {
        if (!_worstBounds.TryGetValue(browser, out var bound))
            _worstBounds.Add(browser, bound = ClockRange(browser) is var (from, until) ? browser.Clock.WorstBound(from, until) : null);
        return bound;
    }

    private (long From, long Until)? FindWindow()
    {
        if (Document is { WindowOpenedAt: { } opened } document)
        {
            var from = Nanos(opened);
            // Without a close, the window ended where the last browser's story does.
            var until = document.WindowClosedAt is { } closed ? Nanos(closed) : Math.Max(from, LastInstant() ?? from);
            return (from, until);
        }

        return SessionLine?.Slices.FirstOrDefault(slice => slice.Name == "window") is { } slice ? (slice.FromNanos, slice.UntilNanos) : null;
    }

    private List<(string, long)> FindLabels()
    {
        if (Document is { Markers.Count: > 0 } document) return [.. document.Markers.OrderBy(marker => marker.TimelineNanos).Select(marker => (marker.Label, marker.TimelineNanos))];
        return
        [
            .. Browsers.SelectMany(browser => browser.Recorded.Log?.Markers ?? [])
                .Where(marker => marker.Label is not null)
                .GroupBy(marker => (marker.Label, marker.SyncId))
                .Select(group => (group.Key.Label!, group.Min(marker => marker.SentNanos)))
                .OrderBy(label => label.Item2),
        ];
    }

    private (long, long) FindSpan()
    {
        var instants = Session.Tracks.Lines.SelectMany(Instants);
        if (Window is { } window) instants = instants.Append(window.From).Append(window.Until);
        var (from, until, any) = (long.MaxValue, long.MinValue, false);
        foreach (var at in instants) (from, until, any) = (Math.Min(from, at), Math.Max(until, at), true);
        return any ? (from, until) : (0, 0);
    }

    private long? LastInstant() => Session.Tracks.Lines.SelectMany(Instants).Select(at => (long?)at).Max();

    private static IEnumerable<long> Instants(TrackLine line) =>
        line.Slices.SelectMany(slice => new[] { slice.FromNanos, slice.UntilNanos }).Concat(line.Instants.Select(instant => instant.AtNanos));

    private long Nanos(DateTimeOffset utc) => (utc - Session.Timeline.UtcAtZero).Ticks * 100;
}
