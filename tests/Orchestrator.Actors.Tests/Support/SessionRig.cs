using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Views;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>
/// The actors of a local orchestrator over a journal in memory: coordinator, node, their sessions; real WebSockets.
/// With virtual timers no deadline passes but by <see cref="Advance"/>.
/// </summary>
internal sealed class SessionRig : IAsyncDisposable
{
    private const string Quick = """
        akka.loglevel = OFF
        akka.persistence.journal.plugin = "taped"
        akka.persistence.snapshot-store.plugin = "akka.persistence.no-snapshot-store"
        taped.class = "Orchestrator.Actors.Tests.Support.TapedJournal, Orchestrator.Actors.Tests"
        orchestrator {
          node-name = "here"
          start-lead = 20ms
          end-lead = 10ms
          spin-lead = 0ms
          burst-markers = 2
          burst-budget = 10s
          progress-interval = 20ms
          node-grace = 1h
        }
        """;

    private const string Virtual = """
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"

        """;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static int s_systems;

    private SessionRig(ActorSystem system, BrowserLauncher launcher, CdpConnect? connect)
    {
        System = system;
        Settings = OrchestratorSettings.Read(system.Settings.Config, out var errors);
        Assert.Empty(errors);
        Clock = new NodeClock(TimeProvider.System, Settings.NodeName);
        Connector = connect is null
            ? BrowserConnector.OverWebSockets(launcher, Settings, TimeProvider.System)
            : new BrowserConnector(launcher, connect, TimeProvider.System);
        Node = system.ActorOf(NodeActor.Props(Connector, Clock, TimeProvider.System, Settings), "node");
        Coordinator = system.ActorOf(CoordinatorActor.Props(Clock, Settings), "coordinator");
        Coordinator.Tell(new SessionProtocol.RegisterNode(Settings.NodeName, Node));
    }

    public ActorSystem System { get; }
    public OrchestratorSettings Settings { get; }
    public NodeClock Clock { get; }
    public BrowserConnector Connector { get; }
    public IActorRef Node { get; }
    public IActorRef Coordinator { get; }
    public JournalTape Journal => JournalTape.Of(System.Name);

    public static SessionRig Start(string hocon = "", bool virtualTimers = false, CdpConnect? connect = null)
    {
        var config = ConfigurationFactory.ParseString(hocon)
            .WithFallback(ConfigurationFactory.ParseString(virtualTimers ? Virtual + Quick : Quick));
        var name = string.Create(CultureInfo.InvariantCulture, $"rig-{Interlocked.Increment(ref s_systems)}");
        return new SessionRig(ActorSystem.Create(name, ReferenceConfiguration.Local(config, "none.db")), new BrowserLauncher(), connect);
    }

    public SessionRun Run(SessionPlan plan) => new(this, plan);

    /// <summary>Makes the session's folder and runs the session to its end.</summary>
    public Task<SessionDocument> RecordAsync(SessionPlan plan)
    {
        SessionFolder.Create(plan.OutputFolder);
        return Run(plan).DocumentAsync();
    }

    public void Advance(TimeSpan time) => ((TestScheduler)System.Scheduler).Advance(time);

    /// <summary>Lets virtual time go on in small steps until the task has completed.</summary>
    public async Task<T> TickUntil<T>(Task<T> task)
    {
        using var never = new CancellationTokenSource(Waiting.Never);
        while (!task.IsCompleted)
        {
            Advance(Tick);
            await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, never.Token));
            never.Token.ThrowIfCancellationRequested();
        }

        return await task;
    }

    public async ValueTask DisposeAsync()
    {
        await System.Terminate().Soon();
        System.Dispose();
    }
}

/// <summary>One session under way.</summary>
internal sealed class SessionRun
{
    private readonly SessionRig _rig;
    private readonly string _sessionId;

    public SessionRun(SessionRig rig, SessionPlan plan)
    {
        (_rig, _sessionId) = (rig, plan.SessionId);
        var watcher = rig.System.ActorOf(SessionWatcher.Props(Views.Add));
        Answer = rig.Coordinator.Ask<object>(new SessionProtocol.Open(plan, watcher), Timeout.InfiniteTimeSpan, CancellationToken.None);
    }

    public ViewLog Views { get; } = new();

    /// <summary>Closed or Refused.</summary>
    public Task<object> Answer { get; }

    public void EndNow() => _rig.Coordinator.Tell(new SessionProtocol.EndNow(_sessionId));

    public void Abort(string reason = "given up on request") => _rig.Coordinator.Tell(new SessionProtocol.Abort(_sessionId, reason));

    public async Task<SessionDocument> DocumentAsync()
    {
        var closed = Assert.IsType<SessionProtocol.Closed>(await Answer.Soon());
        Assert.Null(closed.Problem);
        return closed.Document;
    }
}
