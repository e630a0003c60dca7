using System.Collections.Immutable;
using Akka.Actor;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Coordination;

/// <summary>What is asked of the coordinator and of its sessions, and what they answer.</summary>
public static class SessionProtocol
{
    /// <summary>
    /// Run this session; answered by <see cref="Closed"/> when it has its outcome, or by <see cref="Refused"/>. In a cluster it is
    /// answered by <see cref="Admitted"/> as soon as nothing can make it forgotten any more.
    /// </summary>
    /// <param name="Watcher">Gets a <see cref="SessionView"/> when something changes.</param>
    public sealed record Open(SessionPlan Plan, IActorRef Watcher);

    /// <summary>End the window now: flush everything, keep everything.</summary>
    public sealed record EndNow(string SessionId);

    /// <summary>Give the session up.</summary>
    public sealed record Abort(string SessionId, string Reason);

    /// <summary>Give all browsers this marker now.</summary>
    public sealed record Mark(string SessionId, string Label);

    /// <summary>Show the session to one more watcher, from now on.</summary>
    public sealed record Watch(string SessionId, IActorRef Watcher);

    /// <summary>Give a session that a dead process left open its outcome; answered like <see cref="Open"/>.</summary>
    public sealed record Recover(string SessionId);

    /// <summary>The session is open, and the journal knows it.</summary>
    public sealed record Admitted(string SessionId, SessionPlan Plan, DateTimeOffset OpenedAt);

    /// <summary>An <see cref="EndNow"/>, an <see cref="Abort"/>, a <see cref="Mark"/> or a <see cref="Watch"/> was heard, and what follows from it is under way.</summary>
    public sealed record Heard(string SessionId);

    /// <summary>It was not: no such session is open here.</summary>
    public sealed record NotOpen(string SessionId);

    /// <summary>The session is over; its outcome was persisted before this was sent.</summary>
    /// <param name="Problem">What went wrong after that: session.json could not be written.</param>
    public sealed record Closed(SessionDocument Document, string? Problem)
    {
        /// <summary>Nodes that keep their spools: something that they recorded, or may have, is not where the session's folder is.</summary>
        public IReadOnlySet<string> KeepSpools { get; init; } = ImmutableHashSet<string>.Empty;
    }

    /// <summary>The session did not run, or its outcome could not be persisted.</summary>
    public sealed record Refused(string SessionId, string Reason)
    {
        /// <summary>True: nothing is wrong with the session, and the same wish may be granted a moment later.</summary>
        public bool IsForNow { get; init; }
    }

    /// <summary>Whether the session is open is not known: its coordinator was stopped while it was being opened, and the next one goes on with it if it is.</summary>
    public sealed record Unknown(string SessionId, string Reason);

    /// <summary>A node is there and takes browsers.</summary>
    public sealed record RegisterNode(string Node, IActorRef Actor);

    /// <summary>From the coordinator to a session: run, with these nodes.</summary>
    internal sealed record Run(SessionPlan Plan, IReadOnlyList<Placement> Placements, IActorRef Watcher);

    /// <summary>From the coordinator to a session: go on with what the journal says is open.</summary>
    internal sealed record TakeOver
    {
        public static TakeOver Instance { get; } = new();
    }

    /// <summary>From the coordinator to a session: end what the journal says is open.</summary>
    internal sealed record EndWhatIsOpen
    {
        public static EndWhatIsOpen Instance { get; } = new();
    }

    /// <summary>From the coordinator to a session: this node is there, for the first time, or again.</summary>
    internal sealed record NodeIsHere(string Node, IActorRef Actor, Uri? Http);

    /// <summary>From a session to the coordinator: it has come to this phase.</summary>
    internal sealed record PhaseEntered(string SessionId, SessionPhase Phase);

    /// <summary>From a session to the coordinator: another one, of a higher epoch, is in office.</summary>
    internal sealed record Superseded(long Epoch);
}

/// <summary>Which node gets which browsers.</summary>
/// <param name="Actor">Null: it has not been heard of.</param>
/// <param name="Http">Where what it recorded can be fetched; null where nothing is fetched.</param>
internal sealed record Placement(string Node, IActorRef? Actor, IReadOnlyList<BrowserTarget> Targets, Uri? Http = null)
{
    /// <summary>Neighbours stay together, and no node gets two more than another; who gets none has no part.</summary>
    public static IReadOnlyList<Placement> Spread(IReadOnlyList<BrowserTarget> targets, IReadOnlyCollection<KeyValuePair<string, IActorRef>> nodes) =>
    [
        .. nodes
            .Select((node, place) => new Placement(node.Key, node.Value,
                [.. targets.Take((int)((long)targets.Count * (place + 1) / nodes.Count)).Skip((int)((long)targets.Count * place / nodes.Count))]))
            .Where(placement => placement.Targets.Count > 0),
    ];

    /// <summary>As a plan says in which every browser has its node.</summary>
    public static IReadOnlyList<Placement> Of(SessionPlan plan) =>
        [.. plan.Targets.GroupBy(target => target.Node ?? "").Select(node => new Placement(node.Key, Actor: null, [.. node]))];
}
