using Orchestrator.Tracing.Folders;

namespace Orchestrator.Tracing.Verification;

/// <summary>How checks call files: relative to the session's folder, with forward slashes.</summary>
internal static class Names
{
    public static string Trace(RecordedSession session, RecordedBrowser browser) =>
        browser.TracePath is { } path ? Path.GetRelativePath(session.Folder, path).Replace('\\', '/') : browser.Document?.File ?? $"{RecordedSessions.BrowsersFolder}/{browser.Name}";

    public static string Log(RecordedBrowser browser) => $"{RecordedSessions.BrowsersFolder}/{browser.Name}{RecordingLog.Suffix}";
}
