using System.Text.Json;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Clocks;
using Orchestrator.Actors.Clustering;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Nodes;
using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.TestKit.Browsers;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Benchmarks.Clusters;

/// <summary>
/// One session on a cluster whose nodes are all in this process, each an actor system of its own on a loopback port, with simulated
/// browsers in memory: how long its phases take, and what the nodes say to each other. Prints a JSON line.
/// </summary>
internal static class ClusterScale
{
    private const string Session = "scale";
    private const string Coordinator = "c1";
    private const int ReceiveBufferBytes = 1 << 10;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    // What the coordinator says to a node and what it answers, one of each a phase.
    private static readonly (string Phase, string Said, string Answered)[] s_phases =
    [
        ("prepare", "prepare/1", "prepared/1"), ("start", "start/1", "started/1"), ("probe", "probe/1", "probed/1"), ("end", "end/1", "end-sent/1"),
    ];

    public static async Task RunAsync(int nodes, int perNode, TimeProvider time)
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-benchmark-").FullName;
        var port = MeasuredNode.FreePort();
        var browsers = Enumerable.Range(1, nodes * perNode).Select(number => new SimulatedBrowser { Id = $"b{number}" }).ToDictionary(browser => browser.Url);
        var systems = new List<ActorSystem> { Join(Coordinator, [NodeOptions.CoordinatorRole], port) };
        for (var number = 1; number <= nodes; number++) systems.Add(Join($"n{number}", [NodeStatus.BrowsersRole], MeasuredNode.FreePort()));

