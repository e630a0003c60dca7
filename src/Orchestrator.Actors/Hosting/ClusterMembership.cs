using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.Persistence;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Clocks;
using Orchestrator.Actors.Clustering;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Security;

namespace Orchestrator.Actors.Hosting;

/// <summary>
/// One membership of this process in its cluster: an actor system, from joining to leaving. A node that was downed, or that has to hand
/// over before it goes, has one after the other; what it recorded lies on disk meanwhile.
/// </summary>
internal sealed class ClusterMembership : IAsyncDisposable
{
    private readonly NodeOptions _options;
    private readonly NodeClock _clock;
    private readonly SpoolFolders _spools;
    private readonly Uri? _http;
    private readonly FailedHandshakes _handshakes;
    private readonly IActorRef _node;
    private readonly IActorRef _clockActor;
    private volatile ClusterProtocol.Registered? _heard;
    private volatile IActorRef? _office;
    private volatile IReadOnlyList<Address> _others = [];
    private volatile bool _isLeaving;
    private long _heardAt;

    public ClusterMembership(
        NodeOptions options, OrchestratorSettings settings, Config config, IReadOnlyList<Setup> setups, SpoolFolders spools, BrowserLauncher launcher,
        NodeClock clock, ReferenceClocks references, TimeProvider time, Uri? http, bool isLeaving, Action<string> refused)
    {
        (_options, _clock, _spools, _http, _isLeaving) = (options, clock, spools, http, isLeaving);
        // Who is about to go must not coordinate.
        Roles = isLeaving ? [.. options.Roles.Where(role => role != NodeOptions.CoordinatorRole)] : options.Roles;
        System = ActorSystem.Create("orchestrator", ActorSystemSetup.Create([BootstrapSetup.Create().WithConfig(WithRoles(config)), .. setups]));
        Cluster = Cluster.Get(System);
        _handshakes = FailedHandshakes.Survive(System);
        var sessions = settings.SharedFolder.Length > 0 ? settings.SharedFolder : Path.Combine(options.DataFolder, "sessions");
        var connector = BrowserConnector.OverWebSockets(launcher, settings, time);
        _clockActor = System.ActorOf(NodeClockActor.Props(clock, references), "clock");
        _node = System.ActorOf(NodeActor.Props(connector, clock, time, settings, new ClusterNode(spools, references, options.Launch, options.SamplePage) { IsFolderShared = settings.SharedFolder.Length > 0 }), "node");
        CoordinatedShutdown.Get(System).AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "recordings", async () =>
        {
            // Recordings come to their ends first. A coordinator that was put out has a successor by then, and is not to answer for it.
            if (CoordinatedShutdown.Get(System).ShutdownReason is CoordinatedShutdown.ClusterDowningReason && _office is { } office) System.Stop(office);
            await QuietAsync(andTaken: false, CancellationToken.None);
            return Akka.Done.Instance;
        });
        if (Coordinates)
        {
            var coordinator = ClusterCoordinatorActor.Props(clock, settings, http, (epoch, office) =>
            {
                _office = office;
                return new ClusterTerm(epoch, clock.Timeline.Node, sessions, settings.SharedFolder.Length > 0 ? null : options.Transfer, references);
            });
            // The journal makes its tables sure when it is first asked for, and holds up everybody else in it for that. It is ready when it
            // is this node's turn to coordinate: that is no time for it, when the one before may still hold on to something.
            _ = Persistence.Instance.Apply(System).JournalFor("");
            _ = Persistence.Instance.Apply(System).SnapshotStoreFor("");
            System.ActorOf(ClusterSingletonManager.Props(coordinator, PoisonPill.Instance, ClusterSingletonManagerSettings.Create(System)), "coordinator");
            System.ActorOf(JournalGuardActor.Props(refused), "journal-guard");
        }

