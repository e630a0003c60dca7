using Orchestrator.Tracing.Recording;

namespace Orchestrator.Tracing.Sessions;

/// <summary>
/// What follows from what is known: pure functions from a session's state to the events to persist next.
/// None of them repeats what has already happened, so that a message that comes twice changes nothing.
/// </summary>
public static class SessionDecisions
{
    // Who wants to know of all of them reads their own outcomes; a session of thousands must not have a reason of pages.
    private const int MostNamed = 10;

    /// <summary>Browsers that are ready or have ended. Unknown names and second reports are dropped.</summary>
    public static IEnumerable<SessionEvent> OnBrowsers(
        TraceSession session, IEnumerable<SessionEvent.BrowserReady> ready, IEnumerable<BrowserReport> ended, DateTimeOffset at)
    {
        if (!session.IsOpen) yield break;
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in ready)
        {
            if (session.Find(one.Browser) is { Report: null, Ready: null } && told.Add(one.Browser)) yield return one;
        }

        told.Clear();
        foreach (var report in ended)
        {
            if (session.Find(report.Browser) is { Report: null } && told.Add(report.Browser)) yield return new SessionEvent.BrowserEnded(report) { At = at };
        }
    }

    /// <summary>
    /// Null while enough browsers take part; else the reason why the session cannot go on, with each browser that fell
    /// out and why.
    /// </summary>
    public static string? RequirementUnmet(TraceSession session)
    {
        var needed = session.Plan.Require.Of(session.Browsers.Count);
        // While nobody was in office some may have recorded to the window's end already.
        var fallen = session.Browsers.Where(browser => browser.Report is { } report && !report.Outcome.Delivered()).ToList();
        var left = session.Browsers.Count - fallen.Count;
        if (left >= needed) return null;
        return $"{left} of {session.Browsers.Count} browsers are left, {session.Plan.Require} required ({Named(fallen)})";
    }

    /// <summary>The phase in which a session goes on after another coordinator took it over.</summary>
    /// <param name="isStarted">A node has been told to start.</param>
    /// <param name="isEnded">A node has been told to end, or has ended by itself at the planned instant.</param>
    public static SessionPhase WhereToGoOn(TraceSession session, bool isStarted, bool isEnded)
    {
        if (session.GivenUp is not null || session.WindowClosed is not null) return SessionPhase.Flushing;
        // That one node has ended, because it was told to stop, is no reason to end the others: the window has its own end.
        if (session.WindowOpened is not null) return SessionPhase.Window;
        // Who has started, and ended since, tells when: a start is not carried out twice.
        return isStarted || isEnded ? SessionPhase.Starting : SessionPhase.Preparing;
    }

    /// <summary>What is to be told of labelled markers whose instant went by while nobody was there to place them.</summary>
    public static IEnumerable<SessionEvent.Noted> MissedMarkers(TraceSession session, long nowNanos, DateTimeOffset at)
    {
        if (session.WindowOpened is not { } opened) yield break;
        var placed = session.Markers.CountBy(marker => marker.Label).ToDictionary();
        foreach (var planned in session.Plan.Window.Markers.Where(marker => opened.TimelineNanos + marker.Offset.Ticks * 100 <= nowNanos))
        {
            if (placed.GetValueOrDefault(planned.Label) is > 0 and var left) placed[planned.Label] = left - 1;
            else yield return new SessionEvent.Noted($"The marker {planned.Label}@{Durations.Format(planned.Offset)} may be missing: its coordinator was gone at that instant.") { At = at };
        }
    }

    /// <summary>Browsers of which their nodes may hold what the session never got.</summary>
    public static IEnumerable<string> Untaken(TraceSession session) => session.Browsers
        .Where(browser => browser.Report is { Trace: null, Outcome: BrowserOutcome.NodeLost or BrowserOutcome.Corrupt }).Select(browser => browser.Target.Name);

    /// <summary>The end, once every browser has its outcome; none while one is outstanding.</summary>
    /// <param name="forced">The outcome of a session that was aborted or fell below its requirement; null: what the browsers add up to.</param>
    public static SessionEvent.Ended? WhenAllEnded(TraceSession session, SessionOutcome? forced, string? reason, DateTimeOffset at)
    {
        if (!session.IsOpen || session.Outstanding.Any()) return null;
        var outcome = forced ?? SessionOutcomes.From([.. session.Browsers.Select(browser => browser.Report!.Outcome)]);
        return new SessionEvent.Ended(outcome, reason ?? Summary(session, outcome)) { At = at };
    }

    private static string? Summary(TraceSession session, SessionOutcome outcome)
    {
        if (outcome is SessionOutcome.Complete) return null;
        return Named(session.Browsers.Where(browser => browser.Report!.Outcome is not BrowserOutcome.Complete));
    }

    /// <summary>Each browser's end and its reason; of many the first, and how many more ended how.</summary>
    private static string Named(IEnumerable<SessionBrowser> browsers)
    {
        var all = browsers.ToList();
        var named = all.Take(MostNamed).Select(browser => browser.Report!.Reason is { } why
            ? $"{browser.Target.Name} {browser.Report.Outcome.Name()}: {why}"
            : $"{browser.Target.Name} {browser.Report.Outcome.Name()}");
        var rest = all.Skip(MostNamed).CountBy(browser => browser.Report!.Outcome).OrderByDescending(outcome => outcome.Value)
            .Select(outcome => $"{outcome.Value} more {outcome.Key.Name()}");
        return string.Join("; ", named.Concat(rest));
    }
}
