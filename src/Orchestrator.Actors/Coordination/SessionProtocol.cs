using Akka.Actor;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Coordination;

/// <summary>What is asked of the coordinator and of its sessions, and what they answer.</summary>
public static class SessionProtocol
{
    /// <summary>Run this session; answered by <see cref="Closed"/> when it has its outcome, or by <see cref="Refused"/>.</summary>
    /// <param name="Watcher">Gets a <see cref="SessionView"/> when something changes.</param>
    public sealed record Open(SessionPlan Plan, IActorRef Watcher);

    /// <summary>End the window now: flush everything, keep everything.</summary>
    public sealed record EndNow(string SessionId);

    /// <summary>Give the session up.</summary>
    public sealed record Abort(string SessionId, string Reason);

    /// <summary>Give a session that a dead process left open its outcome; answered like <see cref="Open"/>.</summary>
    public sealed record Recover(string SessionId);

    /// <summary>The session is over; its outcome was persisted before this was sent.</summary>
    /// <param name="Problem">What went wrong after that: session.json could not be written.</param>
    public sealed record Closed(SessionDocument Document, string? Problem);

    /// <summary>The session did not run, or its outcome could not be persisted.</summary>
    public sealed record Refused(string SessionId, string Reason);

    /// <summary>A node is there and takes browsers.</summary>
    public sealed record RegisterNode(string Node, IActorRef Actor);

    /// <summary>From the coordinator to a session: run, with these nodes.</summary>
    internal sealed record Run(SessionPlan Plan, IReadOnlyList<Placement> Placements, IActorRef Watcher);

    /// <summary>From the coordinator to a session: end what the journal says is open.</summary>
    internal sealed record EndWhatIsOpen
    {
        public static EndWhatIsOpen Instance { get; } = new();
    }
}

/// <summary>Which node gets which browsers.</summary>
internal sealed record Placement(string Node, IActorRef Actor, IReadOnlyList<BrowserTarget> Targets)
{
    /// <summary>Neighbours stay together, and no node gets two more than another; who gets none has no part.</summary>
    public static IReadOnlyList<Placement> Spread(IReadOnlyList<BrowserTarget> targets, IReadOnlyCollection<KeyValuePair<string, IActorRef>> nodes) =>
    [
        .. nodes
            .Select((node, place) => new Placement(node.Key, node.Value,
                [.. targets.Take((int)((long)targets.Count * (place + 1) / nodes.Count)).Skip((int)((long)targets.Count * place / nodes.Count))]))
            .Where(placement => placement.Targets.Count > 0),
    ];
}
