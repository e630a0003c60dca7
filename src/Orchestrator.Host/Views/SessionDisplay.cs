using Orchestrator.Host.Hosting;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Views;

/// <summary>Shows a session on stderr while it runs: a picture on a terminal, lines elsewhere.</summary>
internal interface ISessionDisplay : IAsyncDisposable
{
    void Show(SessionView view);

    /// <summary>Tells something besides, at once.</summary>
    void Say(string line);
}

internal static class SessionDisplays
{
    public static ISessionDisplay Open(Surroundings surroundings)
    {
        var console = surroundings.ErrorConsole();
        return surroundings.ErrorIsTerminal && console.Profile.Capabilities is { Ansi: true, Interactive: true }
            ? new TerminalDisplay(console, surroundings.Time)
            : new PlainDisplay(surroundings.Error, surroundings.Time);
    }
}
