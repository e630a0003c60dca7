using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Security;
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
    private readonly NodeIdentity? _identity;

    private NodeProcess(ClusterOrchestrator orchestrator, NodeHttpServer? http, FileStream held, HttpClient client, NodeIdentity? identity, TimeProvider time) =>
        (Orchestrator, _http, _lock, _client, _identity, _time) = (orchestrator, http, held, client, identity, time);

    public ClusterOrchestrator Orchestrator { get; }

    /// <summary>Where the API is; null where there is none.</summary>
    public Uri? Http => _http?.Address;

    /// <summary>Null: it cannot be started, and errors say why.</summary>
    public static async Task<NodeProcess?> StartAsync(
        NodePlan plan, OrchestratorSettings settings, Config configuration, string dataFolder, Surroundings surroundings, UsageErrors errors, CancellationToken cancellationToken)
    {
        var identity = ReadIdentity(settings, surroundings, errors);
        CheckPorts(plan, settings, surroundings, errors);
        if (errors.Any) return null;
        var held = Hold(dataFolder, errors);
        if (held is null) return null;
        var journal = await OpenJournalAsync(plan, dataFolder, errors, cancellationToken);
        if (errors.Any) return null;

        var handler = identity is null ? new SocketsHttpHandler() : NodeTraffic.HttpClient(identity);
        (handler.AllowAutoRedirect, handler.UseCookies, handler.UseProxy, handler.AutomaticDecompression) = (false, false, false, DecompressionMethods.None);
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
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
        if (identity is not null) config = NodeTraffic.AkkaConfiguration().WithFallback(config);
        IReadOnlyList<Setup> setups = [.. new[] { journal?.Connection, identity is null ? null : NodeTraffic.AkkaSetup(identity) }.OfType<Setup>()];
        var orchestrator = new ClusterOrchestrator(options, settings, config, setups, surroundings.Time, surroundings.Error.WriteLine);
        NodeHttpServer? http = null;
        try
        {
            if (plan.Http is { } at)
            {
                var tls = identity is null ? null : NodeTraffic.HttpServer(identity, everyoneNeedsCertificate: plan.Token is null);
                http = await NodeHttpServer.StartAsync(orchestrator, new NodeHttpOptions
                {
                    Endpoint = await EndpointAsync(at, cancellationToken),
                    Token = plan.Token,
                    Listen = tls is null ? null : listen => listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new ValueTask<SslServerAuthenticationOptions>(tls) }),
                    OtherNodes = handler,
                    Machine = surroundings.Machine,
                    Time = surroundings.Time,
                    Random = surroundings.Random,
                    Say = surroundings.Error.WriteLine,
                }, cancellationToken);
            }

            orchestrator.Start(http is null ? null : Advertised(http.Address, plan));
        }
        catch (Exception failure) when (failure.GetBaseException() is IOException or SocketException or RemoteTransportException)
        {
            var (option, at) = http is null && plan.Http is { } api ? ("--http", api) : ("--bind", plan.Bind);
            errors.Add(option, at.ToString(), $"cannot be opened: {failure.GetBaseException().Message}");
            if (http is not null) await http.DisposeAsync();
            await held.DisposeAsync();
            return null;
        }

        return new NodeProcess(orchestrator, http, held, client, identity, surroundings.Time);
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
        _identity?.Dispose();
        await _lock.DisposeAsync();
    }

    /// <summary>The address to bind to; a name's first one.</summary>
    /// <exception cref="SocketException">The name has none.</exception>
    internal static async Task<IPEndPoint> EndpointAsync(HostAndPort at, CancellationToken cancellationToken) =>
        // 0.0.0.0 is no address to a resolver, which throws for it.
        new(IPAddress.TryParse(at.Host, out var address) ? address : (await Dns.GetHostAddressesAsync(at.Host, cancellationToken))[0], at.Port);

    /// <summary>Other nodes fetch from the host under which they know this one; a bind to all addresses is none.</summary>
    private static Uri Advertised(Uri bound, NodePlan plan) =>
        plan.Http is { } http && IPAddress.TryParse(http.Host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            ? new UriBuilder(bound) { Host = (plan.Advertise ?? plan.Bind).Host }.Uri
            : bound;

    private static NodeIdentity? ReadIdentity(OrchestratorSettings settings, Surroundings surroundings, UsageErrors errors)
    {
        if (settings.Tls is not { } files) return null;
        var identity = NodeIdentity.Load(files, surroundings.Time, out var wrong, out var warnings);
        foreach (var error in wrong) errors.Add(error);
        foreach (var warning in warnings) surroundings.Error.WriteLine($"warning: {warning}");
        return identity;
    }

    private static void CheckPorts(NodePlan plan, OrchestratorSettings settings, Surroundings surroundings, UsageErrors errors)
    {
        var ports = new OpenPorts(plan.Bind.Host, plan.Http?.Host, settings.Tls is not null, plan.Token is not null, settings.Insecure);
        var wrong = ports.Errors(Resolve, out var warnings);
        foreach (var error in wrong) errors.Add(error);
        foreach (var warning in warnings) surroundings.Error.WriteLine($"warning: {warning}");
        static IReadOnlyList<IPAddress> Resolve(string name)
        {
            try
            {
                return Dns.GetHostAddresses(name);
            }
            catch (SocketException)
            {
                return [];
            }
        }
    }

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
