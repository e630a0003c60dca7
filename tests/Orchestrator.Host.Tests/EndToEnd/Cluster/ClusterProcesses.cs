using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Actors.Views;
using Orchestrator.Host.Api;
using Orchestrator.Host.Planning;
using Orchestrator.Host.Remote;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.EndToEnd.Cluster;

/// <summary>
/// A cluster as a user runs one: processes of the built program, which share a PostgreSQL journal. It is asked over HTTP, whichever
/// node answers. Every process ends with it.
/// </summary>
internal sealed class ClusterProcesses : IAsyncDisposable
{
    // Below those that the system gives to outgoing connections: nobody gets a node's port while the node is away.
    private const int FirstPort = 10_000;
    private static int s_lastPort = FirstPort + Environment.ProcessId * 53 % 9_000;

    private readonly Workshop _workshop = new();
    private readonly List<ClusterNode> _nodes = [];
    private readonly string? _token;

    private ClusterProcesses(PostgresServer journal, string? token) => (Journal, _token) = (journal, token);

    public PostgresServer Journal { get; }

    public IReadOnlyList<ClusterNode> Nodes => _nodes;

    public ClusterNode this[string name] => _nodes.Single(node => node.Name == name);

    public Workshop Workshop => _workshop;

    /// <summary>Those whose processes run.</summary>
    public IEnumerable<ClusterNode> Running => _nodes.Where(node => node.IsRunning);

    /// <param name="settings">Of every node's <c>orchestrator</c> block.</param>
    /// <param name="nodes">The first forms the cluster, the others join it.</param>
    public static async Task<ClusterProcesses> StartAsync(string settings, params IReadOnlyList<NodeSetup> nodes)
    {
        var journal = await PostgresServer.StartAsync();
        return await StartAsync(journal, await journal.NewDatabaseAsync(), token: null, settings, nodes);
    }

