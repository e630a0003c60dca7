using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Clocks;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Nodes;

namespace Orchestrator.Actors.Clustering;

// The nodes that the coordinator knows: they register again and again, and each that is new is made known to the sessions.
public sealed partial class ClusterCoordinatorActor
{
    private void Register(ClusterProtocol.Register register)
    {
        // Before it has its epoch it has nothing to say; the node asks again in a moment.
        if (_term is not { } term) return;
        var offer = register.Offer;
        if (Refusal(register) is { } reason)
        {
            if (_refusedNodes.GetValueOrDefault(offer.Name)?.Reason != reason) _log.Warning("Node {0} at {1} is refused: {2}", offer.Name, offer.Address, reason);
            _refusedNodes[offer.Name] = new RefusedNode(offer, reason);
            Sender.Tell(new ClusterProtocol.RegistrationRefused(reason));
            return;
        }

        _refusedNodes.Remove(offer.Name);
        Sender.Tell(new ClusterProtocol.Registered(term.Epoch, term.Node, _http));
        var (actor, clock) = (Resolve(register.Actor), Resolve(register.Clock));
        if (_nodes.TryGetValue(offer.Name, out var known) && known.Actor.Equals(actor))
        {
            known.Offer = offer;
            Release(known, offer.Spools);
            return;
        }

        if (known is not null) Forget(known);
        _nodes[offer.Name] = known = new KnownNode(actor, offer, new RelatedNodeClock(_clock, offer.Clock));
        Context.Watch(actor);
        if (!known.Clock.IsSame)
            known.Prober = Context.ActorOf(ClockProberActor.Props(offer.Name, clock, _clock, _settings.ClockInterval));
        known.Prober?.Tell(ClockProtocol.Burst.Instance);
        foreach (var session in _sessions.Values) session.Actor?.Tell(new SessionProtocol.NodeIsHere(offer.Name, actor, offer.Http));
        foreach (var held in offer.Spools.Where(held => !_sessions.ContainsKey(held))) actor.Tell(new NodeProtocol.SessionOver(held) { Epoch = term.Epoch });
        Release(known, offer.Spools);
    }

    /// <summary>Tells a node which of these spools can go. It may not hear of it, or not be there when its session ends: as long as it says that it holds one, it is told again.</summary>
    private void Release(KnownNode node, IEnumerable<string> spools)
    {
        foreach (var sessionId in spools.Where(held => _over.Any(over => over.SessionId == held && !over.KeepSpools.Contains(node.Offer.Name))))
            node.Actor.Tell(new NodeProtocol.Release(sessionId) { Epoch = _term!.Epoch });
    }

    private static IActorRef Resolve(string path) => ((ExtendedActorSystem)Context.System).Provider.ResolveActorRef(path);

    /// <summary>Why a node cannot take part; null when it can.</summary>
    private string? Refusal(ClusterProtocol.Register register)
    {
        if (register.Offer.Protocol != ClusterProtocol.Version)
            return $"it speaks version {register.Offer.Protocol} of the protocol between nodes (orchestrator {register.Offer.Version}), and the coordinator on {_term!.Node} version {ClusterProtocol.Version}; run the same release on both";
        if (_nodes.TryGetValue(register.Offer.Name, out var known) && known.Offer.Address != register.Offer.Address)
            return $"a node of this name is at {known.Offer.Address} already; give each node a name of its own";
        return null;
    }

    private void Forget(KnownNode node)
    {
        if (node.Prober is { } prober) Context.Stop(prober);
        _nodes.Remove(node.Offer.Name);
    }

    /// <summary>How many browsers each node may still launch; what sessions that were taken over launched is not known before they say so.</summary>
    private Dictionary<string, int> FreePlaces() => _nodes.Values.Where(node => TakesBrowsers(node.Offer)).ToDictionary(
        node => node.Offer.Name, node => node.Offer.Capacity - Recording(node.Offer.Name), StringComparer.Ordinal);

    private int Recording(string node) => _sessions.Values.Sum(session => session.Plan?.Targets.Count(target => target.IsLaunched && target.Node == node) ?? 0);

    private static bool TakesBrowsers(NodeOffer offer) => !offer.IsLeaving && offer.Roles.Contains(NodeStatus.BrowsersRole, StringComparer.Ordinal);

    private ClusterStatus Status() => new(
        _clock.Timeline.Node,
        _term?.Epoch ?? 0,
        [
            .. _nodes.Values.Select(node => StatusOf(node.Offer, node.Offer.IsLeaving ? "leaving" : NodeStatus.Up) with { Clock = node.Clock.Status() }),
            .. _refusedNodes.Values.Select(refused => StatusOf(refused.Offer, "refused") with { Refused = refused.Reason }),
        ],
        [.. _sessions.Values.Where(session => session.Actor is not null).Select(session => new OpenSessionStatus(session.SessionId, session.Phase, session.Browsers, session.OpenedAt)).OrderBy(session => session.OpenedAt)]);

    private NodeStatus StatusOf(NodeOffer offer, string state) => new()
    {
        Name = offer.Name,
        Address = offer.Address,
        Http = offer.Http,
        Roles = offer.Roles,
        State = state,
        Version = offer.Version,
        Protocol = offer.Protocol,
        Capacity = offer.Capacity,
        Recording = Recording(offer.Name),
        Offers = offer.Offers,
        Spools = offer.Spools,
    };

    private sealed class KnownNode(IActorRef actor, NodeOffer offer, RelatedNodeClock clock)
    {
        public IActorRef Actor => actor;
        public NodeOffer Offer { get; set; } = offer;
        public RelatedNodeClock Clock => clock;

        /// <summary>Null: there is nothing to ask, the clocks are one and the same.</summary>
        public IActorRef? Prober { get; set; }
    }

    private sealed record RefusedNode(NodeOffer Offer, string Reason);
}
