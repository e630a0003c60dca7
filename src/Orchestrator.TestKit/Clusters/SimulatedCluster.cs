using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Clocks;
using Orchestrator.Actors.Clustering;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Nodes;
using Orchestrator.Cdp;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Simulations;
using Orchestrator.TestKit.Time;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Clusters;

/// <summary>
/// A cluster's own actors on virtual time: coordinators one after the other, nodes with their spools and their clocks, a journal that outlives
/// them all. Not the product's: the membership, which is <see cref="SimulatedNetwork.PutOut"/>; the singleton's proxy, which is <see cref="Office"/>;
/// HTTP, which is <see cref="CopyingTransfer"/>.
/// </summary>
internal sealed partial class SimulatedCluster
{
    private const int ReceiveBufferBytes = 1 << 10;
    private static readonly TimeSpan Afterwards = TimeSpan.FromMinutes(1);

    private readonly ClusterScenario _scenario;
    private readonly Dictionary<Uri, SimulatedBrowser> _browsers = [];
    private readonly SortedDictionary<string, SimulatedMachine> _machines = new(StringComparer.Ordinal);
    private readonly List<string> _complaints = [];
    private readonly Random _random;
    private ActorSystem _system = null!;
    private OrchestratorSettings _settings = null!;
    private IActorRef _between = null!;
    private bool _isOpened;
    private bool _isClosed;

    /// <param name="folder">Of all machines' disks; an absolute path.</param>
    public SimulatedCluster(ClusterScenario scenario, string folder)
    {
        _scenario = scenario;
        var session = scenario.Session;
        _random = new Random(session.Seed);
        Journal = new SimulatedJournal(session.JournalWrite, session.Seed);
        Journal.Kept += (_, one) =>
        {
            _isOpened |= one.Manifest == "session-opened/1";
            // One that was admitted and never opened is closed, too, and asked for again.
            if (!_isOpened || one.Manifest != "session-closed/1") return;
            _isClosed = true;
            TermsAtTheEnd ??= Terms.Count;
        };
        var clocks = new Random(session.Seed + 1);
        foreach (var name in Enumerable.Range(1, scenario.Coordinators).Select(number => $"c{number}").Concat(Enumerable.Range(1, session.Nodes).Select(number => $"n{number}")))
        {
            var clock = scenario.HasClocksOfItsOwn
                ? new SimulatedClock { Offset = session.OffsetWithin * (2 * clocks.NextDouble() - 1), RatePpm = session.DriftWithinPpm * (2 * clocks.NextDouble() - 1) }
                : SimulatedClock.True;
            var disk = Path.Combine(folder, name);
            var wallError = scenario.HasClocksOfItsOwn ? TimeSpan.FromMilliseconds(clocks.Next(-500, 500)) : TimeSpan.Zero;
            _machines.Add(name, new SimulatedMachine(
                name, clock, new MachineTime(Time, clock, wallError), disk, Path.Combine(scenario.SharesFolder ? folder : disk, "sessions"), coordinates: name[0] == 'c', records: scenario.Recording.Contains(name)));
        }

        for (var number = 1; number <= session.Browsers; number++)
        {
            var browser = new SimulatedBrowser(session.ConditionsOf(number), Time) { Id = Scenario.NameOf(number) };
            Browsers.Add(browser);
            _browsers.Add(browser.Url, browser);
            _machines[scenario.NodeOf(number)].Browsers.Add(browser);
        }

        var plan = SessionOf.Plan(session, "/nowhere", Browsers.Select(browser => browser.Url));
        Plan = plan with { Targets = [.. plan.Targets.Select((target, place) => target with { Node = scenario.NodeOf(place + 1) })] };
    }

    public VirtualTime Time { get; } = new();
    public SimulatedJournal Journal { get; }
    public SessionPlan Plan { get; }
    public List<SimulatedBrowser> Browsers { get; } = [];
    public IReadOnlyDictionary<string, SimulatedMachine> Machines => _machines;
    public SimulatedNetwork Network { get; private set; } = null!;

    /// <summary>What the actors logged as errors that they should not have met; a journal's faults are expected.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>How many coordinators had been in office when the session was closed; null: it was not.</summary>
    public int? TermsAtTheEnd { get; private set; }

    /// <summary>When the session was closed; null: it was not.</summary>
    public TimeSpan? ClosedAfter { get; private set; }

    /// <summary>By then every deadline of the session is over, and every fault.</summary>
    public TimeSpan LatestEnd
    {
        get
        {
            var session = _scenario.Session;
            var faults = TimeSpan.FromSeconds(_scenario.Faults.Sum(fault => fault switch
            {
                ClusterFault.CoordinatorDies dies => dies.Vacant + TimeSpan.FromSeconds(20),
                ClusterFault.JournalIsAway away => away.For + TimeSpan.FromSeconds(20),
                ClusterFault.CoordinatorIsOusted ousted => ousted.Beside,
                ClusterFault.MessagesAreLost lost => lost.For,
                ClusterFault.NodeIsCutOff cut => cut.For,
                _ => TimeSpan.Zero,
            } is var takes ? takes.TotalSeconds : 0));
            return session.Timeouts.Prepare + session.Timeouts.Start + session.Duration + session.Timeouts.Flush + 3 * _settings.NodeGrace + _settings.NodeReturn + faults;
        }
    }

