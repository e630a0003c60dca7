using Akka.Actor;
using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Folders;

namespace Orchestrator.Actors.Clocks;

/// <summary>
/// Asks one node's clock, from the coordinator's: a few times in a row at a cadence, because the quickest exchange of a few says
/// more than a slow one. It ends with the coordinator's knowledge of the node.
/// </summary>
public sealed class ClockProberActor : ReceiveActor, IWithTimers
{
    private const int InARow = 3;
    private const int InABurst = 12;

    private readonly IActorRef _node;
    private readonly NodeClock _clock;
    private NodeClockBracket? _before;
    private long _awaited;
    private int _left;

    /// <param name="node">The node's <see cref="NodeClockActor"/>.</param>
    /// <param name="name">The node's. Its parent is told each exchange.</param>
    public ClockProberActor(string name, IActorRef node, NodeClock clock, TimeSpan every)
    {
        (_node, _clock) = (node, clock);
        Receive<Due>(_ => Ask(InARow));
        Receive<ClockProtocol.Burst>(_ => Ask(InABurst));
        Receive<ClockProtocol.Pong>(pong =>
        {
            // Only what was asked last: an answer that was lost, or comes late, is nobody's.
            if (pong.SentNanos != _awaited) return;
            _awaited = 0;
            _before = new NodeClockBracket(pong.SentNanos, pong.NodeNanos, _clock.ToNanos(_clock.Timestamp));
            Context.Parent.Tell(new ClockProtocol.Bracketed(name, _before));
            // The node learns of an exchange with the next question: one more, so that it learns of the last that was wanted.
            if (--_left >= 0) Ask();
        });
        Timers.StartPeriodicTimer(nameof(Due), Due.Instance, TimeSpan.Zero, every);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(string name, IActorRef node, NodeClock clock, TimeSpan every) =>
        Akka.Actor.Props.Create(() => new ClockProberActor(name, node, clock, every));

    private void Ask(int times)
    {
        _left = Math.Max(_left, times);
        Ask();
    }

    private void Ask()
    {
        _awaited = _clock.ToNanos(_clock.Timestamp);
        _node.Tell(new ClockProtocol.Ping(_clock.Timeline, _awaited, _before));
    }

    private sealed record Due
    {
        public static Due Instance { get; } = new();
    }
}
