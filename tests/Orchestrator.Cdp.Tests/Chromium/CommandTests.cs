using System.Net.Sockets;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Support;

namespace Orchestrator.Cdp.Tests.Chromium;

/// <summary>Commands and refusals that only the real browser can show; the common rules are in the contract suite of Orchestrator.TestKit.Tests.</summary>
[Collection(ChromiumCollection.Name)]
public sealed class CommandTests(ChromiumFixture fixture)
{
    [ChromiumFact]
    public async Task A_browser_is_found_by_its_http_address_and_names_itself()
    {
        Assert.True(CdpEndpoint.TryParse(fixture.Browser.HttpUrl.ToString(), out var address, out _));
        var endpoint = await CdpEndpoint.ResolveAsync(address, null, CancellationToken.None).Soon();
        Assert.Equal(new CdpEndpoint(fixture.Browser.Url, CdpEndpointKind.Browser), endpoint);
        await using var connection = await fixture.Browser.ConnectAsync();
        var version = (await connection.CallAsync(BrowserDomain.GetVersion).Soon()).Result;
        Assert.Contains("Chrome/", version.Product, StringComparison.Ordinal);
        Assert.Equal("1.3", version.ProtocolVersion);

        var error = await Assert.ThrowsAsync<CdpEndpointException>(() => fixture.Browser.ConnectToPageAsync("NOSUCHPAGE"));
        Assert.Contains("there is no target NOSUCHPAGE (HTTP 500)", error.Message, StringComparison.Ordinal);
    }

    [ChromiumFact]
    public async Task A_browser_that_is_called_by_a_name_says_what_to_do()
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (context, ct) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync("127.0.0.1", context.DnsEndPoint.Port, ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpMessageInvoker(handler);
        Assert.True(CdpEndpoint.TryParse($"http://browser.example:{fixture.Browser.Url.Port}", out var address, out _));
        var error = await Assert.ThrowsAsync<CdpEndpointException>(() => CdpEndpoint.ResolveAsync(address, http, CancellationToken.None).Soon());
        Assert.Contains("by an address or localhost", error.Message, StringComparison.Ordinal);
    }

    [ChromiumFact]
    public async Task A_page_that_does_not_answer_is_an_error_text_and_its_frame_has_a_tree()
    {
        await using var client = await ChromiumClient.OpenAsync(fixture.Browser);
        var refused = await client.Connection.CallAsync(PageDomain.Navigate, new NavigateParams("http://127.0.0.1:1/"), client.PageSession).Soon();
        Assert.StartsWith("net::ERR_", refused.Result.ErrorText, StringComparison.Ordinal);
        var tree = (await client.Connection.CallAsync(PageDomain.GetFrameTree, client.PageSession).Soon()).Result.FrameTree;
        Assert.Equal(refused.Result.FrameId, tree.Frame.Id);
        var targets = (await client.Connection.CallAsync(TargetDomain.GetTargets).Soon()).Result.TargetInfos;
        Assert.Contains(targets, t => t.TargetId == client.PageId && t is { Type: "page", Attached: true });
    }
}
