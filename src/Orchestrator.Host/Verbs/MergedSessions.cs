using Orchestrator.Host.Planning;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Verbs;

/// <summary>What <c>merge</c> made of its sessions.</summary>
/// <param name="Sessions">Each on its own time line.</param>
/// <param name="Reports">The reports' names in the output folder.</param>
/// <param name="Problems">What was left out and why, with its session's folder.</param>
/// <param name="UnmetClocks">Where a clock is known less well than was asked for.</param>
internal sealed record MergedSessions(
    MergePlan Plan, IReadOnlyList<AlignedSession> Sessions, IReadOnlyList<MergedFile> Files, IReadOnlyList<string> Reports,
    IReadOnlyList<(string Folder, FolderProblem Problem)> Problems, IReadOnlyList<string> UnmetClocks)
{
    public int ExitCode => Files.Count == 0 ? CommandLine.ExitCode.Failed
        : Problems.Count > 0 || UnmetClocks.Count > 0 ? CommandLine.ExitCode.Partial
        : CommandLine.ExitCode.Complete;

    public static async Task<MergedSessions> MakeAsync(MergePlan plan, Action<MergeProgress> progress, CancellationToken cancellationToken)
    {
        var aligned = new List<AlignedSession>();
        foreach (var session in plan.Sessions) aligned.Add(await SessionAlignment.AlignAsync(session, checkHashes: true, progress, cancellationToken));

        var together = SessionAlignment.OnOneTimeline(aligned);
        Directory.CreateDirectory(plan.OutputFolder);
        var result = await SessionMerge.RunAsync(together, plan.OutputFolder, plan.Choice is { } one and not MergeChoice.Both ? one : SessionMerge.ChoiceFor(aligned), progress, cancellationToken);
        // Putting sessions beside each other finds out something, too.
        var problems = together.SelectMany(session => session.Problems.Select(problem => (session.Session.Folder, problem)))
            .Concat(result.Problems.Select(problem => (plan.OutputFolder, problem))).ToList();
        var made = new MergedSessions(plan, aligned, result.Files, [], problems, Unmet(together, plan.MaxClockError));
        return made with { Reports = await made.WriteAccountsAsync(result, cancellationToken) };
    }

    /// <summary>The reports; and, where the session's own folder was written to, its session.json.</summary>
    private async Task<IReadOnlyList<string>> WriteAccountsAsync(MergeResult result, CancellationToken cancellationToken)
    {
        var reports = new List<string>();
        foreach (var (place, session) in Sessions.Index())
        {
            var told = session with { Problems = [.. session.Problems, .. result.Problems] };
            var files = Files;
            // Where nothing was made, session.json goes on telling what it told.
            if (Plan.InPlace && Files.Count > 0 && session.Session.Document is { } document)
            {
                var updated = UpToDate(document, session);
                await WholeFile.WriteAsync(Path.Combine(Plan.OutputFolder, RecordedSessions.DocumentName), updated.ToUtf8(), cancellationToken);
                told = told with { Session = session.Session with { Document = updated } };
                files = updated.Merged;
            }

            var name = Sessions.Count == 1 ? HtmlReport.FileName : FormattableString.Invariant($"report-{place + 1}.html");
            await WholeFile.WriteAsync(Path.Combine(Plan.OutputFolder, name), HtmlReport.Render(told, files), cancellationToken);
            reports.Add(name);
        }

        return reports;
    }

    private SessionDocument UpToDate(SessionDocument document, AlignedSession session)
    {
        var facts = session.ClockFacts;
        return document with
        {
            // What was found out from a trace that cannot be read any more stays.
            Browsers = [.. document.Browsers.Select((browser, place) => session.Browsers[place].HasTrace ? browser with { Clock = facts[place] } : browser)],
            Nodes = NodeDocument.Of(session.NodeFacts),
            // A merged file of the other kind, made before, is still there.
            Merged = [.. document.Merged.Where(before => Files.All(file => file.File != before.File)), .. Files],
            MergeProblems = [.. Problems.Select(problem => problem.Problem.ToString())],
            MaxClockErrorNanos = Plan.MaxClockError?.Ticks * 100 ?? document.MaxClockErrorNanos,
        };
    }

    private static List<string> Unmet(IReadOnlyList<AlignedSession> sessions, TimeSpan? most) => most is not { } limit
        ? []
        : [.. sessions.SelectMany(session => session.Browsers.Zip(session.ClockFacts))
            .Where(pair => pair.Item1.HasTrace)
            .Select(pair => ClockRequirement.Unmet(pair.Item1.MergedName, pair.Item2, limit.Ticks * 100))
            .OfType<string>()];
}
