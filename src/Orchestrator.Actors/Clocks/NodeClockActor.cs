using Akka.Actor;
using Orchestrator.Actors.Nodes;

namespace Orchestrator.Actors.Clocks;

/// <summary>Answers what this node's clock reads. It does nothing else, so that nobody's work stands between question and answer.</summary>
public sealed class NodeClockActor : ReceiveActor
{
    public NodeClockActor(NodeClock clock, ReferenceClocks references) => Receive<ClockProtocol.Ping>(ping =>
    {
        Sender.Tell(new ClockProtocol.Pong(clock.Timeline.Node, ping.SentNanos, clock.ToNanos(clock.Timestamp)));
        if (ping.Before is { } before) references.Add(ping.Reference, before);
    });

    public static Props Props(NodeClock clock, ReferenceClocks references) => Akka.Actor.Props.Create(() => new NodeClockActor(clock, references));
}
