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
    private readonly Dictionary<AlignedBrowser, ClockFacts> _facts = new(ReferenceEqualityComparer.Instance);

    public ReportSubject(AlignedSession session, IReadOnlyList<MergedFile> merged)
    {
        (Session, Merged) = (session, merged);
        // The session's own line comes first; a browser may be called 'session', too.
        Lines = session.Tracks.Lines;
        SessionLine = Lines is [var first, ..] ? first : null;
        _lines = Lines.Skip(1).GroupBy(line => line.Name).ToDictionary(group => group.Key, group => group.First());
        foreach (var (browser, facts) in session.Browsers.Zip(session.ClockFacts)) _facts.Add(browser, facts);
        Window = FindWindow();
        Labels = FindLabels();
        Span = FindSpan();
    }

    public AlignedSession Session { get; }
    public IReadOnlyList<MergedFile> Merged { get; }
    public SessionDocument? Document => Session.Session.Document;
    public IReadOnlyList<AlignedBrowser> Browsers => Session.Browsers;
    public IReadOnlyList<TrackLine> Lines { get; }
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
        && browser.Survey is { CutOff: null } && browser.Recorded.Log is not { Faults.Count: > 0 };

    /// <summary>How its clock lies to the time line, as session.json tells it.</summary>
    public ClockFacts FactsOf(AlignedBrowser browser) => _facts[browser];

    /// <summary>What went wrong with it, or with the session, each told once.</summary>
    public static IReadOnlyList<(long AtNanos, string Text)> Faults(TrackLine? line)
    {
        var faults = (line?.Instants ?? []).Where(instant => instant.Kind is TrackInstantKind.Fault).ToList();
        var reasons = faults.Select(fault => fault.Arguments.GetValueOrDefault("reason")).OfType<string>().ToHashSet();
        return [.. faults.Where(fault => !reasons.Contains(fault.Name))
            .Select(fault => (fault.AtNanos, fault.Arguments.TryGetValue("reason", out var reason) ? $"{fault.Name}: {reason}" : fault.Name))];
    }

    private (long From, long Until)? FindWindow()
    {
        var isKnown = Document is { WindowOpenedAt: not null } || Browsers.Any(browser => browser.Log is { } log && log.States.Any(state => state.State == "recording"));
        return isKnown ? Session.Window : null;
    }

    private List<(string, long)> FindLabels()
    {
        if (Document is { Markers.Count: > 0 } document) return [.. document.Markers.OrderBy(marker => marker.TimelineNanos).Select(marker => (marker.Label, marker.TimelineNanos))];
        return
        [
            .. Browsers.SelectMany(browser => browser.Log?.Markers ?? [])
                .Where(marker => marker.Label is not null)
                .GroupBy(marker => (marker.Label, marker.SyncId))
                .Select(group => (group.Key.Label!, group.Min(marker => marker.SentNanos)))
                .OrderBy(label => label.Item2),
        ];
    }

    private (long, long) FindSpan()
    {
        var instants = Lines.SelectMany(Instants);
        if (Window is { } window) instants = instants.Append(window.From).Append(window.Until);
        var (from, until, any) = (long.MaxValue, long.MinValue, false);
        foreach (var at in instants) (from, until, any) = (Math.Min(from, at), Math.Max(until, at), true);
        return any ? (from, until) : (0, 0);
    }

    private static IEnumerable<long> Instants(TrackLine line) =>
        line.Slices.SelectMany(slice => new[] { slice.FromNanos, slice.UntilNanos }).Concat(line.Instants.Select(instant => instant.AtNanos));
}
