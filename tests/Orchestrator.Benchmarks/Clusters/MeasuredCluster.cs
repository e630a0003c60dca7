using System.Net.Http.Json;
using System.Text.Json;
using Orchestrator.TestKit.Browsers;

namespace Orchestrator.Benchmarks.Clusters;

/// <summary>Nodes of the real program, each of which offers simulated browsers of this process, on a PostgreSQL that somebody else has started.</summary>
internal sealed class MeasuredCluster : IAsyncDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _time;
    private readonly string _folder;
    private readonly SimulatedBrowserServer _server;

    private MeasuredCluster(IReadOnlyList<MeasuredNode> nodes, IReadOnlyList<SimulatedBrowser> browsers, SimulatedBrowserServer server, string folder, TimeProvider time) =>
        (Nodes, Browsers, _server, _folder, _time) = (nodes, browsers, server, folder, time);

    public IReadOnlyList<MeasuredNode> Nodes { get; }

    /// <summary>Those of the first node come first.</summary>
    public IReadOnlyList<SimulatedBrowser> Browsers { get; }

    /// <summary>Of the browsers.</summary>
    public IReadOnlyList<Uri> Urls => [.. _server.Endpoints.Select(endpoint => endpoint.BrowserUrl)];

    /// <param name="program">The executable <c>orchestrator</c>.</param>
    /// <param name="connection">The file with PostgreSQL's connection string.</param>
    /// <param name="perNode">How many browsers each offers.</param>
    /// <param name="config">A configuration file to start them with; null: the shipped settings.</param>
    public static async Task<MeasuredCluster> StartAsync(string program, string connection, int nodes, int perNode, string? config, TimeProvider time)
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-benchmark-").FullName;
        var browsers = Enumerable.Range(1, nodes * perNode).Select(number => new SimulatedBrowser { Id = $"b{number}" }).ToList();
        var server = await SimulatedBrowserServer.StartAsync(browsers);
        var ports = Enumerable.Range(0, nodes).Select(_ => (Cluster: MeasuredNode.FreePort(), Http: MeasuredNode.FreePort())).ToList();
        var cluster = new MeasuredCluster(
            [
                .. ports.Select((port, place) => new MeasuredNode(program, $"node-{place + 1}", port.Cluster, port.Http, Path.Combine(folder, $"node-{place + 1}"),
                [
                    "--journal", "postgres", "--connection-string-file", connection,
                    .. config is null ? (string[])[] : ["--config", config],
                    .. ports.SelectMany(seed => (string[])["--seed", $"127.0.0.1:{seed.Cluster}"]),
                    .. server.Endpoints.Skip(place * perNode).Take(perNode).SelectMany(endpoint => (string[])["--attach", endpoint.BrowserUrl.OriginalString]),
                ])),
            ],
            browsers, server, folder, time);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => cluster.EndNodes();
        foreach (var node in cluster.Nodes) node.Start();
        foreach (var node in cluster.Nodes) await node.ReadyAsync();
        await cluster.AllHereAsync();
        return cluster;
    }

    /// <summary>The cluster as its coordinator knows it, asked of this node; null: it does not answer, or knows no coordinator.</summary>
    public static async Task<JsonElement?> StatusAsync(MeasuredNode of)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            return await of.Http.GetFromJsonAsync<JsonElement>("/api/nodes", patience.Token);
        }
        catch (Exception away) when (away is HttpRequestException or OperationCanceledException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Completes with the cluster's status when some node tells one that will do.</summary>
    public async Task<JsonElement> StatusWhenAsync(Predicate<JsonElement> isIt, IReadOnlyList<MeasuredNode>? asked = null)
    {
        while (true)
        {
            foreach (var node in asked ?? Nodes)
            {
                if (await StatusAsync(node) is { } status && isIt(status)) return status;
            }

            await Task.Delay(Between, _time);
        }
    }

    public Task<JsonElement> AllHereAsync() =>
        StatusWhenAsync(status => status.GetProperty("nodes").EnumerateArray().Count(node => node.GetProperty("state").GetString() == "up") == Nodes.Count);

    public MeasuredNode Coordinator(JsonElement status) => Nodes.Single(node => node.Name == status.GetProperty("coordinator").GetString());

    /// <returns>The session's id.</returns>
    public static async Task<string> OpenAsync(MeasuredNode at, IEnumerable<Uri> browsers, string duration)
    {
        using var answer = await at.Http.PostAsJsonAsync("/api/sessions", new { attach = browsers.Select(url => url.OriginalString), duration, require = "1", merge = "none" });
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
        return answer.Headers.Location!.OriginalString.Split('/')[^1];
    }

    /// <summary>Completes when the sessions are in their windows.</summary>
    public Task InWindowAsync(IReadOnlyList<string> sessions) =>
        StatusWhenAsync(status => sessions.All(id => Find(status, id) is { } session && session.GetProperty("phase").GetString() == "window"));

    /// <summary>An open session in the cluster's status; null: it is not open.</summary>
    public static JsonElement? Find(JsonElement status, string id)
    {
        foreach (var session in status.GetProperty("openSessions").EnumerateArray())
        {
            if (session.GetProperty("sessionId").GetString() == id) return session;
        }

        return null;
    }

    public static async Task EndAsync(MeasuredNode at, string id)
    {
        using var answer = await at.Http.PostAsync(new Uri($"/api/sessions/{id}/end", UriKind.Relative), content: null);
    }

    /// <summary>Completes with session.json when the session has its outcome.</summary>
    public async Task<JsonElement> OverAsync(MeasuredNode at, string id)
    {
        while (true)
        {
            using var answer = await at.Http.GetAsync(new Uri($"/api/sessions/{id}", UriKind.Relative));
            if (answer.IsSuccessStatusCode && await answer.Content.ReadFromJsonAsync<JsonElement>() is var document && document.GetProperty("outcome").ValueKind is JsonValueKind.String) return document;
            await Task.Delay(5 * Between, _time);
        }
    }

    public async ValueTask DisposeAsync()
    {
        EndNodes();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void EndNodes()
    {
        foreach (var node in Nodes) node.Dispose();
    }
}
