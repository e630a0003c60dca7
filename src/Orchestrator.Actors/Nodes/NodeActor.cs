using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Configuration;

namespace Orchestrator.Actors.Nodes;

/// <summary>A process that hosts browsers: makes one <see cref="NodeSessionActor"/> for each session that asks for some.</summary>
public sealed class NodeActor : ReceiveActor
{
    public NodeActor(BrowserConnector connector, NodeClock clock, TimeProvider time, OrchestratorSettings settings)
    {
        var log = Context.GetLogger();
        Receive<NodeProtocol.Prepare>(prepare =>
        {
            var name = $"session-{prepare.Plan.SessionId}";
            if (!Context.Child(name).IsNobody())
            {
                log.Warning("Session {0} asked twice to prepare its browsers; the second time is dropped.", prepare.Plan.SessionId);
                return;
            }

            Context.ActorOf(NodeSessionActor.Props(prepare, connector, clock, time, settings), name);
        });
    }

    // A second life would connect to the browsers anew and know nothing of the recordings: the session hears that they are lost.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    public static Props Props(BrowserConnector connector, NodeClock clock, TimeProvider time, OrchestratorSettings settings) =>
        Akka.Actor.Props.Create(() => new NodeActor(connector, clock, time, settings));
}
