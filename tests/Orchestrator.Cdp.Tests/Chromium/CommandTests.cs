using System.Net.Sockets;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Support;

namespace Orchestrator.Cdp.Tests.Chromium;

/// <summary>Commands and refusals that only the real browser can show; the common rules are in <see cref="TracingRules"/>.</summary>
[Collection(ChromiumCollection.Name)]
public sealed class CommandTests(ChromiumFixture fixture)
{
    private static readonly TracingStartParams s_marks = new() { TraceConfig = new TraceConfig { IncludedCategories = ["blink.user_timing"], ExcludedCategories = ["*"] } };

    [ChromiumFact]
    public async Task Get_categories_lists_what_can_be_recorded_once_the_browser_is_up()
    {
        await using var connection = await fixture.Browser.ConnectAsync();
        IReadOnlyList<string> categories = [];
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (categories.Count == 0)
            categories = (await connection.CallAsync(TracingDomain.GetCategories, ct: deadline.Token)).Result.Categories;
        Assert.Contains("devtools.timeline", categories);
        Assert.Contains("blink.user_timing", categories);
        Assert.Contains("disabled-by-default-memory-infra", categories);
    }

    [ChromiumFact]
    public async Task Get_track_event_descriptor_is_a_message_in_base64()
    {
        await using var connection = await fixture.Browser.ConnectAsync();
        var reply = await connection.CallAsync(TracingDomain.GetTrackEventDescriptor).Soon();
        var descriptor = Convert.FromBase64String(reply.Result.Descriptor);
        // TrackEventDescriptor.available_categories = 1
        Assert.InRange(Recorded.CountMessages(descriptor, field: 1), 100, 10_000);
    }

    [ChromiumFact]
    public async Task Screenshot_sizes_and_counts_have_their_bounds()
    {
        await using var connection = await fixture.Browser.ConnectAsync();
        foreach (var size in new[] { 0, -1, 4097 })
            await TracingRules.AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_marks with { ScreenshotMaxSize = size }), "Tracing.start", -32602, "screenshotMaxSize must be in [1, 4096].");
        foreach (var count in new[] { 0, -1 })
        {
            var error = await Assert.ThrowsAsync<CdpErrorException>(() => connection.CallAsync(TracingDomain.Start, s_marks with { ScreenshotMaxCount = count }).Soon());
            Assert.StartsWith("screenshotMaxCount must be in [1, ", error.Message, StringComparison.Ordinal);
        }
    }

    [ChromiumFact]
    public async Task A_perfetto_config_that_asks_for_the_system_blocks_the_browser_as_the_backend_does()
    {
        await using var witness = await fixture.Browser.ConnectAsync();
        var asking = await fixture.Browser.ConnectAsync();
        var parameters = new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, PerfettoConfig = PerfettoConfig.Ftrace() };
        await TracingRules.AssertRefusedAsync(asking.CallAsync(TracingDomain.Start, parameters), "Tracing.start", -32000, "Peer disconnected");
        await TracingRules.AssertBlockedAsync(asking, witness);
        await asking.DisposeAsync();
        await TracingRules.StartWhenFreeAsync(witness);
        await witness.CallAsync(TracingDomain.End).Soon();
    }

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
        Assert.Contains("NOSUCHPAGE", error.Message, StringComparison.Ordinal);
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
