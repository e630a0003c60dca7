using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.TestKit.Browsers;

/// <summary>
/// DevTools endpoints of simulated browsers on loopback, each on a port of its own, on real WebSockets: any client of the protocol
/// can use them.
/// <code>
/// await using var server = await SimulatedBrowserServer.StartAsync(b => b.With(new Fault.DataLoss()));
/// var endpoint = server.HttpUrl;
/// </code>
/// </summary>
public sealed class SimulatedBrowserServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<SimulatedEndpoint> _endpoints = [];

    private SimulatedBrowserServer(WebApplication app) => _app = app;

    /// <summary>In the order of the browsers.</summary>
    public IReadOnlyList<SimulatedEndpoint> Endpoints => _endpoints;

    /// <summary>The browser behind the first endpoint; can be told other things at any time.</summary>
    public SimulatedBrowser Browser => _endpoints[0].Browser;

    /// <inheritdoc cref="SimulatedEndpoint.HttpUrl"/>
    public Uri HttpUrl => _endpoints[0].HttpUrl;

    /// <inheritdoc cref="SimulatedEndpoint.BrowserUrl"/>
    public Uri BrowserUrl => _endpoints[0].BrowserUrl;

    /// <inheritdoc cref="SimulatedEndpoint.PageUrl"/>
    public Uri PageUrl => _endpoints[0].PageUrl;

    /// <summary>The first browser's connections that are open now.</summary>
    public IReadOnlyList<SimulatedConnection> Connections => Browser.Connections;

    /// <summary>Starts a server for one browser, which keeps the commands that it gets.</summary>
    /// <param name="configure">Changes what the browser is and does.</param>
    public static Task<SimulatedBrowserServer> StartAsync(Action<SimulatedBrowser>? configure = null)
    {
        var browser = new SimulatedBrowser { KeepsRequests = true };
        configure?.Invoke(browser);
        return StartAsync([browser]);
    }

    /// <summary>Starts a server for these browsers.</summary>
    public static async Task<SimulatedBrowserServer> StartAsync(IReadOnlyList<SimulatedBrowser> browsers)
    {
        // The empty builder: settings of the environment it runs in (ASPNETCORE_URLS and the like) must not reach a test.
        // The content root is named only because the builder would make a temporary folder for one that is not, and leave it behind.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        var listening = new List<ListenOptions>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            foreach (var browser in browsers)
            {
                kestrel.Listen(IPAddress.Loopback, 0, listen =>
                {
                    listening.Add(listen);
                    listen.Use(next => connection =>
                    {
                        connection.Features.Set(browser);
                        return next(connection);
                    });
                });
            }
        });
        builder.Services.AddSingleton<BrowserListeners>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => services.GetRequiredService<BrowserListeners>());
        var app = builder.Build();
        var server = new SimulatedBrowserServer(app);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        app.Run(server.HandleAsync);
        await app.StartAsync();
        var listeners = app.Services.GetRequiredService<BrowserListeners>();
        foreach (var (browser, listen) in browsers.Zip(listening))
        {
            var endpoint = new SimulatedEndpoint(browser, listen.IPEndPoint!.Port, listeners.CloseAsync);
            server._endpoints.Add(endpoint);
            browser.Mourner = endpoint;
            if (browser.RefusesConnections) await listeners.CloseAsync(endpoint.HttpUrl.Port);
        }

        return server;
    }

    /// <summary>An address of the first browser.</summary>
    public Uri WebSocketUrl(string path) => _endpoints[0].WebSocketUrl(path);

    /// <summary>The first browser's next connection that has come in: each is given once.</summary>
    public ValueTask<SimulatedConnection> AcceptAsync(CancellationToken cancellationToken = default) => _endpoints[0].AcceptAsync(cancellationToken);

    /// <summary>Resets every connection; new ones are still taken.</summary>
    public void DropConnections()
    {
        foreach (var endpoint in _endpoints) endpoint.Browser.DropConnections();
    }

    public async ValueTask DisposeAsync()
    {
        DropConnections();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext http)
    {
        var browser = http.Features.GetRequiredFeature<SimulatedBrowser>();
        var endpoint = _endpoints.Find(one => one.HttpUrl.Port == http.Connection.LocalPort);
        var path = http.Request.Path.Value ?? "";
        if (endpoint is null || browser.RefusesConnections)
        {
            http.Abort();
        }
        else if (browser.HttpAnswers.TryGetValue(path, out var scripted))
        {
            http.Response.StatusCode = scripted.Status;
            await http.Response.WriteAsync(scripted.Body);
        }
        else if (!IsLocal(http.Request.Host.Host))
        {
            http.Response.StatusCode = 500;
            await http.Response.WriteAsync("Host header is specified and is not an IP address or localhost.");
        }
        else if (path.StartsWith("/devtools/", StringComparison.Ordinal))
        {
            await HandleWebSocketAsync(http, endpoint, path);
        }
        else if (path == "/json/version")
        {
            await WriteJsonAsync(http, browser.VersionJson(endpoint.BrowserUrl));
        }
        else if (path is "/json/list" or "/json")
        {
            var list = browser.Targets.Select(JsonNode? (t) => t.ToListJson(endpoint.WebSocketUrl($"/devtools/page/{t.Id}"))).ToArray();
            await WriteJsonAsync(http, new JsonArray(list));
        }
        else
        {
            http.Response.StatusCode = 404;
            await http.Response.WriteAsync($"Unknown command: {path}");
        }
    }

    private static async Task HandleWebSocketAsync(HttpContext http, SimulatedEndpoint endpoint, string path)
    {
        if (http.Request.Headers.ContainsKey("Origin"))
        {
            http.Response.StatusCode = 403;
            await http.Response.WriteAsync("Rejected an incoming WebSocket connection from an origin.");
        }
        else if (!http.WebSockets.IsWebSocketRequest)
        {
            http.Response.StatusCode = 400;
        }
        else if (!endpoint.Browser.Knows(path))
        {
            // An unknown page is an internal error to Chromium, an unknown browser is not found.
            http.Response.StatusCode = path.StartsWith("/devtools/page/", StringComparison.Ordinal) ? 500 : 404;
            if (http.Response.StatusCode == 500) await http.Response.WriteAsync($"No such target id: {path[(path.LastIndexOf('/') + 1)..]}");
        }
        else
        {
            await endpoint.Browser.ConnectedAsync(http.RequestAborted);
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            var connection = new SocketConnection(endpoint.Browser, http, socket);
            using (endpoint.Browser.Agenda.Enter())
            {
                // It may have died while the client connected.
                if (endpoint.Browser.RefusesConnections)
                {
                    http.Abort();
                    return;
                }

                endpoint.Browser.Accept(connection);
            }

            endpoint.Accepted(connection);
            await connection.RunAsync();
        }
    }

    private static bool IsLocal(string host) => host is "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal) || IPAddress.TryParse(host, out _);

    private static async Task WriteJsonAsync(HttpContext http, JsonNode json)
    {
        http.Response.ContentType = "application/json; charset=UTF-8";
        await http.Response.WriteAsync(json.ToJsonString());
    }
}
