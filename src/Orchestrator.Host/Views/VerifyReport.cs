using Orchestrator.Tracing.Verification;
using Spectre.Console;

namespace Orchestrator.Host.Views;

/// <summary>What <c>verify</c> found, one line a check.</summary>
internal static class VerifyReport
{
    public static void Write(VerifiedSession session, IAnsiConsole to)
    {
        Line(to, $"session {session.SessionId} in {session.Folder}");
        foreach (var check in session.Checks)
        {
            to.Write(new Text(check.Ok ? "  ok      " : "  FAILED  ", new Style(check.Ok ? Color.Green : Color.Red)));
            Line(to, $"{(check.File.Length == 0 ? "the folder" : check.File)}: {check.What}: {check.Detail}");
        }

        var failed = session.Checks.Count(check => !check.Ok);
        Line(to, failed == 0 ? $"all is well: {Figures.Count(session.Checks.Count, "check")}" : $"{failed} of {Figures.Count(session.Checks.Count, "check")} failed");
    }

    private static void Line(IAnsiConsole to, string text) => to.Write(new Text(text + "\n"));
}
