using System.Threading.Channels;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Akka.Remote;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Security;
using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Actors.Tests.Security;

/// <summary>An actor system of a cluster, on a loopback port of its own, that tells what its associations and members do.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private const string Quick = """
        akka {
          loglevel = WARNING
          loggers = ["Orchestrator.Actors.Tests.Security.TestNode+Silence, Orchestrator.Actors.Tests"]
          # What a test leaves behind need not leave its cluster in good order.
          coordinated-shutdown.run-by-actor-system-terminate = off
          actor.provider = cluster
          remote {
            dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            retry-gate-closed-for = 200ms
            flush-wait-on-shutdown = 100ms
          }
          cluster {
            gossip-interval = 100ms
            leader-actions-interval = 100ms
            retry-unsuccessful-join-after = 500ms
          }
        }
        """;

    private readonly Channel<object> _told = Channel.CreateUnbounded<object>();
    private readonly FailedHandshakes? _handshakes;

    private TestNode(ActorSystem system, FailedHandshakes? handshakes)
    {
        (System, _handshakes) = (system, handshakes);
        var listener = system.ActorOf(Props.Create(() => new Listener(_told.Writer)));
        system.EventStream.Subscribe(listener, typeof(RemotingLifecycleEvent));
        system.EventStream.Subscribe(listener, typeof(LogEvent));
        Cluster.Subscribe(listener, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
    }

    public ActorSystem System { get; }

    public Cluster Cluster => Cluster.Get(System);

    public Address Address => Cluster.SelfAddress;

    public object? ShutdownReason => CoordinatedShutdown.Get(System).ShutdownReason;

    /// <summary>As the program configures one.</summary>
    public static TestNode Start(NodeIdentity? identity)
    {
        var settings = OrchestratorSettings.Read(ReferenceConfiguration.Settings(), out _);
        var options = new NodeOptions
        {
            Roles = [],
            Bind = new HostAndPort("127.0.0.1", 0),
            DataFolder = "none",
            Capacity = 0,
            SamplePage = "none",
            Version = "none",
            Transfer = new HttpSpoolTransfer(new HttpClient(), TimeProvider.System, DownloadPatience.Default, 1),
        };
        var config = ReferenceConfiguration.Cluster(ConfigurationFactory.ParseString(Quick), options, settings);
        if (identity is not null) config = NodeTraffic.AkkaConfiguration().WithFallback(config);
        var setup = BootstrapSetup.Create().WithConfig(config);
        var system = ActorSystem.Create("orchestrator", identity is null ? ActorSystemSetup.Create(setup) : setup.And(NodeTraffic.AkkaSetup(identity)));
        return new TestNode(system, FailedHandshakes.Survive(system));
    }

    /// <summary>Somebody else's program: Akka as it comes.</summary>
    public static TestNode StartForeign(Setup? tls = null)
    {
        var setup = BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString($"{Quick}\nakka.remote.dot-netty.tcp.enable-ssl = {(tls is null ? "off" : "on")}"));
        return new TestNode(ActorSystem.Create("orchestrator", tls is null ? ActorSystemSetup.Create(setup) : setup.And(tls)), null);
    }

    /// <summary>Waits for something that the event stream or the cluster tells.</summary>
    public async Task<T> Told<T>(Func<T, bool> which)
    {
        while (true)
        {
            if (await _told.Reader.ReadAsync().Soon() is T one && which(one)) return one;
        }
    }

    public Task IsUp(TestNode node) => Told<ClusterEvent.MemberUp>(up => up.Member.Address == node.Address);

    /// <summary>As on SIGTERM.</summary>
    public Task Leave()
    {
        _handshakes?.Release();
        return CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClrExitReason.Instance).Soon();
    }

    public async ValueTask DisposeAsync() => await System.Terminate().Soon();

    private sealed class Silence : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
    {
        public Silence() => Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(ChannelWriter<object> told) => ReceiveAny(one => told.TryWrite(one));
    }
}
