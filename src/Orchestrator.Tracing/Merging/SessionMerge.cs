using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging;

/// <summary>Makes what people open of aligned sessions: the merged traces, and a report of each session.</summary>
public static class SessionMerge
{
    /// <summary>Writes the chosen files into a folder. What one browser lacks takes nothing from the others: problems name it.</summary>
    /// <param name="sessions">On one time line: see <see cref="SessionAlignment.OnOneTimeline"/>.</param>
    public static async Task<MergeResult> RunAsync(
        IReadOnlyList<AlignedSession> sessions, string outputFolder, MergeChoice choice, Action<MergeProgress>? progress, CancellationToken cancellationToken)
    {
        var files = new List<MergedFile>();
        var problems = new List<FolderProblem>();
        if (choice.HasFlag(MergeChoice.Perfetto))
            await AddAsync(PerfettoArchive.FileName, path => PerfettoArchive.WriteAsync(sessions, path, progress, cancellationToken));
        if (choice.HasFlag(MergeChoice.Json))
            await AddAsync(ChromeJson.FileName, path => ChromeJson.WriteAsync(sessions, path, progress, cancellationToken));
        return new MergeResult(files, problems);

        async Task AddAsync(string name, Func<string, Task<(MergedFile? File, IReadOnlyList<FolderProblem> Problems)>> write)
        {
            try
            {
                var (file, left) = await write(Path.Combine(outputFolder, name));
                if (file is not null) files.Add(file);
                problems.AddRange(left);
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                problems.Add(new FolderProblem(name, $"could not be written: {unwritable.Message}; nothing half-written stands there. 'orchestrator merge {outputFolder}' tries again"));
            }
        }
    }

    /// <summary>What fits the recordings: the archive where there are proto traces, JSON where there are JSON traces.</summary>
    public static MergeChoice ChoiceFor(IEnumerable<AlignedSession> sessions) =>
        sessions.SelectMany(session => session.Browsers).Where(browser => browser.HasTrace)
            .Aggregate(MergeChoice.None, (choice, browser) => choice
                | (browser.Survey!.Format is TraceFormat.Proto ? MergeChoice.Perfetto : MergeChoice.Json));
}

/// <param name="Files">What was written.</param>
/// <param name="Problems">What could not be put into them, and why.</param>
public sealed record MergeResult(IReadOnlyList<MergedFile> Files, IReadOnlyList<FolderProblem> Problems);
