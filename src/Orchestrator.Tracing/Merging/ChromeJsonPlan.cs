using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging;

/// <summary>What is decided before the first byte of a merged Chrome JSON trace is written, from the surveys alone.</summary>
internal sealed record ChromeJsonPlan(IReadOnlyList<AlignedSession> Sessions, IReadOnlyList<MergedBrowser> Browsers)
{
    /// <summary>The merged trace's first instant, where all that has no instant of its own is put.</summary>
    public long FirstNanos { get; private init; }

    /// <summary>Added to every instant: a trace viewer drops what comes before 0.</summary>
    public long ShiftNanos { get; private init; }

    /// <summary>One for each session's own tracks.</summary>
    public IReadOnlyList<long> SessionProcesses { get; private init; } = [];

    /// <summary>Where the trace's beginning is told from: the first browser's main process.</summary>
    public long MainProcess { get; private init; }

    /// <param name="problems">Gets one for each browser that cannot be merged.</param>
    public static ChromeJsonPlan Make(IReadOnlyList<AlignedSession> sessions, List<FolderProblem> problems)
    {
        var mergeable = new List<(AlignedSession Session, AlignedBrowser Browser, JsonTraceSurvey Survey)>();
        foreach (var session in sessions)
        {
            foreach (var browser in session.Browsers)
            {
                if (browser.HasTrace && browser.Survey is JsonTraceSurvey survey) mergeable.Add((session, browser, survey));
                else problems.Add(new FolderProblem(MergedBrowser.FileOf(session, browser), WhyNot(browser)));
            }
        }

        if (mergeable.Count == 0) return new ChromeJsonPlan(sessions, []);
        var first = mergeable.Where(one => one.Survey.FirstNanos is not null).Select(one => one.Browser.Clock.ToTimeline(one.Survey.FirstNanos!.Value))
            .Concat(sessions.Select(session => SessionTrackEvents.First(session.Tracks)).OfType<long>())
            .DefaultIfEmpty(0).Min();
        const long wholeSecond = 1_000_000_000;
        var shift = first >= 0 ? 0 : (-first / wholeSecond + 1) * wholeSecond;
        var space = new ProcessIdSpace(mergeable.SelectMany(one => one.Survey.ProcessIds));
        var frames = new HashSet<string>();
        var browsers = new List<MergedBrowser>();
        foreach (var (session, browser, survey) in mergeable)
        {
            var key = JsonRewriting.KeyOf(browsers.Count);
            var own = survey.Frames.Select(frame => frame.Frame).ToHashSet();
            var isRepeated = frames.Overlaps(own);
            frames.UnionWith(own);
            browsers.Add(new MergedBrowser(session, browser, survey, new JsonRewriting
            {
                Clock = browser.Clock,
                ShiftNanos = shift,
                MetadataNanos = first + shift,
                ProcessIds = space.Claim(survey.ProcessIds),
                Name = browser.MergedName,
                SortIndex = MergedProcesses.SortIndexOf(browsers.Count),
                IdKey = key,
                TokenKey = isRepeated ? new UInt128(key, ~key) : 0,
            }));
        }

        return new ChromeJsonPlan(sessions, browsers)
        {
            FirstNanos = first + shift,
            ShiftNanos = shift,
            SessionProcesses = [.. sessions.Select(_ => space.New())],
            MainProcess = MainProcessOf(browsers[0]),
        };
    }

    private static long MainProcessOf(MergedBrowser browser)
    {
        var names = browser.Survey.ProcessNames;
        var main = names.Where(process => process.Value is "Browser" or "HeadlessBrowser").Select(process => process.Key).Order().FirstOrDefault(-1);
        return browser.Rewriting.ProcessIds.Of(main >= 0 ? main : browser.Survey.ProcessIds.Order().FirstOrDefault(1));
    }

    private static string WhyNot(AlignedBrowser browser) => browser switch
    {
        { Recorded.TracePath: null } => $"there is no trace of {browser.MergedName}; it is not in {ChromeJson.FileName}",
        { Survey: null } => $"it cannot be read; it is not in {ChromeJson.FileName}",
        { Survey.Format: TraceFormat.Proto } =>
            $"it is a Perfetto trace, and a merged Chrome JSON needs JSON recordings: record with --format json, or open {PerfettoArchive.FileName} in ui.perfetto.dev",
        _ => $"it was not surveyed as Chrome JSON; it is not in {ChromeJson.FileName}",
    };
}
