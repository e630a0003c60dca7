using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;

namespace Orchestrator.Tracing.Verification;

/// <summary>Checks a recorded session from its files alone: nothing is taken on trust that can be looked at.</summary>
public static class SessionVerification
{
    /// <summary>Reads every file of the folder; changes nothing.</summary>
    public static async Task<VerifiedSession> VerifyAsync(RecordedSession session, Action<MergeProgress>? progress, CancellationToken cancellationToken)
    {
        // A trace whose hash is wrong is looked into all the same: each thing that is wrong is told.
        var aligned = await SessionAlignment.AlignAsync(session, checkHashes: false, progress, cancellationToken);
        var checks = new List<Check> { FileChecks.Document(session) };
        var facts = aligned.ClockFacts;
        for (var i = 0; i < aligned.Browsers.Count; i++)
        {
            var browser = aligned.Browsers[i];
            checks.Add(await FileChecks.TraceAsync(session, browser.Recorded, cancellationToken));
            if (browser.Recorded.TracePath is null) continue;
            checks.Add(ClockChecks.WellFormed(aligned, browser));
            checks.Add(ClockChecks.Log(aligned, browser));
            if (browser.Survey is null || browser.Recorded.Log is null) continue;
            checks.Add(ClockChecks.Markers(aligned, browser));
            checks.Add(ClockChecks.Causality(aligned, browser));
            if (ClockChecks.Claim(browser, facts[i]) is { } claim) checks.Add(claim);
        }

        checks.AddRange(NodeClockChecks.Of(session));
        var nodes = aligned.NodeFacts;
        checks.AddRange((session.Document?.Nodes ?? []).Select(node => ClockChecks.Claim(node, nodes.GetValueOrDefault(node.Name))).OfType<Check>());
        foreach (var merged in session.Document?.Merged ?? [])
        {
            var bytes = await FileChecks.MergedAsync(session, merged, cancellationToken);
            checks.Add(bytes);
            if (bytes.What != "present") checks.Add(MergedChecks.WellFormed(session.Folder, merged.File, cancellationToken));
        }

        AddWhatElseIsWrong(checks, session);
        return new VerifiedSession { Folder = session.Folder, SessionId = session.SessionId, Checks = checks };
    }

    /// <summary>Problems of the folder that no check has told of.</summary>
    private static void AddWhatElseIsWrong(List<Check> checks, RecordedSession session)
    {
        var told = checks.Where(check => !check.Ok).Select(check => check.File).ToHashSet();
        foreach (var problem in session.Problems.Where(problem => !told.Contains(problem.File)))
            checks.Add(new Check(problem.File, "folder", Ok: false, problem.Problem));
    }
}