    /// <summary>Runs the session to its end, or to the end of all patience, and a while longer: whatever still comes must change nothing any more.</summary>
    public void Run()
    {
        var began = Time.NowNanos;
        Time.Schedule(TimeSpan.Zero, Begin);
        Time.RunUntil(() => _isClosed || (_settings is not null && Time.NowNanos - began > LatestEnd.Ticks * 100));
        if (_isClosed) ClosedAfter = TimeSpan.FromTicks((Time.NowNanos - began) / 100);
        Time.RunFor(Afterwards);
    }

    private void Begin()
    {
        var config = ConfigurationFactory.ParseString(SimulatedProcess.Virtual).WithFallback(ReferenceConfiguration.Local(ConfigurationFactory.ParseString("orchestrator { node-name = simulation, progress-interval = 5s, spin-lead = 0ms }"), "none"));
        _system = VirtualScheduler.CreateSystem("cluster", config, Time);
        _system.RegisterExtension(new JournalOfSystem(Journal));
        _settings = OrchestratorSettings.Read(_system.Settings.Config, out _);
        var dispatcher = (VirtualDispatcher)_system.Dispatchers.DefaultGlobalDispatcher;
        dispatcher.Network = Network = new SimulatedNetwork(Time, _system, dispatcher, _scenario.Link, new Random(_scenario.Session.Seed + 2));
        Journal.HasDied = writer => Network.OwnerOf(writer) is { IsDead: true };
        _system.EventStream.Subscribe(_system.ActorOf(Props.Create(() => new Hearing<Error>(Complain)), "complaints"), typeof(Error));
        Network.Between = _between = _system.ActorOf(Props.Create(() => new Office()), "office");
        foreach (var machine in _machines.Values) Start(machine);
        Appoint();
        _system.ActorOf(Props.Create(() => new Client(_between, Plan, () => _isOpened)), "client");
        Order();
    }

    /// <summary>A new process on a machine: what <see cref="ClusterMembership"/> is to a real one.</summary>
    private void Start(SimulatedMachine machine)
    {
        if (machine.Process is { } before)
        {
            before.IsDead = true;
            Network.PutOut(before);
        }

        var clock = new NodeClock(machine.Time, machine.Name, _scenario.HasClocksOfItsOwn ? machine.Name : "true");
        var references = new ReferenceClocks(clock);
        var process = machine.Process = new SimulatedNodeProcess(machine, $"{machine.Name}.{++machine.Lives}", clock, references);
        Network.Add(process);
        var options = new CdpConnectionOptions { ReceiveBufferBytes = ReceiveBufferBytes, MaxMessageBytes = _settings.MaxMessageBytes };
        var connector = new BrowserConnector(new NoLauncher(), (url, token) => _browsers[url].ConnectAsync(url, machine.Time, options, token), machine.Time);
        var clockActor = ActorOf(process, NodeClockActor.Props(clock, references), "clock");
        process.Node = ActorOf(process, NodeActor.Props(connector, clock, machine.Time, _settings, new ClusterNode(machine.Spools, references, Launch: null, "about:blank") { IsFolderShared = _scenario.SharesFolder }), "node");
        ActorOf(process, NodeRegistrationActor.Props(_between, process.Node, () => new ClusterProtocol.Register(
            new NodeOffer
            {
                Name = machine.Name,
                Address = $"{machine.Name}:8111",
                Http = machine.Http,
                Roles = machine.Roles,
                Version = "0.0.0",
                Protocol = ClusterProtocol.Version,
                Clock = clock.Timeline,
                Spools = machine.Spools.Held(),
            },
            process.Node.Path.ToSerializationFormat(), clockActor.Path.ToSerializationFormat()), _ => { }), "registration");
    }

    private IActorRef ActorOf(SimulatedNodeProcess process, Props props, string name) => _system.ActorOf(props, $"{process.Name}{SimulatedNetwork.Separator}{name}");

    private void Complain(Error error)
    {
        if (error.Cause is SimulatedJournalException) return;
        _complaints.Add($"{error.LogSource}: {error.Message}{(error.Cause is { } cause ? $" ({cause})" : "")}");
    }

    private sealed class Hearing<T> : ReceiveActor
    {
        public Hearing(Action<T> hear) => Receive<T>(message => hear(message));
    }

    /// <summary>Hands on to whoever is in office, as the singleton's proxy does. What is said while nobody is, is lost: a proxy keeps it for a while, and nobody relies on that.</summary>
    private sealed class Office : ReceiveActor
    {
        public Office()
        {
            IActorRef holder = ActorRefs.Nobody;
            Receive<InOffice>(now => holder = now.Coordinator);
            ReceiveAny(message =>
            {
                if (!holder.IsNobody()) holder.Forward(message);
            });
        }
    }

    private sealed record InOffice(IActorRef Coordinator);

    /// <summary>Wants a session, and asks again until there is one: an answer may be lost with who would have given it.</summary>
    private sealed class Client : ReceiveActor, IWithTimers
    {
        public Client(IActorRef coordinator, SessionPlan plan, Func<bool> isOpened)
        {
            Receive<SessionProtocol.Admitted>(_ => { });
            Receive<SessionProtocol.Refused>(_ => { });
            Receive<string>(_ =>
            {
                if (!isOpened()) coordinator.Tell(new SessionProtocol.Open(plan, ActorRefs.Nobody));
            });
            Timers.StartPeriodicTimer("again", "again", TimeSpan.FromMilliseconds(1500), TimeSpan.FromSeconds(1));
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }

    private sealed class NoLauncher : IBrowserLauncher
    {
        public Task<LaunchedBrowser> LaunchAsync(LaunchPlan plan, CancellationToken cancellationToken) =>
            throw new BrowserLaunchException("A simulation launches no browsers.");
    }
}
