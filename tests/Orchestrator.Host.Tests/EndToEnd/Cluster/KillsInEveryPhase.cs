using Orchestrator.Actors.Tests.Support;
using Orchestrator.Actors.Views;
using Orchestrator.Host.Planning;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.EndToEnd.Cluster;

/// <summary>Who dies by kill -9.</summary>
public enum Victim
{
    /// <summary>The one that keeps its session in the phase.</summary>
    Browser,

    /// <summary>A node that does not coordinate: the one with that browser. It stays away until the sessions are over.</summary>
    Node,

    /// <summary>It comes back when another one coordinates.</summary>
    CoordinatorsNode,

    /// <summary>The PostgreSQL server. It comes back when everything has happened that it should have kept.</summary>
    Journal,
}

/// <summary>Where a session is at that moment.</summary>
public enum Moment
{
    /// <summary>A browser does not say yet what it is.</summary>
    Prepare,

    /// <summary>A browser has not answered <c>Tracing.start</c>.</summary>
    Start,

    /// <summary>All record.</summary>
    Window,

    /// <summary>A browser has not answered <c>Tracing.end</c>; the others have ended.</summary>
    End,

    /// <summary>A browser's trace is being read; the others' are there.</summary>
    Flush,

    /// <summary>A trace is on its way from its node to the session's folder.</summary>
    Collect,

    /// <summary>The traces become one file.</summary>
    Merge,
}

/// <summary>What became of a session in which somebody was killed.</summary>
internal sealed record Aftermath(SessionDocument Document, IReadOnlyList<JournalEntry> Events, IReadOnlyList<SimulatedBrowser> Browsers);

/// <summary>
/// A cluster of three, and in it for each victim sessions that are kept at each moment until the victim is dead. Each session has three
/// browsers: b1 on the coordinator's node, b2 on another, b3 on the third; b3 is what it waits for.
/// </summary>
public sealed class KillsInEveryPhase : IAsyncLifetime
{
    // As much as keeps the network and the disk busy for longer than it takes to see it and to kill somebody.
    private static readonly TraceContent s_large = new TraceContent.Generated { EventsPerSecond = 150, ArgumentBytes = 1 << 20 };

    private static readonly string[] s_names = ["a", "b", "c"];

    private readonly Dictionary<(Victim, Moment, string Node), SimulatedEndpoint> _browsers = [];
    private readonly Dictionary<Victim, Task<IReadOnlyDictionary<Moment, Aftermath>>> _killed = [];
    private SimulatedBrowserServer? _server;
    private ClusterProcesses? _cluster;

    private ClusterProcesses Cluster => _cluster!;

    public async Task InitializeAsync()
    {
        if (Postgres.Missing is not null) return;
        var keys = (from victim in Enum.GetValues<Victim>() from moment in Enum.GetValues<Moment>() from node in s_names select (victim, moment, node)).ToList();
        _server = await SimulatedBrowserServer.StartAsync([.. keys.Select(_ => new SimulatedBrowser { KeepsRequests = true })]);
        foreach (var (key, endpoint) in keys.Zip(_server.Endpoints)) _browsers.Add(key, endpoint);
        _cluster = await ClusterProcesses.StartAsync(
            settings: "node-return = 5s",
            [.. s_names.Select(name => NodeSetup.Offering(name, _browsers.Where(browser => browser.Key.Node == name).Select(browser => browser.Value)))]);
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
    }

    /// <summary>Kills the victim, once for all that ask, and tells what became of the session that was at this moment.</summary>
    internal async Task<Aftermath> KillAsync(Victim victim, Moment moment)
    {
        if (!_killed.TryGetValue(victim, out var killed)) _killed.Add(victim, killed = KillAsync(victim));
        return (await killed)[moment];
    }

    private async Task<IReadOnlyDictionary<Moment, Aftermath>> KillAsync(Victim victim)
    {
        var aftermaths = new Dictionary<Moment, Aftermath>();
        // The quick moments are held, and so they are one; the others are caught as they go by.
        foreach (var moments in (Moment[][])[[Moment.Prepare, Moment.Start, Moment.Window, Moment.End, Moment.Flush], [Moment.Collect], [Moment.Merge]])
        {
            await Cluster.AllUpAsync();
            var coordinator = await Cluster.CoordinatorAsync();
            var others = Cluster.Nodes.Where(node => node != coordinator).ToList();
            var sessions = new List<HeldSession>();
            foreach (var moment in moments)
                sessions.Add(await HeldSession.OpenAsync(Cluster, moment, coordinator, [.. ((ClusterNode[])[coordinator, others[0], others[1]]).Select(node => _browsers[(victim, moment, node.Name)])]));
            foreach (var session in sessions) await session.IsThereAsync();
            await KillAsync(victim, sessions, coordinator, others[1]);
            foreach (var session in sessions) aftermaths.Add(session.Moment, await session.EndedAsync());
            foreach (var dead in Cluster.Nodes.Where(node => !node.IsRunning)) await dead.StartAsync();
        }

        return aftermaths;
    }

