using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Nodes;

namespace Orchestrator.Actors.Coordination;

/// <summary>Knows the nodes, makes a <see cref="SessionActor"/> for each session, and answers for one that fails.</summary>
public sealed class CoordinatorActor : ReceiveActor
{
    private readonly SortedDictionary<string, IActorRef> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, (string SessionId, IActorRef Requester)> _open = [];
    private readonly NodeClock _clock;
    private readonly OrchestratorSettings _settings;

    public CoordinatorActor(NodeClock clock, OrchestratorSettings settings)
    {
        (_clock, _settings) = (clock, settings);
        Receive<SessionProtocol.RegisterNode>(node => _nodes[node.Node] = node.Actor);
        Receive<SessionProtocol.Open>(open =>
        {
            var requester = Sender;
            if (_nodes.Count == 0)
            {
                requester.Tell(new SessionProtocol.Refused(open.Plan.SessionId, "no node takes browsers"));
                return;
            }

            if (Session(open.Plan.SessionId, requester) is not { } session) return;
            session.Tell(new SessionProtocol.Run(open.Plan, Placement.Spread(open.Plan.Targets, _nodes), open.Watcher));
        });
        Receive<SessionProtocol.Recover>(recover =>
        {
            var requester = Sender;
            Session(recover.SessionId, requester)?.Tell(SessionProtocol.EndWhatIsOpen.Instance);
        });
        Receive<SessionProtocol.EndNow>(end => Context.Child(ChildName(end.SessionId)).Tell(end));
        Receive<SessionProtocol.Abort>(abort => Context.Child(ChildName(abort.SessionId)).Tell(abort));
        Receive<SessionProtocol.Closed>(Answer);
        Receive<SessionProtocol.Refused>(Answer);
        Receive<Terminated>(gone =>
        {
            // A session that is over has said so before it stopped; this one has lost its journal, or has a bug.
            if (_open.Remove(gone.ActorRef, out var open))
            {
                open.Requester.Tell(new SessionProtocol.Refused(
                    open.SessionId, "the session's journal cannot be read or written; the next start gives the session its outcome"));
            }
        });
    }

    public static Props Props(NodeClock clock, OrchestratorSettings settings) =>
        Akka.Actor.Props.Create(() => new CoordinatorActor(clock, settings));

    // A session that throws must not begin again in the middle of its recordings: it ends, and recovery judges it.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(failure =>
    {
        Context.GetLogger().Error(failure, "A session's actor failed.");
        return Directive.Stop;
    });

    protected override void PostStop()
    {
        foreach (var open in _open.Values)
        {
            open.Requester.Tell(new SessionProtocol.Refused(
                open.SessionId, "the orchestrator was stopped; the next start gives the session its outcome"));
        }
    }

    private void Answer(object answer)
    {
        if (_open.Remove(Sender, out var open)) open.Requester.Tell(answer);
    }

    private static string ChildName(string sessionId) => $"session-{sessionId}";

    private IActorRef? Session(string sessionId, IActorRef requester)
    {
        if (!Context.Child(ChildName(sessionId)).IsNobody())
        {
            requester.Tell(new SessionProtocol.Refused(sessionId, "a session of this name is open"));
            return null;
        }

        var session = Context.ActorOf(SessionActor.Props(sessionId, _clock, _settings), ChildName(sessionId));
        Context.Watch(session);
        _open[session] = (sessionId, requester);
        return session;
    }
}
