using Akka.Actor;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Views;

/// <summary>Hands the views of a session to a callback, one at a time.</summary>
public sealed class SessionWatcher : ReceiveActor
{
    public SessionWatcher(Action<SessionView> onChange) => Receive<SessionView>(onChange.Invoke);

    public static Props Props(Action<SessionView> onChange) => Akka.Actor.Props.Create(() => new SessionWatcher(onChange));
}
