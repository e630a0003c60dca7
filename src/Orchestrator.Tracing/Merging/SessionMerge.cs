using System.Security.Cryptography;
using Orchestrator.Tracing.Folders;

namespace Orchestrator.Tracing.Merging;

/// <summary>Makes what people open of aligned sessions: the merged traces, and a report of each session.</summary>
public static class SessionMerge
{
    /// <summary>Writes the chosen files into a folder. What one browser lacks takes nothing from the others: problems name it.</summary>
    /// <param name="sessions">On one time line: see <see cref="SessionAlignment.OnOneTimeline"/>.</param>
    /// <exception cref="IOException">The folder cannot be written to; no file stands there half-written.</exception>
    public static async Task<MergeResult> RunAsync(
        IReadOnlyList<AlignedSession> sessions, string outputFolder, MergeChoice choice, Action<MergeProgress>? progress, CancellationToken cancellationToken)
    {
        var files = new List<MergedFile>();
        var problems = new List<FolderProblem>();
        if (choice.HasFlag(MergeChoice.Perfetto))
            Add(await PerfettoArchive.WriteAsync(sessions, Path.Combine(outputFolder, PerfettoArchive.FileName), progress, cancellationToken));
        if (choice.HasFlag(MergeChoice.Json))
            Add(await ChromeJson.WriteAsync(sessions, Path.Combine(outputFolder, ChromeJson.FileName), progress, cancellationToken));
        return new MergeResult(files, problems);

        void Add((MergedFile? File, IReadOnlyList<FolderProblem> Problems) written)
        {
            if (written.File is { } file) files.Add(file);
            problems.AddRange(written.Problems);
        }
    }

    /// <summary>What fits the recordings: the archive where there are proto traces, JSON where there are JSON traces.</summary>
    public static MergeChoice ChoiceFor(IEnumerable<AlignedSession> sessions) =>
        sessions.SelectMany(session => session.Browsers).Where(browser => browser.HasTrace)
            .Aggregate(MergeChoice.None, (choice, browser) => choice
                | (browser.Survey!.Format is Sessions.TraceFormat.Proto ? MergeChoice.Perfetto : MergeChoice.Json));

    /// <summary>The length and the hash of a file that was written just now.</summary>
    internal static async Task<MergedFile> DescribeAsync(string format, string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return new MergedFile(format, Path.GetFileName(path), file.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken)));
    }
}

/// <param name="Files">What was written.</param>
/// <param name="Problems">What could not be put into them, and why.</param>
public sealed record MergeResult(IReadOnlyList<MergedFile> Files, IReadOnlyList<FolderProblem> Problems);
