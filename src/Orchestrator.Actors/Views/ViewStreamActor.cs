using System.Threading.Channels;
using Akka.Actor;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Hosting;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Views;

/// <summary>Asks to watch a session and puts its views into a channel, which it completes when there is nothing more to see.</summary>
public sealed class ViewStreamActor : ReceiveActor
{
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(5);

    public ViewStreamActor(IActorRef coordinator, string sessionId, ChannelWriter<SessionView> views)
    {
        Receive<SessionProtocol.Heard>(_ =>
        {
            Context.SetReceiveTimeout(null);
            Context.Watch(Sender);
        });
        Receive<SessionProtocol.Refused>(later => End(new CoordinatorUnavailableException($"session {sessionId}: {later.Reason}")));
        // The question went to an actor that had just stopped.
        Receive<ReceiveTimeout>(_ => End(new CoordinatorUnavailableException($"session {sessionId} does not answer")));
        Receive<SessionProtocol.NotOpen>(_ => End(new SessionNotOpenException($"session {sessionId} is not open")));
        Receive<SessionProtocol.Refused>(refused => End(new CoordinatorUnavailableException($"session {sessionId}: {refused.Reason}")));
        Receive<SessionView>(view =>
        {
            views.TryWrite(view);
            if (view.Phase is SessionPhase.Ended) End(null);
        });
        // It is over, or another actor goes on with it: who still wants to see it asks again.
        Receive<Terminated>(_ => End(null));
        Context.SetReceiveTimeout(AnswerPatience);
        coordinator.Tell(new SessionProtocol.Watch(sessionId, Self));

        void End(Exception? why)
        {
            views.TryComplete(why);
            Context.Stop(Self);
        }
    }

    public static Props Props(IActorRef coordinator, string sessionId, ChannelWriter<SessionView> views) =>
        Akka.Actor.Props.Create(() => new ViewStreamActor(coordinator, sessionId, views));
}
