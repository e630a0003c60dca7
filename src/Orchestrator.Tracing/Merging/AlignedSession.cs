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

    /// <summary>What the instants of the session's document have to be moved by to stand on <see cref="Timeline"/>.</summary>
    public long ShiftNanos { get; init; }

    public required IReadOnlyList<AlignedBrowser> Browsers { get; init; }

    /// <summary>Every node that the folder tells of, the time line's own first.</summary>
    public IReadOnlyList<AlignedNode> Nodes { get; init; } = [];

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
            var logs = Browsers.Select(browser => browser.Log).OfType<RecordingLog>().ToList();
            long? Logged(string state, Func<IEnumerable<long>, long> pick) =>
                logs.SelectMany(log => log.States).Where(logged => logged.State == state).Select(logged => logged.AtNanos).ToList() is { Count: > 0 } at
                    ? pick(at)
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

    /// <summary>How each node's clock lay to the time line, by node. Of one that was started anew there are two clocks: the worse one is told.</summary>
    public IReadOnlyDictionary<string, ClockFacts> NodeFacts
    {
        get
        {
            var (opened, closed) = Window;
            return Nodes.Select(node => (node.Name, Facts: Sessions.ClockFacts.Of(node.Clock, opened, closed))).GroupBy(node => node.Name, StringComparer.Ordinal)
                .ToDictionary(node => node.Key, node => node.MaxBy(one => one.Facts.WorstBoundNanos ?? long.MaxValue).Facts, StringComparer.Ordinal);
        }
    }

    /// <summary>Those of the folder, and what was found while aligning.</summary>
    public required IReadOnlyList<FolderProblem> Problems { get; init; }
}

/// <summary>A node's clock.</summary>
/// <param name="Clock">How it lies to the time line.</param>
public sealed record AlignedNode(string Name, RelatedClock Clock);

/// <summary>One browser of an aligned session.</summary>
/// <param name="Survey">What its trace holds; null when there is no trace, or none that can be read.</param>
/// <param name="Clock">How its clock lies to the time line.</param>
public sealed record AlignedBrowser(RecordedBrowser Recorded, TraceSurvey? Survey, RelatedClock Clock)
{
    /// <summary>What it is called in merged files: unique over all sessions that are merged.</summary>
    public required string MergedName { get; init; }

    /// <summary>How the clock that its log is told on lies to the time line: its node's.</summary>
    public RelatedClock NodeClock { get; init; } = RelatedClock.Shared;

    /// <summary>Its log told on the time line, each instant where it is estimated to be; <see cref="Recorded"/> has it as it was written.</summary>
    public RecordingLog? Log { get => field ?? Recorded.Log; init; }

    /// <summary>
    /// What each marker that was answered and stands in the trace says by itself of the browser's clock and the time line: not before it can have been
    /// sent at the earliest, not after it can have been answered at the latest. None where the node's clock is not known.
    /// </summary>
    public IReadOnlyList<ClockBracket> Brackets =>
    [
        .. MarkerMatching.Match(Recorded.Log?.Markers ?? [], Survey?.Markers ?? []).Brackets
            .Select(bracket => (bracket.ClockNanos, Sent: NodeClock.PossibleAt(bracket.SentNanos), Answered: NodeClock.PossibleAt(bracket.AnsweredNanos)))
            .Where(bracket => bracket is { Sent: not null, Answered: not null })
            .Select(bracket => new ClockBracket(bracket.ClockNanos, bracket.Sent!.Value.LeastNanos, bracket.Answered!.Value.MostNanos)),
    ];

    /// <summary>True: it can be merged, wholly or up to where it breaks off.</summary>
    public bool HasTrace => Survey is not null && Recorded.TracePath is not null;
}
