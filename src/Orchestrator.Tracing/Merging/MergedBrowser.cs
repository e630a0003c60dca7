using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;

namespace Orchestrator.Tracing.Merging;

/// <summary>A browser on its way into one Chrome JSON trace.</summary>
internal sealed record MergedBrowser(AlignedSession Session, AlignedBrowser Browser, JsonTraceSurvey Survey, JsonRewriting Rewriting)
{
    public string Name => Browser.MergedName;

    public string Path => Browser.Recorded.TracePath!;

    public FolderProblem Problem(string problem) => new(FileOf(Session, Browser), problem);

    /// <summary>Its trace's file as problems name it.</summary>
    public static string FileOf(AlignedSession session, AlignedBrowser browser) =>
        browser.Recorded.TracePath is { } path
            ? System.IO.Path.GetRelativePath(session.Session.Folder, path).Replace('\\', '/')
            : $"browsers/{browser.Recorded.Name}";
}
