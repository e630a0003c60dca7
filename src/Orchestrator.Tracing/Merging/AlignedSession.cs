using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging;

/// <summary>A session whose browsers' clocks have been related to its time line: what every merged file is made from.</summary>
public sealed record AlignedSession
{
    public required RecordedSession Session { get; init; }

    /// <summary>What the instants of <see cref="Browsers"/> and <see cref="Tracks"/> are told on.</summary>
    public required Timeline Timeline { get; init; }

    /// <summary>What the session's own instants (its document's, its logs') have to be moved by to stand on <see cref="Timeline"/>.</summary>
    public long ShiftNanos { get; init; }

    public required IReadOnlyList<AlignedBrowser> Browsers { get; init; }

    /// <summary>The orchestrator's own account of the session.</summary>
    public SessionTracks Tracks
    {
        get => field ??= SessionAccount.Of(this);
        init;
    }

    /// <summary>When the window opened and closed, on <see cref="Timeline"/>; where nothing tells, what the recordings span.</summary>
    public (long OpenedNanos, long ClosedNanos) Window
    {
        get
        {
            var document = Session.Document;
            long? At(DateTimeOffset? utc) => OnTimeline(utc);
            var logs = Browsers.Select(browser => browser.Recorded.Log).OfType<RecordingLog>().ToList();
            long? Logged(string state, Func<IEnumerable<long>, long> pick) =>
                logs.SelectMany(log => log.States).Where(logged => logged.State == state).Select(logged => logged.AtNanos).ToList() is { Count: > 0 } at
                    ? pick(at) + ShiftNanos
                    : null;
            var opened = At(document?.WindowOpenedAt) ?? Logged("recording", Enumerable.Max) ?? 0;
            return (opened, Math.Max(opened, At(document?.WindowClosedAt) ?? Logged("flushing", Enumerable.Max) ?? opened));
        }
    }

    /// <summary>An instant of the session's document. Its wall-clock instants were made from the session's own time line, and lead back to it.</summary>
    internal long? OnTimeline(DateTimeOffset? utc) => utc is { } known ? (Session.Timeline ?? Timeline).FromUtc(known) + ShiftNanos : null;

    /// <summary>How each browser's clock lay to the time line; in the order of <see cref="Browsers"/>.</summary>
    public IReadOnlyList<ClockFacts> ClockFacts
    {
        get
        {
            var (opened, closed) = Window;
            return [.. Browsers.Select(browser => Sessions.ClockFacts.Of(browser.Clock, opened, closed))];
        }
    }

    /// <summary>Those of the folder, and what was found while aligning.</summary>
    public required IReadOnlyList<FolderProblem> Problems { get; init; }
}

/// <summary>One browser of an aligned session.</summary>
/// <param name="Survey">What its trace holds; null when there is no trace, or none that can be read.</param>
/// <param name="Clock">How its clock lies to the time line.</param>
public sealed record AlignedBrowser(RecordedBrowser Recorded, TraceSurvey? Survey, BrowserClock Clock)
{
    /// <summary>What it is called in merged files: unique over all sessions that are merged.</summary>
    public required string MergedName { get; init; }

    /// <summary>True: it can be merged, wholly or up to where it breaks off.</summary>
    public bool HasTrace => Survey is not null && Recorded.TracePath is not null;
}
