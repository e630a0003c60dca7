using Akka.Actor;
using Akka.Cluster;
using Orchestrator.Actors.Hosting;

namespace Orchestrator.Actors.Clustering;

/// <summary>
/// A coordinator whose journal is a file of its own machine must be the only one: another one that took over would find nothing to go
/// on with. The younger of two such nodes leaves.
/// </summary>
public sealed class JournalGuardActor : ReceiveActor
{
    /// <summary>The role of coordinators whose journal no other node can read.</summary>
    public const string Role = "own-journal";

    private readonly Cluster _cluster = Cluster.Get(Context.System);

    /// <param name="refused">Told why this node must not be here.</param>
    public JournalGuardActor(Action<string> refused)
    {
        Receive<ClusterEvent.IMemberEvent>(change => Look(change.Member, refused));
        Receive<ClusterEvent.CurrentClusterState>(state =>
        {
            foreach (var member in state.Members) Look(member, refused);
        });
    }

    public static Props Props(Action<string> refused) => Akka.Actor.Props.Create(() => new JournalGuardActor(refused));

    protected override void PreStart() =>
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Look(Member other, Action<string> refused)
    {
        var self = _cluster.SelfMember;
        if (other.UniqueAddress == _cluster.SelfUniqueAddress || other.Status is MemberStatus.Removed or MemberStatus.Down or MemberStatus.Exiting) return;
        if (!self.HasRole(NodeOptions.CoordinatorRole) || !other.HasRole(NodeOptions.CoordinatorRole)) return;
        if (!self.HasRole(Role) && !other.HasRole(Role)) return;
        // Until it is up a member has no age: whoever is not yet up is the younger.
        if (self.Status is MemberStatus.Up && (other.Status is not MemberStatus.Up || self.IsOlderThan(other))) return;
        refused(self.HasRole(Role)
            ? $"another coordinator is at {other.Address}, and this node keeps its journal in an SQLite file that nobody else can read; give all coordinators one PostgreSQL journal (--journal postgres), or start this node with --roles browsers"
            : $"the coordinator at {other.Address} keeps its journal in an SQLite file that this node cannot read; give all coordinators one PostgreSQL journal (--journal postgres), or start this node with --roles browsers");
    }
}
