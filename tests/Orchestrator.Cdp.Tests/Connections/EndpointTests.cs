using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.TestKit.Browsers;

namespace Orchestrator.Cdp.Tests.Connections;

public sealed class EndpointTests
{
    [Theory]
    [InlineData("http://127.0.0.1:9222")]
    [InlineData("http://127.0.0.1:9222/")]
    [InlineData("  http://localhost:9222 ")]
    [InlineData("https://browser.example:443")]
    [InlineData("http://browser.example:80/")]
    [InlineData("http://[::1]:9222")]
    [InlineData("HTTP://LOCALHOST:1")]
    [InlineData("ws://127.0.0.1:9222/devtools/browser/169a2758-d5e8-4828-bba7-257c2abd6323")]
    [InlineData("ws://127.0.0.1:9222/devtools/page/D3524D081D65F29BE4014F782B6639DB")]
    [InlineData("wss://browser.example:443/devtools/browser/x")]
    public void An_address_is_taken(string text)
    {
        Assert.True(CdpEndpoint.TryParse(text, out var address, out var error), error);
        Assert.Equal(text.Trim(), address.ToString());
        Assert.Null(error);
    }

    [Theory]
    [InlineData(null, "no address")]
    [InlineData("", "no address")]
    [InlineData("9222", "no address")]
    [InlineData("127.0.0.1:9222", "no address")]
    [InlineData("localhost:9222", "'localhost:' is none of http, https, ws and wss")]
    [InlineData("ftp://localhost:9222", "'ftp:' is none of")]
    [InlineData("/devtools/browser/x", "'file:' is none of")]
    [InlineData("http://", "no address")]
    [InlineData("http://localhost", "no port")]
    [InlineData("http://localhost/", "no port")]
    [InlineData("ws://localhost/devtools/browser/x", "no port")]
    [InlineData("http://[::1]", "no port")]
    [InlineData("http://localhost:99999", "no address")]
    [InlineData("http://localhost:9222/json/version", "'/json/version' is one")]
    [InlineData("http://localhost:9222?x=1", "'?' or '#'")]
    [InlineData("ws://localhost:9222/devtools/browser/x#y", "'?' or '#'")]
    [InlineData("http://me:secret@localhost:9222", "user name")]
    [InlineData("ws://localhost:9222", "/devtools/browser/ID")]
    [InlineData("ws://localhost:9222/devtools/browser/", "/devtools/browser/ID")]
    [InlineData("ws://localhost:9222/devtools/worker/x", "/devtools/browser/ID")]
    [InlineData("ws://localhost:9222/devtools/page/x/y", "/devtools/browser/ID")]
    [InlineData("ws://localhost:9222/x/devtools/page/y", "/devtools/browser/ID")]
    public void An_address_is_refused_with_what_is_wrong_and_an_example(string? text, string expected)
    {
        Assert.False(CdpEndpoint.TryParse(text, out var address, out var error));
        Assert.Null(address);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Contains($"'{text}'", error, StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:9222", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_http_address_leads_to_the_browsers_WebSocket()
    {
        await using var server = await SimulatedBrowserServer.StartAsync();
        var endpoint = await ResolveAsync(server.HttpUrl.ToString());
        Assert.Equal(new CdpEndpoint(server.BrowserUrl, CdpEndpointKind.Browser), endpoint);

        await using var connection = await CdpConnection.ConnectAsync(endpoint.WebSocketUrl, TimeProvider.System, null, CancellationToken.None);
        Assert.Equal(server.Browser.Product, (await connection.CallAsync(Cdp.Protocol.BrowserDomain.GetVersion).Soon()).Result.Product);
    }

    [Fact]
    public async Task The_authority_that_the_user_gave_is_kept()
    {
        await using var server = await SimulatedBrowserServer.StartAsync(b => b.HttpAnswers["/json/version"] = (200, """{"webSocketDebuggerUrl":"ws://10.1.2.3:9222/devtools/browser/abc"}"""));
        var endpoint = await ResolveAsync($"http://localhost:{server.HttpUrl.Port}");
        Assert.Equal($"ws://localhost:{server.HttpUrl.Port}/devtools/browser/abc", endpoint.WebSocketUrl.OriginalString);
    }

    [Theory]
    [InlineData("ws://127.0.0.1:1/devtools/browser/x", CdpEndpointKind.Browser)]
    [InlineData("wss://127.0.0.1:1/devtools/page/x", CdpEndpointKind.Page)]
    public async Task A_WebSocket_address_is_taken_as_it_is_and_nobody_is_asked(string text, CdpEndpointKind kind) =>
        Assert.Equal(new CdpEndpoint(new Uri(text), kind), await ResolveAsync(text));

    [Fact]
    public async Task A_secure_address_leads_to_a_secure_WebSocket()
    {
        Assert.True(CdpEndpoint.TryParse("https://browser.example:443", out var address, out _));
        using var http = new HttpMessageInvoker(new Canned("""{"webSocketDebuggerUrl":"ws://127.0.0.1:9222/devtools/browser/abc"}"""));
        var endpoint = await CdpEndpoint.ResolveAsync(address, http, CancellationToken.None);
        Assert.Equal("wss://browser.example:443/devtools/browser/abc", endpoint.WebSocketUrl.OriginalString.Replace("example/", "example:443/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(404, "not here", "HTTP 404")]
    [InlineData(302, "", "HTTP 302")]
    [InlineData(500, "Host header", "by an address or localhost")]
    [InlineData(200, "<!DOCTYPE html><title>router</title>", "<!DOCTYPE html>")]
    [InlineData(200, "", "an empty message")]
    [InlineData(200, "[]", "begins with '[]'")]
    [InlineData(200, "null", "names no WebSocket")]
    [InlineData(200, "{\"Browser\":\"node.js/v24\",\"Protocol-Version\":\"1.1\"}", "Node.js")]
    [InlineData(200, "{\"webSocketDebuggerUrl\":\"http://x:1/\"}", "names 'http://x:1/' as its WebSocket")]
    [InlineData(200, "{\"webSocketDebuggerUrl\":\"nonsense\"}", "names 'nonsense' as its WebSocket")]
    [InlineData(200, "{\"webSocketDebuggerUrl\":5}", "begins with")]
    public async Task What_is_no_DevTools_endpoint_is_named_with_its_answer(int status, string body, string expected)
    {
        await using var server = await SimulatedBrowserServer.StartAsync(b => b.HttpAnswers["/json/version"] = (status, body));
        var error = await Assert.ThrowsAsync<CdpEndpointException>(() => ResolveAsync(server.HttpUrl.ToString()));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(server.HttpUrl.Authority, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64 << 10, true)]
    [InlineData((64 << 10) + 1, false)]
    [InlineData(8 << 20, false)]
    public async Task An_answer_is_read_up_to_a_bound(int size, bool taken)
    {
        const string answer = """{"webSocketDebuggerUrl":"ws://127.0.0.1:9222/devtools/browser/abc"}""";
        await using var server = await SimulatedBrowserServer.StartAsync(b => b.HttpAnswers["/json/version"] = (200, answer.PadRight(size)));
        if (taken)
            await ResolveAsync(server.HttpUrl.ToString());
        else
            Assert.Contains("65536 bytes", (await Assert.ThrowsAsync<CdpEndpointException>(() => ResolveAsync(server.HttpUrl.ToString()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_said_so_for_both_schemes()
    {
        var port = UnusedPort();
        foreach (var attempt in new Func<Task>[] { () => ResolveAsync($"http://127.0.0.1:{port}"), () => WebSocketTransport.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/devtools/browser/x"), CancellationToken.None) })
        {
            var error = await Assert.ThrowsAsync<CdpEndpointException>(() => attempt().Soon());
            Assert.Contains("cannot be reached", error.Message, StringComparison.Ordinal);
            Assert.Contains($"--remote-debugging-port={port}", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_server_that_speaks_something_else_is_said_so()
    {
        foreach (var scheme in new[] { "http", "ws" })
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var serving = Task.Run(async () =>
            {
                using var socket = await listener.AcceptSocketAsync();
                await socket.SendAsync(Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.9\r\n"));
            });
            var authority = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
            var error = await Assert.ThrowsAsync<CdpEndpointException>(() => scheme == "http"
                ? ResolveAsync($"http://{authority}")
                : WebSocketTransport.ConnectAsync(new Uri($"ws://{authority}/devtools/browser/x"), CancellationToken.None).Soon());
            Assert.Contains(authority, error.Message, StringComparison.Ordinal);
            await serving.Soon();
        }
    }

    [Theory]
    [InlineData("/devtools/browser/unknown", "there is no target unknown (HTTP 404)")]
    [InlineData("/devtools/page/GONE", "there is no target GONE (HTTP 500)")]
    [InlineData("/devtools/page/GONE", "/json/list")]
    public async Task An_unknown_target_is_named(string path, string expected)
    {
        await using var server = await SimulatedBrowserServer.StartAsync();
        var error = await Assert.ThrowsAsync<CdpEndpointException>(() => WebSocketTransport.ConnectAsync(server.WebSocketUrl(path), CancellationToken.None).Soon());
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "--remote-allow-origins")]
    [InlineData(500, "by an address or localhost")] // of a browser's endpoint
    [InlineData(200, "HTTP 200")]
    [InlineData(502, "HTTP 502")]
    public async Task A_handshake_that_is_refused_says_why(int status, string expected)
    {
        await using var server = await SimulatedBrowserServer.StartAsync(b => b.HttpAnswers["/devtools/browser/x"] = (status, "no"));
        var error = await Assert.ThrowsAsync<CdpEndpointException>(() => WebSocketTransport.ConnectAsync(server.WebSocketUrl("/devtools/browser/x"), CancellationToken.None).Soon());
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handshake_has_no_origin_and_asks_for_no_extension()
    {
        await using var server = await SimulatedBrowserServer.StartAsync();
        await using var transport = await WebSocketTransport.ConnectAsync(server.BrowserUrl, CancellationToken.None);
        var headers = (await server.AcceptAsync().Soon()).Headers;
        Assert.DoesNotContain("Origin", headers.Keys);
        Assert.DoesNotContain("Sec-WebSocket-Extensions", headers.Keys);
        Assert.Equal(server.HttpUrl.Authority, headers["Host"]);
    }

    [Fact]
    public async Task A_connect_can_be_given_up()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var authority = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        using var patience = new CancellationTokenSource();
        var connecting = WebSocketTransport.ConnectAsync(new Uri($"ws://{authority}/devtools/browser/x"), patience.Token);
        Assert.True(CdpEndpoint.TryParse($"http://{authority}", out var address, out _));
        var asking = CdpEndpoint.ResolveAsync(address, null, patience.Token);
        using var one = await listener.AcceptSocketAsync().Soon();
        using var two = await listener.AcceptSocketAsync().Soon();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.Soon());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.Soon());
    }

    private static Task<CdpEndpoint> ResolveAsync(string text)
    {
        Assert.True(CdpEndpoint.TryParse(text, out var address, out var error), error);
        return CdpEndpoint.ResolveAsync(address, null, CancellationToken.None).Soon();
    }

    private static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Canned(string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body) });
    }
}
