using System.Net;
using System.Net.Http.Headers;
using Akka.Actor.Setup;
using Akka.Configuration;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Hosting;
using Orchestrator.Host.Api;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Planning;

namespace Orchestrator.Host.Hosting;

/// <summary>A node's process: its data folder, its journal, its HTTP server and its place in the cluster, opened and closed in order.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan HttpPatience = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly NodeHttpServer? _http;
    private readonly FileStream _lock;
    private readonly HttpClient _client;

    private NodeProcess(ClusterOrchestrator orchestrator, NodeHttpServer? http, FileStream held, HttpClient client, TimeProvider time) =>
        (Orchestrator, _http, _lock, _client, _time) = (orchestrator, http, held, client, time);

    public ClusterOrchestrator Orchestrator { get; }

    /// <summary>Where the API is; null where there is none.</summary>
    public Uri? Http => _http?.Address;

    /// <summary>Null: it cannot be started, and errors say why.</summary>
    public static async Task<NodeProcess?> StartAsync(
        NodePlan plan, OrchestratorSettings settings, Config configuration, string dataFolder, Surroundings surroundings, UsageErrors errors, CancellationToken cancellationToken)
    {
        var held = Hold(dataFolder, errors);
        if (held is null) return null;
        var journal = await OpenJournalAsync(plan, dataFolder, errors, cancellationToken);
        if (errors.Any) return null;

        var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        if (plan.Token is { } token) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var options = new NodeOptions
        {
            Roles = plan.Roles,
            Bind = plan.Bind,
            Advertise = plan.Advertise,
            Seeds = plan.Seeds,
            DataFolder = dataFolder,
            Capacity = plan.Capacity,
            Offers = plan.Offers,
            Launch = plan.Launch,
            SamplePage = new Uri(surroundings.Machine.SamplePage).AbsoluteUri,
            Journal = journal,
            Version = typeof(NodeProcess).Assembly.GetName().Version!.ToString(3),
            Transfer = new HttpSpoolTransfer(client, surroundings.Time, DownloadPatience.Default, settings.ParallelTransfers),
        };
        var config = ReferenceConfiguration.Cluster(configuration, options, settings);
        IReadOnlyList<Setup> setups = journal is null ? [] : [journal.Connection];
        var orchestrator = new ClusterOrchestrator(options, settings, config, setups, surroundings.Time);
        NodeHttpServer? http = null;
        try
        {
            if (plan.Http is { } at)
            {
                http = await NodeHttpServer.StartAsync(orchestrator, new NodeHttpOptions
                {
                    Endpoint = new IPEndPoint((await Dns.GetHostAddressesAsync(at.Host, cancellationToken))[0], at.Port),
                    Token = plan.Token,
                    Machine = surroundings.Machine,
                    Time = surroundings.Time,
                    Random = surroundings.Random,
                    Say = surroundings.Error.WriteLine,
                }, cancellationToken);
            }

            orchestrator.Start(http is null ? null : Advertised(http.Address, plan));
        }
        catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException or Akka.Remote.Transport.InvalidAssociationException)
        {
            errors.Add($"the node cannot open its ports: {failure.Message}");
            return null;
        }

        return new NodeProcess(orchestrator, http, held, client, surroundings.Time);
    }

    public async ValueTask DisposeAsync()
    {
        await Orchestrator.DisposeAsync();
        if (_http is not null)
        {
            using var patience = new CancellationTokenSource(HttpPatience, _time);
            await _http.StopAsync(patience.Token);
            await _http.DisposeAsync();
        }

        _client.Dispose();
        await _lock.DisposeAsync();
    }

    /// <summary>Other nodes fetch from the host under which they know this one; a bind to all addresses is none.</summary>
    private static Uri Advertised(Uri bound, NodePlan plan) =>
        plan.Advertise is { } advertise && plan.Http is { } http && http.Host != advertise.Host && IPAddress.TryParse(http.Host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            ? new UriBuilder(bound) { Host = advertise.Host }.Uri
            : bound;

    private static FileStream? Hold(string dataFolder, UsageErrors errors)
    {
        try
        {
            Directory.CreateDirectory(dataFolder);
            return new FileStream(Path.Combine(dataFolder, "node.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken)
        {
            errors.Add("--data", dataFolder, $"cannot be used: {taken.Message} Another node may be running on it; give each its own folder");
            return null;
        }
    }

    private static async Task<JournalPlace?> OpenJournalAsync(NodePlan plan, string dataFolder, UsageErrors errors, CancellationToken cancellationToken)
    {
        if (!plan.Coordinates) return null;
        try
        {
            var place = plan.Postgres is { } file ? JournalPlace.InPostgres(file) : JournalPlace.In(DataFolder.Open(dataFolder));
            await place.CheckAsync(cancellationToken);
            return place;
        }
        catch (JournalUnavailableException unavailable)
        {
            errors.Add(unavailable.Message);
            return null;
        }
    }
}