    /// <param name="database">The connection string of the journal's database.</param>
    /// <param name="token">Null: none is asked for.</param>
    public static async Task<ClusterProcesses> StartAsync(PostgresServer journal, string database, string? token, string settings, IReadOnlyList<NodeSetup> nodes)
    {
        var cluster = new ClusterProcesses(journal, token);
        try
        {
            await File.WriteAllTextAsync(cluster.In("journal"), database);
            await File.WriteAllTextAsync(cluster.In("node.conf"), $"orchestrator {{\n{settings}\n}}\n");
            if (token is not null) await File.WriteAllTextAsync(cluster.In("token"), token);
            foreach (var node in nodes) await cluster.AddAsync(node);
            await cluster.AllUpAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more node, which joins, and waits until it is ready.</summary>
    public async Task<ClusterNode> AddAsync(NodeSetup setup)
    {
        var node = new ClusterNode(this, setup, new HostAndPort(setup.Address, FreePort()));
        _nodes.Add(node);
        await node.StartAsync();
        return node;
    }

    public string In(string name) => Path.Combine(_workshop.Folder, name);

    /// <summary>What every node is told, besides what is its own.</summary>
    public IReadOnlyList<string> CommonArguments =>
        ["--journal", "postgres", "--connection-string-file", In("journal"), "--config", In("node.conf"), .. _token is null ? (string[])[] : ["--token-file", In("token")]];

    /// <summary>The cluster as the coordinator knows it; null while nobody that answers knows of one.</summary>
    public Task<ClusterStatus?> StatusAsync() => AskAsync<ClusterStatus>(async client => await client.StatusAsync(CancellationToken.None));

    /// <summary>Waits until the cluster is so.</summary>
    public async Task<ClusterStatus> StatusAsync(Func<ClusterStatus, bool> isSo, string what)
    {
        ClusterStatus? status = null;
        await Patience.UntilAsync(async () => (status = await StatusAsync()) is not null && isSo(status), () => $"{what}; the last that was heard: {Shown(status)}\n{Said()}");
        return status!;
    }

    /// <summary>Waits until this node says that the cluster is so.</summary>
    public async Task<ClusterStatus> StatusAsync(ClusterNode node, Func<ClusterStatus, bool> isSo, string what)
    {
        ClusterStatus? status = null;
        await Patience.UntilAsync(
            async () => (status = await AskAsync<ClusterStatus>(async client => await client.StatusAsync(CancellationToken.None), node)) is not null && isSo(status),
            () => $"{what}; the last that was heard: {Shown(status)}\n{Said()}");
        return status!;
    }

    /// <summary>The node on which the coordinator is.</summary>
    public async Task<ClusterNode> CoordinatorAsync() => this[(await StatusAsync(_ => true, "there was a coordinator")).Coordinator];

    /// <summary>Waits until every process is a node that takes part.</summary>
    public Task<ClusterStatus> AllUpAsync() =>
        StatusAsync(status => status.Nodes.Count(node => node.State == NodeStatus.Up) == _nodes.Count && _nodes.TrueForAll(node => status.Nodes.Any(one => one.Name == node.Name)), "all nodes were up");

    /// <summary>Opens a session.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> OpenAsync(RecordOptions options)
    {
        var body = SessionRequest.Write(options, File.ReadAllBytes);
        string? id = null;
        await Patience.UntilAsync(async () => (id = (await AskAsync<SessionAccepted>(async client => await client.OpenAsync(body, CancellationToken.None)))?.SessionId) is not null, () => $"a session was taken\n{Said()}");
        return id!;
    }

    /// <summary>Ends the session's window, however often it has to be said.</summary>
    public Task EndAsync(string sessionId) => Patience.UntilAsync(async () => await AskAsync<string>(async client =>
    {
        await client.EndAsync(sessionId, CancellationToken.None);
        return "";
    }) is not null, () => $"{sessionId} was ended\n{Said()}");

    public Task PhaseAsync(string sessionId, SessionPhase phase) =>
        StatusAsync(status => status.OpenSessions.Any(open => open.SessionId == sessionId && open.Phase >= phase), $"{sessionId} was {phase}");

    /// <summary>The session as the journal has it; null while that cannot be had.</summary>
    public Task<SessionDocument?> ReadAsync(string sessionId) => AskAsync(client => client.ReadAsync(sessionId, CancellationToken.None));

    /// <summary>Waits for the session's outcome.</summary>
    public async Task<SessionDocument> EndedAsync(string sessionId)
    {
        SessionDocument? document = null;
        await Patience.UntilAsync(
            async () => (document = await ReadAsync(sessionId)) is { Outcome: not null },
            () => $"{sessionId} had its outcome; the last that was heard: {(document is null ? "nothing" : Encoding.UTF8.GetString(document.ToUtf8()))}\n{Said()}");
        // session.json is written behind it, and then the session is no longer open.
        await StatusAsync(status => status.OpenSessions.All(open => open.SessionId != sessionId), $"{sessionId} was closed");
        return document!;
    }

    public async Task<IReadOnlyList<JournalEntry>> EventsAsync(string sessionId)
    {
        IReadOnlyList<JournalEntry>? entries = null;
        await Patience.UntilAsync(async () => (entries = await AskAsync<IReadOnlyList<JournalEntry>>(async client => await client.ReadEventsAsync(sessionId, CancellationToken.None))) is not null, $"{sessionId}'s journal was read");
        return entries!;
    }

    /// <summary>The session's folder, on the node where it was merged.</summary>
    public string FolderOf(SessionDocument document) => Path.Combine(this[document.MergedOn!].DataFolder, "sessions", document.SessionId);

    /// <summary>Runs the program against the cluster, through the first node that runs.</summary>
    public Task<Finished> RunAsync(params string[] args) =>
        OrchestratorProcess.RunAsync(_workshop, [.. args, "--server", Running.First().Http!.OriginalString, .. _token is null ? (string[])[] : ["--token-file", In("token")]]);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        await Journal.DisposeAsync();
        _workshop.Dispose();
    }

    /// <summary>What every node said on stderr, for a failure.</summary>
    public string Said()
    {
        var said = new StringBuilder();
        foreach (var node in _nodes) said.AppendLine(CultureInfo.InvariantCulture, $"--- {node.Name}{(node.IsRunning ? "" : " (ended)")}\n{node.Said}");
        return said.ToString();
    }

    /// <summary>The seeds of a node: all others that run.</summary>
    internal IEnumerable<HostAndPort> SeedsOf(ClusterNode node) => _nodes.Where(other => other != node && other.IsRunning).Select(other => other.Bind);

    /// <summary>Null: no node that runs can answer now.</summary>
    /// <param name="only">Null: any.</param>
    private async Task<T?> AskAsync<T>(Func<ClusterClient, Task<T?>> ask, ClusterNode? only = null) where T : class
    {
        foreach (var node in Running.Where(node => node is { Http: not null, IsSilent: false } && (only ?? node) == node).ToList())
        {
            try
            {
                await using var client = new ClusterClient(new ServerAddress(node.Http!, _token), TimeProvider.System);
                return await ask(client);
            }
            catch (ServerUnavailableException)
            {
                // Another one may.
            }
        }

        return null;
    }

    private static string Shown(ClusterStatus? status) => status is null ? "nothing" : JsonSerializer.Serialize(status, IndentedJson.Default.ClusterStatus);

    private static int FreePort()
    {
        while (true)
        {
            var port = Interlocked.Increment(ref s_lastPort);
            try
            {
                using var listener = new TcpListener(IPAddress.Any, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's.
            }
        }
    }
}