        var proxy = System.ActorOf(ClusterSingletonProxy.Props("/user/coordinator", ClusterSingletonProxySettings.Create(System)), "to-coordinator");
        System.ActorOf(NodeRegistrationActor.Props(proxy, _node, Registration, Heard), "registration");
    }

    public ActorSystem System { get; }

    public Cluster Cluster { get; }

    public IReadOnlyList<string> Roles { get; }

    public bool Coordinates => Roles.Contains(NodeOptions.CoordinatorRole, StringComparer.Ordinal);

    /// <summary>What the coordinator answered last, and not long ago; null: nobody is in office, as far as this node knows.</summary>
    public ClusterProtocol.Registered? Coordinator =>
        _heard is { } heard && _clock.Timestamp - Interlocked.Read(ref _heardAt) < _clock.ToTimestamp(5_000_000_000) ? heard : null;

    /// <summary>Why the coordinator would not have this node; null when it did.</summary>
    public string? Refused { get; private set; }

    /// <summary>The coordinator's actor, where that is on this node.</summary>
    public IActorRef? Office => Coordinator?.Coordinator == _clock.Timeline.Node ? _office : null;

    public bool IsUp => Cluster.SelfMember.Status is MemberStatus.Up;

    public string Address => $"{Cluster.SelfAddress.Host}:{Cluster.SelfAddress.Port}";

    /// <summary>The other members, as they were last seen; known still when this one is over.</summary>
    public IReadOnlyList<Address> Others => _others;

    /// <summary>Other members that could coordinate.</summary>
    public bool HasOtherCoordinators => Cluster.State.Members.Any(member =>
        member.UniqueAddress != Cluster.SelfUniqueAddress && member.Status is MemberStatus.Up && member.HasRole(NodeOptions.CoordinatorRole));

    /// <summary>Ends what is recorded here and takes nothing new; the coordinator hears of it with the next registration.</summary>
    public void EndRecordings(string reason)
    {
        _isLeaving = true;
        _node.Tell(new NodeLifeProtocol.EndRecordings(reason));
    }

    /// <summary>Completes when no browser is recorded here any more.</summary>
    /// <param name="andTaken">And all that was recorded is where its session's folder is.</param>
    public Task QuietAsync(bool andTaken, CancellationToken cancellationToken) =>
        _node.Ask<NodeLifeProtocol.Quiet>(new NodeLifeProtocol.TellWhenQuiet(andTaken), Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Leaves; a coordinator is handed over, recordings come to their ends, the system terminates.</summary>
    public Task LeaveAsync()
    {
        _handshakes.Release();
        Cluster.Leave(Cluster.SelfAddress);
        return System.WhenTerminated;
    }

    public async ValueTask DisposeAsync()
    {
        _handshakes.Release();
        await System.Terminate();
        System.Dispose();
    }

    private Config WithRoles(Config config)
    {
        var roles = Roles.Concat(Coordinates && _options.Journal is not { IsShared: true } ? [JournalGuardActor.Role] : []);
        return ConfigurationFactory.ParseString($"akka.cluster.roles = [{string.Join(", ", roles.Select(role => $"\"{role}\""))}]").WithFallback(config);
    }

    private ClusterProtocol.Register Registration()
    {
        // A cluster that is shut down empties itself first: what was there before is what counts.
        if (Cluster.State.Members.Select(member => member.Address).Where(address => !address.Equals(Cluster.SelfAddress)).ToList() is { Count: > 0 } others) _others = others;
        string PathOf(IActorRef actor) => actor.Path.ToSerializationFormatWithAddress(Cluster.SelfAddress);
        return new ClusterProtocol.Register(
            new NodeOffer
            {
                Name = _clock.Timeline.Node,
                Address = Address,
                Http = _http,
                Roles = _options.Roles,
                Version = _options.Version,
                Protocol = ClusterProtocol.Version,
                Capacity = _options.Capacity,
                Offers = _options.Offers,
                Clock = _clock.Timeline,
                Spools = _spools.Held(),
                IsLeaving = _isLeaving,
            },
            PathOf(_node), PathOf(_clockActor));
    }

    private void Heard(object answer)
    {
        Refused = (answer as ClusterProtocol.RegistrationRefused)?.Reason;
        if (answer is not ClusterProtocol.Registered registered) return;
        _heard = registered;
        Interlocked.Exchange(ref _heardAt, _clock.Timestamp);
    }
}
