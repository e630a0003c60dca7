using System.Collections.Concurrent;
using System.Security.Cryptography;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging;

/// <summary>
/// Relates the clock of each browser of a session to the session's time line: to its node's clock from its trace and its log, and that one to the
/// time line from what the nodes measured of each other (<see cref="NodeClocks"/>).
/// </summary>
public static class SessionAlignment
{
    private static readonly Timeline Unknown = new("unknown", "unknown", DateTimeOffset.UnixEpoch);

    /// <summary>Reads every trace once. A browser whose trace cannot be used has no survey, and a problem says why.</summary>
    /// <param name="checkHashes">Whether the traces' bytes are compared with the hashes in session.json first.</param>
    public static async Task<AlignedSession> AlignAsync(
        RecordedSession session, bool checkHashes, Action<MergeProgress>? progress, CancellationToken cancellationToken)
    {
        var nodes = new NodeClocks(session);
        var problems = new ConcurrentQueue<FolderProblem>([.. session.Problems, .. nodes.Problems]);
        var reading = new ReadingProgress(session, progress);
        var browsers = new AlignedBrowser[session.Browsers.Count];
        var parallel = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount, TaskScheduler = TaskScheduler.Current };
        await Parallel.ForAsync(0, browsers.Length, parallel, (i, ct) =>
        {
            var recorded = session.Browsers[i];
            var survey = Survey(session, recorded, checkHashes, reading, problems, ct);
            browsers[i] = Align(session, recorded, survey, nodes);
            return ValueTask.CompletedTask;
        });
        var aligned = new AlignedSession
        {
            Session = session,
            Timeline = session.Timeline ?? Unknown,
            Browsers = Named(browsers, []),
            Nodes = nodes.All,
            Problems = [.. problems],
        };
        return aligned;
    }

    /// <summary>
    /// Puts several sessions on the first one's time line. Two of one machine and boot are on it already; others are put there by
    /// their machines' wall clocks, of which nothing is proven, and a problem says so. Browsers get names that are unique over all.
    /// </summary>
    public static IReadOnlyList<AlignedSession> OnOneTimeline(IReadOnlyList<AlignedSession> sessions)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var placed = new List<AlignedSession>();
        foreach (var session in sessions)
        {
            var reference = sessions[0].Timeline;
            var isSame = placed.Count == 0 || (reference.Domain is not null && session.Timeline.Domain == reference.Domain);
            var shift = isSame ? 0 : reference.FromUtc(session.Timeline.UtcAtZero);
            var browsers = session.Browsers.Select(browser => Placed(browser, browser.Clock.Shifted(shift), browser.NodeClock.Shifted(shift), reference));
            placed.Add(session with
            {
                Timeline = reference,
                ShiftNanos = shift,
                Browsers = Named(browsers, names),
                Nodes = [.. session.Nodes.Select(node => node with { Clock = node.Clock.Shifted(shift) })],
                Problems = isSame ? session.Problems : [.. session.Problems, new FolderProblem("",
                    $"session {session.Session.SessionId} was put beside {sessions[0].Session.SessionId} by the wall clocks of {session.Timeline.Node} and {reference.Node}: within each session the bounds hold, between the two nothing is proven")],
            });
        }

        return placed;
    }

    private static List<AlignedBrowser> Named(IEnumerable<AlignedBrowser> browsers, HashSet<string> taken)
    {
        var named = new List<AlignedBrowser>();
        foreach (var browser in browsers)
        {
            var name = browser.Recorded.Name;
            for (var number = 2; !taken.Add(name); number++) name = $"{browser.Recorded.Name} ({number})";
            named.Add(browser with { MergedName = name });
        }

        return named;
    }

    private static TraceSurvey? Survey(
        RecordedSession session, RecordedBrowser browser, bool checkHashes, ReadingProgress progress, ConcurrentQueue<FolderProblem> problems, CancellationToken ct)
    {
        if (browser.TracePath is not { } path) return null;
        var file = Path.GetRelativePath(session.Folder, path);
        try
        {
            if (checkHashes && browser.Document is { Sha256: { } told } && told != Sha256Of(path))
            {
                problems.Enqueue(new FolderProblem(file, $"is not the file that was recorded: its SHA-256 is not that of {RecordedSessions.DocumentName}; it is left out. Bring the recorded file back"));
                return null;
            }

            using var input = TraceInput.Open(path);
            var survey = input.Format is TraceFormat.Proto
                ? ProtoTraceReader.Survey(input, at => progress.Report(browser, at), ct)
                : JsonTraceReader.Survey(input, at => progress.Report(browser, at), ct);
            if (survey.CutOff is { } cutOff) problems.Enqueue(new FolderProblem(file, $"{cutOff}; what stands before is used"));
            return survey;
        }
        catch (NotATraceException not)
        {
            problems.Enqueue(new FolderProblem(file, $"is no trace that can be used: {not.Message}; it is left out"));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            problems.Enqueue(new FolderProblem(file, $"cannot be read: {unreadable.Message}; it is left out"));
        }

        return null;
    }

    private static string Sha256Of(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static AlignedBrowser Align(RecordedSession session, RecordedBrowser recorded, TraceSurvey? survey, NodeClocks nodes)
    {
        var node = recorded.Log is { } log ? nodes.Of(log.Timeline) : RelatedClock.Shared;
        var timeline = node == RelatedClock.Shared ? "the time line" : $"node {recorded.Log!.Timeline.Node}'s clock";
        var browser = new AlignedBrowser(recorded, survey, ToItsNode(session, recorded, survey, timeline).Then(node)) { MergedName = recorded.Name };
        return Placed(browser, browser.Clock, node, session.Timeline ?? Unknown);
    }

    private static AlignedBrowser Placed(AlignedBrowser browser, RelatedClock clock, RelatedClock node, Timeline timeline) => browser with
    {
        Clock = clock,
        NodeClock = node,
        Log = node == RelatedClock.Shared ? browser.Recorded.Log : browser.Recorded.Log?.On(timeline, node),
    };

    /// <summary>How its clock lies to the one that its log is told on; without a log there is but a guess, on the time line.</summary>
    private static RelatedClock ToItsNode(RecordedSession session, RecordedBrowser browser, TraceSurvey? survey, string node)
    {
        var recordingAt = browser.Log?.States.FirstOrDefault(state => state.State == "recording")?.AtNanos
            ?? (session.Document?.WindowOpenedAt is { } opened ? (browser.Log?.Timeline ?? session.Timeline)?.FromUtc(opened) : null);
        var guess = recordingAt - survey?.FirstNanos ?? 0;
        var (brackets, doubtful) = MarkerMatching.Match(browser.Log?.Markers ?? [], survey?.Markers ?? []);
        return ClockEstimation.Estimate(brackets, browser.Log?.SharedClock, guess, node).And(doubtful);
    }

    /// <summary>How much of all traces together has been read, whichever thread reads them.</summary>
    private sealed class ReadingProgress(RecordedSession session, Action<MergeProgress>? progress)
    {
        private readonly long _total = session.Browsers.Sum(browser => browser.TracePath is { } path && File.Exists(path) ? new FileInfo(path).Length : 0);
        private readonly Dictionary<RecordedBrowser, long> _read = new(ReferenceEqualityComparer.Instance);
        private long _readOfAll;

        public void Report(RecordedBrowser browser, long filePosition)
        {
            if (progress is null) return;
            lock (_read)
            {
                _readOfAll += filePosition - _read.GetValueOrDefault(browser);
                _read[browser] = filePosition;
                progress(new MergeProgress($"reading the markers of {browser.Name}", _readOfAll, _total));
            }
        }
    }
}