    private async Task KillAsync(Victim victim, IReadOnlyList<HeldSession> sessions, ClusterNode coordinator, ClusterNode node)
    {
        switch (victim)
        {
            case Victim.Browser:
                foreach (var session in sessions) session.Browsers[2].Kill();
                Release();
                break;
            case Victim.Node:
                await node.KillAsync();
                Release();
                break;
            case Victim.CoordinatorsNode:
                await coordinator.KillAsync();
                await Cluster.StatusAsync(status => status.Coordinator != coordinator.Name, "another node coordinated");
                await coordinator.StartAsync();
                Release();
                break;
            case Victim.Journal:
                await Cluster.Journal.KillAsync();
                Release();
                foreach (var session in sessions) await session.IsOverForBrowsersAsync();
                await Cluster.Journal.StartAgainAsync();
                break;
        }

        // A window lasts until somebody ends it.
        foreach (var session in sessions.Where(session => session.Moment is Moment.Window)) await Cluster.EndAsync(session.Id);

        void Release()
        {
            foreach (var session in sessions) session.Release();
        }
    }

    /// <summary>A session that is kept at its moment.</summary>
    private sealed class HeldSession(ClusterProcesses cluster, Moment moment, ClusterNode coordinator, IReadOnlyList<SimulatedBrowser> browsers)
    {
        private readonly TaskCompletionSource _there = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Id { get; private set; } = "";

        public Moment Moment => moment;

        public IReadOnlyList<SimulatedBrowser> Browsers => browsers;

        private string Folder => Path.Combine(coordinator.DataFolder, "sessions", Id);

        public static async Task<HeldSession> OpenAsync(ClusterProcesses cluster, Moment moment, ClusterNode coordinator, IReadOnlyList<SimulatedEndpoint> browsers)
        {
            var session = new HeldSession(cluster, moment, coordinator, [.. browsers.Select(browser => browser.Browser)]);
            if (moment is Moment.Collect or Moment.Merge) session.Browsers[2].With(s_large);
            if (HeldAt(moment) is { } method) session.Browsers[2].On(method, _ => session.Hold());
            session.Id = await cluster.OpenAsync(new RecordOptions
            {
                Attach = [.. browsers.Select(browser => browser.HttpUrl.OriginalString)],
                Duration = moment is Moment.Window ? "1h" : "1500ms",
                Require = "1",
                // Nobody is late here who is only held.
                PrepareTimeout = "5m",
                StartTimeout = "5m",
                Compression = "none",
            });
            return session;
        }

        /// <summary>Waits until the session is at its moment.</summary>
        public async Task IsThereAsync()
        {
            switch (moment)
            {
                case Moment.Window:
                    await cluster.PhaseAsync(Id, SessionPhase.Window);
                    break;
                case Moment.Collect:
                    await CaughtAsync("browsers", "b3.pftrace.part");
                    break;
                case Moment.Merge:
                    await CaughtAsync("trace.tar.part");
                    break;
                default:
                    await _there.Task.WaitAsync(Patience.Long);
                    break;
            }

            if (moment is Moment.End or Moment.Flush)
                await Patience.UntilAsync(async () => await cluster.ReadAsync(Id) is { } document && document.Browsers.Count(browser => browser.Outcome is not null) == 2, "the others had ended");
        }

        public void Release() => _released.TrySetResult();

        /// <summary>Waits until its browsers have done all that they are to do while nobody can write it down; without a coordinator nobody tells them to start.</summary>
        public Task IsOverForBrowsersAsync() => moment is Moment.End or Moment.Flush
            ? Patience.UntilAsync(() => browsers.All(browser => browser.Requests.Any(request => request.Method == "IO.close")), "all traces had been read")
            : Task.CompletedTask;

        public async Task<Aftermath> EndedAsync() => new(await cluster.EndedAsync(Id), await cluster.EventsAsync(Id), browsers);

        private static string? HeldAt(Moment moment) => moment switch
        {
            Moment.Prepare => "Browser.getVersion",
            Moment.Start => "Tracing.start",
            Moment.End => "Tracing.end",
            Moment.Flush => "IO.read",
            _ => null,
        };

        private SimulatedAnswer Hold()
        {
            _there.TrySetResult();
            // Whatever else is asked for waits behind it: answers keep their order.
            return SimulatedAnswer.Do(_ => _released.Task).Then(SimulatedAnswer.Own);
        }

        private async Task CaughtAsync(params string[] path)
        {
            var file = Path.Combine([Folder, .. path]);
            using var patience = new CancellationTokenSource(Patience.Long);
            // It is there for a fraction of a second.
            while (!File.Exists(file)) await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token);
        }
    }
}
