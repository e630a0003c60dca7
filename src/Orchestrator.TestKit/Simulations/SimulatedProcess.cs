using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Views;
using Orchestrator.TestKit.Time;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>
/// The orchestrator's own actors in a world: a coordinator and its nodes on virtual time, over a journal that outlives
/// them. Nothing of the product is replaced but the clock, the wire and the journal's disk.
/// </summary>
internal sealed class SimulatedProcess
{
    internal const string Virtual = """
        akka {
          scheduler.implementation = "Orchestrator.TestKit.Time.VirtualScheduler, Orchestrator.TestKit"
          loglevel = WARNING
          loggers = []
          actor {
            default-dispatcher.type = "Orchestrator.TestKit.Time.VirtualDispatcherConfigurator, Orchestrator.TestKit"
            internal-dispatcher.type = "Orchestrator.TestKit.Time.VirtualDispatcherConfigurator, Orchestrator.TestKit"
          }
          persistence {
            journal.plugin = "simulated-journal"
            snapshot-store.plugin = "akka.persistence.no-snapshot-store"
            dispatchers {
              default-plugin-dispatcher.type = "Orchestrator.TestKit.Time.VirtualDispatcherConfigurator, Orchestrator.TestKit"
              default-replay-dispatcher.type = "Orchestrator.TestKit.Time.VirtualDispatcherConfigurator, Orchestrator.TestKit"
              default-stream-dispatcher.type = "Orchestrator.TestKit.Time.VirtualDispatcherConfigurator, Orchestrator.TestKit"
            }
          }
        }
        simulated-journal.class = "Orchestrator.TestKit.Simulations.SimulatedJournalActor, Orchestrator.TestKit"
        # No timer is late on virtual time.
        orchestrator.spin-lead = 0ms
        """;

    // Nobody looks more often, and a view names every browser.
    private const string Usual = """
        orchestrator {
          node-name = "simulation"
          progress-interval = 5s
        }
        """;

    // True time is everybody's clock but the browsers'.
    private const string Domain = "simulation";

    private readonly ActorSystem _system;
    private readonly IActorRef _coordinator;
    private readonly List<string> _complaints = [];

    /// <summary>To be made while the world runs: everything that it begins belongs to the world.</summary>
    public SimulatedProcess(VirtualTime time, SimulatedJournal journal, Config user, int nodes, CdpConnect connect)
    {
        var ours = ConfigurationFactory.ParseString(Virtual).WithFallback(user).WithFallback(ConfigurationFactory.ParseString(Usual));
        _system = VirtualScheduler.CreateSystem("simulation", ConfigurationFactory.ParseString(Virtual).WithFallback(ReferenceConfiguration.Local(ours, "none")), time);
        _system.RegisterExtension(new JournalOfSystem(journal));
        var settings = Settings = OrchestratorSettings.Read(_system.Settings.Config, out _);
        var complaints = _system.ActorOf(Props.Create(() => new Listener<LogEvent>(Complain)), "complaints");
        _system.EventStream.Subscribe(complaints, typeof(Error));

        var connector = new BrowserConnector(new NoLauncher(), connect, time);
        _coordinator = _system.ActorOf(CoordinatorActor.Props(new NodeClock(time, settings.NodeName, Domain), settings), "coordinator");
        for (var number = 1; number <= nodes; number++)
        {
            var name = $"n{number:d4}";
            var node = _system.ActorOf(NodeActor.Props(connector, new NodeClock(time, name, Domain), time, settings), name);
            _coordinator.Tell(new SessionProtocol.RegisterNode(name, node));
        }
    }

    public OrchestratorSettings Settings { get; }

    /// <summary>What the coordinator answered; null until it has.</summary>
    public object? Answer { get; private set; }

    /// <summary>What the actors logged as errors.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>Messages by their type.</summary>
    public IReadOnlyDictionary<Type, long> Sent => ((VirtualDispatcher)_system.Dispatchers.DefaultGlobalDispatcher).Sent;

    public void Open(SessionPlan plan, Action<SessionView> onChange)
    {
        SessionFolder.Create(plan.OutputFolder);
        _coordinator.Tell(new SessionProtocol.Open(plan, _system.ActorOf(SessionWatcher.Props(onChange), "watcher")), Requester());
    }

    /// <summary>Gives a session that a killed process left open its outcome, as a new process does when it starts.</summary>
    public void Recover(string sessionId) => _coordinator.Tell(new SessionProtocol.Recover(sessionId), Requester());

    public void EndNow(string sessionId) => _coordinator.Tell(new SessionProtocol.EndNow(sessionId));

    private IActorRef Requester() => _system.ActorOf(Props.Create(() => new Listener<object>(TakeAnswer)), "requester");

    private void TakeAnswer(object answer) => Answer = answer;

    private void Complain(LogEvent log) => _complaints.Add($"{log.LogSource}: {log.Message}{(log.Cause is { } cause ? $" ({cause.GetType().Name}: {cause.Message})" : "")}");

    private sealed class Listener<T> : ReceiveActor
    {
        public Listener(Action<T> hear) => Receive<T>(message => hear(message));
    }

    private sealed class NoLauncher : IBrowserLauncher
    {
        public Task<LaunchedBrowser> LaunchAsync(LaunchPlan plan, CancellationToken cancellationToken) =>
            throw new BrowserLaunchException("A simulation launches no browsers.");
    }
}