        var office = systems[0].ActorSelection("/user/to-coordinator");
        while ((await StatusAsync()) is not { } status || status.Nodes.Count <= nodes) await Task.Delay(TimeSpan.FromMilliseconds(50), time);
        var (began, cpu) = (time.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var sessionFolder = Path.Combine(folder, "sessions", Session);
        if (await office.Ask<object>(new SessionProtocol.Open(Plan([.. browsers.Keys], perNode), ActorRefs.Nobody)) is SessionProtocol.Refused refused) throw new InvalidOperationException(refused.Reason);
        while (!File.Exists(Path.Combine(sessionFolder, "session.json"))) await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        var took = time.GetElapsedTime(began) - Window;
        var counts = CountedWire.Counts;
        var document = JsonElement.Parse(File.ReadAllBytes(Path.Combine(sessionFolder, "session.json")));
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            nodes,
            browsers = browsers.Count,
            outcome = document.GetProperty("outcome").GetString(),
            withoutWindowMs = (long)took.TotalMilliseconds,
            cpuMs = (long)(Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds,
            peakRssMB = PeakMemory.Megabytes(),
            startSendMicros = document.GetProperty("skew").GetProperty("startSendMicros").GetDouble(),
            prepareMs = Between("prepare/1", "prepared/1"),
            startMs = Between("start/1", "started/1"),
            endMs = Between("end/1", "end-sent/1"),
            flushMs = Between("end/1", "browsers-ended/1"),
            messagesPerPhaseAndNode = s_phases.ToDictionary(phase => phase.Phase, phase => new { said = PerNode(phase.Said), answered = PerNode(phase.Answered) }),
            others = counts.Where(one => !s_phases.Any(phase => one.Key == phase.Said || one.Key == phase.Answered)).OrderBy(one => one.Key, StringComparer.Ordinal).ToDictionary(one => one.Key, one => Math.Round((double)one.Value.Messages / nodes, 1)),
            longestKB = counts.OrderByDescending(one => one.Value.LongestBytes).Take(3).ToDictionary(one => one.Key, one => one.Value.LongestBytes / 1000),
        }));
        await Task.WhenAll(systems.Select(system => system.Terminate()));
        Directory.Delete(folder, recursive: true);
        if (document.GetProperty("outcome").GetString() != "complete") throw new InvalidOperationException($"The session came out {document.GetProperty("outcome")}.");

        double PerNode(string manifest) => Math.Round((double)(counts.GetValueOrDefault(manifest)?.Messages ?? 0) / nodes, 2);

        long? Between(string first, string last) => counts.TryGetValue(first, out var said) && counts.TryGetValue(last, out var answered)
            ? (long)time.GetElapsedTime(said.FirstAt, answered.LastAt).TotalMilliseconds
            : null;

        async Task<ClusterStatus?> StatusAsync()
        {
            try
            {
                return await office.Ask<ClusterStatus>(ClusterProtocol.TellStatus.Instance, TimeSpan.FromSeconds(1));
            }
            catch (AskTimeoutException)
            {
                return null;
            }
        }

        // What ClusterMembership does; its browsers are reached over WebSockets, and these are in memory.
        ActorSystem Join(string name, IReadOnlyList<string> roles, int at)
        {
            var options = new NodeOptions
            {
                Roles = roles,
                Bind = new HostAndPort("127.0.0.1", at),
                DataFolder = Path.Combine(folder, name),
                Capacity = 0,
                SamplePage = "about:blank",
                Journal = name == Coordinator ? JournalPlace.In(DataFolder.Open(Path.Combine(folder, name))) : null,
                Version = "0.0.0",
                Transfer = new NoTransfer(),
            };
            var settings = OrchestratorSettings.Read(ReferenceConfiguration.Settings(), out _) with { NodeName = name };
            var config = ConfigurationFactory.ParseString($$"""
                akka.cluster.roles = [{{string.Join(", ", roles)}}]
                # Who is dead is not the question here: all these nodes wait for one process's thread pool and garbage collector at once.
                akka.cluster.failure-detector.acceptable-heartbeat-pause = 60s
                akka.actor.serializers.wire = "{{typeof(CountedWire).FullName}}, {{typeof(CountedWire).Assembly.GetName().Name}}"
                """).WithFallback(ReferenceConfiguration.Cluster(Config.Empty, options, settings));
            var system = ActorSystem.Create("orchestrator", ActorSystemSetup.Create([BootstrapSetup.Create().WithConfig(config), .. new[] { options.Journal?.Connection }.OfType<Setup>()]));
            var clock = new NodeClock(time, name);
            var references = new ReferenceClocks(clock);
            var spools = new SpoolFolders(Path.Combine(folder, name, "spools"));
            var connect = new CdpConnectionOptions { ReceiveBufferBytes = ReceiveBufferBytes, MaxMessageBytes = settings.MaxMessageBytes };
            var connector = new BrowserConnector(new BrowserLauncher(), (url, token) => browsers[url].ConnectAsync(url, connect, token), time);
            var clockActor = system.ActorOf(NodeClockActor.Props(clock, references), "clock");
            var node = system.ActorOf(NodeActor.Props(connector, clock, time, settings, new ClusterNode(spools, references, Launch: null, options.SamplePage) { IsFolderShared = true }), "node");
            if (options.Coordinates)
            {
                var coordinator = ClusterCoordinatorActor.Props(clock, settings, http: null, (epoch, _) => new ClusterTerm(epoch, name, Path.Combine(folder, "sessions"), Transfer: null, references));
                system.ActorOf(ClusterSingletonManager.Props(coordinator, PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system)), "coordinator");
            }

            var self = Cluster.Get(system).SelfAddress;
            var proxy = system.ActorOf(ClusterSingletonProxy.Props("/user/coordinator", ClusterSingletonProxySettings.Create(system)), "to-coordinator");
            system.ActorOf(NodeRegistrationActor.Props(proxy, node, () => new ClusterProtocol.Register(
                new NodeOffer
                {
                    Name = name,
                    Address = $"{self.Host}:{self.Port}",
                    Roles = roles,
                    Version = options.Version,
                    Protocol = ClusterProtocol.Version,
                    Clock = clock.Timeline,
                    Spools = spools.Held(),
                },
                node.Path.ToSerializationFormatWithAddress(self), clockActor.Path.ToSerializationFormatWithAddress(self)), _ => { }), "registration");
            Cluster.Get(system).JoinSeedNodes([new Address(self.Protocol, system.Name, "127.0.0.1", port)]);
            return system;
        }
    }

    private static SessionPlan Plan(IReadOnlyList<Uri> browsers, int perNode) => new()
    {
        SessionId = Session,
        OutputFolder = "/nowhere",
        Targets = [.. browsers.Select((url, place) => new BrowserTarget { Name = $"b{place + 1}", Endpoint = url.OriginalString, Node = $"n{place / perNode + 1}" })],
        Tracing = new TracingPlan
        {
            Start = TracingStart.ToJson(new TracingStartParams
            {
                TransferMode = TransferMode.ReturnAsStream,
                StreamFormat = StreamFormat.Proto,
                StreamCompression = StreamCompression.None,
                BufferUsageReportingInterval = 500,
                TraceConfig = new TraceConfig { IncludedCategories = ["benchmark"] },
            }),
            Transfer = TraceTransfer.Stream,
            Format = TraceFormat.Proto,
            Compression = TraceCompression.None,
        },
        Window = new WindowPlan { Duration = Window, MarkEvery = TimeSpan.FromSeconds(10) },
        Require = Requirement.All,
        Timeouts = new PhaseTimeouts(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2)),
        Merge = MergeChoice.None,
    };

    /// <summary>All write to one folder.</summary>
    private sealed class NoTransfer : ISpoolTransfer
    {
        public Task FetchAsync(Uri node, string sessionId, IReadOnlyList<TraceFile> files, string sessionFolder, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Nothing is fetched from a folder that all share.");
    }
}
