using Orchestrator.Host.Hosting;
using Orchestrator.Host.Views;

namespace Orchestrator.Host.Verbs;

/// <summary>The sessions that a process left open when it died, and that have their outcome now.</summary>
internal static class Recovered
{
    public static void Tell(ISessionService sessions, Action<string> say)
    {
        foreach (var session in sessions.RecoveredSessions)
            say($"note: session {session.SessionId} was open when its process died; its outcome is {Figures.Outcome(session.Outcome)}, its folder {session.Folder}");
    }
}
