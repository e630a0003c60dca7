using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Actors.Hosting;
using Orchestrator.Host.Hosting;

namespace Orchestrator.Host.Api;

/// <summary>How a node is reached over HTTP, and by whom.</summary>
internal sealed record NodeHttpOptions
{
    /// <summary>Where it listens; port 0: any that is free.</summary>
    public required IPEndPoint Endpoint { get; init; }

    /// <summary>What every request must carry as <c>Authorization: Bearer</c>, but for the health probes; null: nothing.</summary>
    public string? Token { get; init; }

    /// <summary>Names under which this node is known; others are foreign where there is neither a token nor a certificate.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Set on the endpoint before it opens, such as <c>UseHttps</c>; null: plain HTTP.</summary>
    public Action<ListenOptions>? Listen { get; init; }

    /// <summary>How other nodes are reached, with this node's certificate where they ask for one; null: plainly. It is the caller's to dispose of.</summary>
    public HttpMessageHandler? OtherNodes { get; init; }

    public required IMachine Machine { get; init; }
    public required TimeProvider Time { get; init; }
    public required Random Random { get; init; }

    /// <summary>Told what nobody expected, a line each.</summary>
    public required Action<string> Say { get; init; }
}

/// <summary>A node's HTTP server: the API, and the spools for other nodes.</summary>
internal sealed class NodeHttpServer : IAsyncDisposable
{
    private const long LargestBody = 1 << 20;

    private readonly WebApplication _app;
    private readonly Forwarding _forwarding;

    private NodeHttpServer(WebApplication app, Forwarding forwarding) => (_app, _forwarding) = (app, forwarding);

    /// <summary>The address that it listens at, with the port that it got.</summary>
    public Uri Address => new(_app.Urls.Single());

    /// <exception cref="IOException">The endpoint cannot be had; the message names it and says why.</exception>
    public static async Task<NodeHttpServer> StartAsync(INodeServices services, NodeHttpOptions options, CancellationToken cancellationToken)
    {
        // Nothing of what a web application usually reads and writes by itself: no appsettings.json, no environment, no console, no signals.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Listen(options.Endpoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                options.Listen?.Invoke(listen);
            });
        });
        var app = builder.Build();
        var forwarding = new Forwarding(services, options, app.Lifetime.ApplicationStopping);
        var guards = new RequestGuards(options);
        app.Use((context, next) => Answers.EveryFailureIsAProblemAsync(context, next, options.Say));
        app.Use(guards.CheckAsync);
        app.Use(forwarding.ForwardAsync);
        HealthEndpoints.Map(app, services);
        SpoolEndpoints.Map(app, services.SpoolsFolder);
        ClusterEndpoints.Map(app, services);
        new SessionEndpoints(services, options).Map(app);
        new ArtifactEndpoints(services, forwarding).Map(app);
        new SessionEventStream(services, options.Time, app.Lifetime.ApplicationStopping).Map(app);
        var server = new NodeHttpServer(app, forwarding);
        try
        {
            await app.StartAsync(cancellationToken);
            return server;
        }
        catch (Exception failure)
        {
            await server.DisposeAsync();
            // Kestrel tells of a port that is taken like this, and of all else as the system does.
            if (failure is SocketException) throw new IOException($"http://{options.Endpoint} cannot be listened at: {failure.Message}", failure);
            throw;
        }
    }

    /// <summary>Takes no new requests, ends what follows sessions, and lets what is being downloaded come to its end as long as it may take.</summary>
    public async Task StopAsync(CancellationToken patience) => await _app.StopAsync(patience);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _forwarding.Dispose();
    }

    /// <summary>The process's signals are not the server's business.</summary>
    private sealed class OwnLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
