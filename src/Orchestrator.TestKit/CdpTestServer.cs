using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.TestKit;

/// <summary>
/// A browser's DevTools endpoint on loopback, on a real WebSocket. It behaves as Chromium does (<see cref="CdpTestBrowser"/>) until a test
/// tells it otherwise:
/// <code>
/// await using var server = await CdpTestServer.StartAsync(b => b.DataLoss = true);
/// var endpoint = server.HttpUrl;
/// </code>
/// </summary>
public sealed class CdpTestServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<CdpTestConnection> _accepted = Channel.CreateUnbounded<CdpTestConnection>();
    private ImmutableList<CdpTestConnection> _connections = [];

    private CdpTestServer(WebApplication app, CdpTestBrowser browser)
    {
        _app = app;
        Browser = browser;
    }

    /// <summary>The browser behind the endpoint; can be told other things at any time.</summary>
    public CdpTestBrowser Browser { get; }

    /// <summary>Such as <c>http://127.0.0.1:40123</c>.</summary>
    public Uri HttpUrl { get; private set; } = null!;

    /// <summary>The browser endpoint's WebSocket.</summary>
    public Uri BrowserUrl => WebSocketUrl($"/devtools/browser/{Browser.Id}");

    /// <summary>The first page's WebSocket.</summary>
    public Uri PageUrl => WebSocketUrl($"/devtools/page/{Browser.Targets[0].Id}");

    /// <summary>The connections that are open now.</summary>
    public IReadOnlyList<CdpTestConnection> Connections => _connections;

    /// <param name="configure">Changes what the browser is and does.</param>
    public static async Task<CdpTestServer> StartAsync(Action<CdpTestBrowser>? configure = null)
    {
        var browser = new CdpTestBrowser();
        configure?.Invoke(browser);

        // The empty builder: settings of the environment it runs in (ASPNETCORE_URLS and the like) must not reach a test.
        // The content root is named only because the builder would make a temporary folder for one that is not, and leave it behind.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new CdpTestServer(app, browser);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        app.Run(server.HandleAsync);
        await app.StartAsync();
        server.HttpUrl = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    public Uri WebSocketUrl(string path) => new($"ws://{HttpUrl.Authority}{path}");

    /// <summary>The next connection that has come in: each is given once.</summary>
    public ValueTask<CdpTestConnection> AcceptAsync(CancellationToken cancellationToken = default) => _accepted.Reader.ReadAsync(cancellationToken);

    /// <summary>Resets every connection, as a browser that is killed does; new ones are still taken.</summary>
    public void DropConnections()
    {
        foreach (var connection in _connections)
            connection.Drop();
    }

    public async ValueTask DisposeAsync()
    {
        DropConnections();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "";
        if (Browser.HttpAnswers.TryGetValue(path, out var scripted))
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
            await HandleWebSocketAsync(http, path);
        }
        else if (path == "/json/version")
        {
            await WriteJsonAsync(http, Browser.VersionJson(BrowserUrl));
        }
        else if (path is "/json/list" or "/json")
        {
            var list = Browser.Targets.Select(JsonNode? (t) => t.ToListJson(WebSocketUrl($"/devtools/page/{t.Id}"))).ToArray();
            await WriteJsonAsync(http, new JsonArray(list));
        }
        else
        {
            http.Response.StatusCode = 404;
            await http.Response.WriteAsync($"Unknown command: {path}");
        }
    }

    private async Task HandleWebSocketAsync(HttpContext http, string path)
    {
        var known = path == $"/devtools/browser/{Browser.Id}" || Browser.Targets.Any(t => path == $"/devtools/page/{t.Id}");
        if (!known || !http.WebSockets.IsWebSocketRequest)
        {
            http.Response.StatusCode = known ? 400 : 404;
            await http.Response.WriteAsync(known ? "WebSocket expected" : $"No such target id: {path}");
        }
        else if (http.Request.Headers.ContainsKey("Origin"))
        {
            http.Response.StatusCode = 403;
            await http.Response.WriteAsync("Rejected an incoming WebSocket connection from an origin.");
        }
        else
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            using var connection = new CdpTestConnection(Browser, http, socket);
            ImmutableInterlocked.Update(ref _connections, static (all, one) => all.Add(one), connection);
            _accepted.Writer.TryWrite(connection);
            await connection.RunAsync();
            ImmutableInterlocked.Update(ref _connections, static (all, one) => all.Remove(one), connection);
        }
    }

    private static bool IsLocal(string host) => host is "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal) || IPAddress.TryParse(host, out _);

    private static async Task WriteJsonAsync(HttpContext http, JsonNode json)
    {
        http.Response.ContentType = "application/json; charset=UTF-8";
        await http.Response.WriteAsync(json.ToJsonString());
    }
}
