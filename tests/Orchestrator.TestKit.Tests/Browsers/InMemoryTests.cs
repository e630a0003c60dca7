using System.Text;
using System.Text.Json;
using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Chromium;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.Cdp.Traces;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Tests.Support;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Tests.Browsers;

/// <summary>The way in that is no wire, on the system's time.</summary>
public sealed class InMemoryTests
{
    [Fact]
    public async Task A_recording_holds_the_markers_that_were_sent()
    {
        var browser = new SimulatedBrowser();
        await using var connection = await browser.ConnectAsync();
        Assert.Equal(browser.Product, (await connection.CallAsync(BrowserDomain.GetVersion).Soon()).Result.Product);
        await connection.CallAsync(TracingDomain.Start, new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, StreamFormat = StreamFormat.Proto }).Soon();
        for (var i = 0; i < 10; i++) await connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams($"m-{i}")).Soon();
        var recorded = await ChromiumClient.EndAsync(connection);

        var survey = recorded.Survey();
        Assert.Null(survey.CutOff);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"m-{i}"), survey.Markers.Select(marker => marker.SyncId));
        Assert.Equal(10, browser.CommandCounts["Tracing.recordClockSyncMarker"]);
        Assert.InRange(browser.StartedAtNanos!.Value, 1, survey.Markers[0].BrowserNanos + 1000);
    }

    [Fact]
    public void Its_address_is_one_of_the_product_s()
    {
        Assert.True(CdpEndpoint.TryParse(new SimulatedBrowser { Id = "b-7" }.Url.OriginalString, out var address, out var error), error);
        Assert.Equal("/devtools/browser/b-7", address.Url.AbsolutePath);
    }

    [Fact]
    public async Task A_connection_can_be_given_up_while_it_is_made()
    {
        var browser = new SimulatedBrowser(new BrowserConditions { Connecting = new Delay.Constant(TimeSpan.FromDays(1)) });
        using var patience = new CancellationTokenSource();
        var connecting = browser.ConnectAsync(ct: patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.Soon());
        Assert.Empty(browser.Connections);
    }

    [Fact]
    public async Task A_read_ends_when_it_is_given_up_and_when_its_end_is_closed()
    {
        var browser = new SimulatedBrowser();
        var transport = await browser.OpenAsync(browser.Url).Soon();
        using var patience = new CancellationTokenSource();
        var given = transport.ReceiveAsync(new byte[16], patience.Token).AsTask();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.Soon());

        var left = transport.ReceiveAsync(new byte[16], CancellationToken.None).AsTask();
        var closed = Assert.Single(browser.Connections).Closed;
        await transport.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => left.Soon());
        await closed.Soon();
        Assert.Empty(browser.Connections);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => transport.SendAsync(new byte[1], CancellationToken.None).AsTask());
    }

    [Theory]
    [InlineData("nonsense", """{"error":{"code":-32700,"message":"JSON: invalid token at position 0"}}""")]
    [InlineData("[]", """{"error":{"code":-32600,"message":"Message must be an object"}}""")]
    [InlineData("""{"method":"X"}""", """{"error":{"code":-32600,"message":"Message must have integer 'id' property"}}""")]
    [InlineData("""{"id":"a","method":"Browser.getVersion"}""", """{"error":{"code":-32600,"message":"Message must have integer 'id' property"}}""")]
    [InlineData("""{"id":7,"method":"Foo.bar"}""", """{"id":7,"error":{"code":-32601,"message":"'Foo.bar' wasn't found"}}""")]
    [InlineData("""{"id":8,"method":"Tracing.recordClockSyncMarker","params":{}}""", """{"id":8,"error":{"code":-32602,"message":"Invalid parameters","data":"Failed to deserialize params.syncId - BINDINGS: mandatory field missing at position 8"}}""")]
    [InlineData("""{"id":9,"method":"Target.activateTarget","params":{}}""", """{"id":9,"error":{"code":-32602,"message":"Invalid parameters","data":"Failed to deserialize params.targetId - BINDINGS: mandatory field missing at position 8"}}""")]
    public async Task What_is_no_command_is_answered_as_Chromium_does(string sent, string expected)
    {
        var browser = new SimulatedBrowser();
        await using var transport = await browser.OpenAsync(browser.Url).Soon();
        await transport.SendAsync(Encoding.UTF8.GetBytes(sent), CancellationToken.None);
        var buffer = new byte[1000];
        var received = await transport.ReceiveAsync(buffer, CancellationToken.None).Soon();
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), JsonElement.Parse(buffer.AsSpan(0, received.Count))), Encoding.UTF8.GetString(buffer, 0, received.Count));
    }

    [Fact]
    public async Task A_marker_stands_in_JSON_as_Chromium_writes_it()
    {
        var browser = new SimulatedBrowser(new BrowserConditions { Content = new TraceContent.Generated { EventsPerSecond = 0 } });
        await using var connection = await browser.ConnectAsync();
        await connection.CallAsync(TracingDomain.Start, new TracingStartParams { TransferMode = TransferMode.ReturnAsStream }).Soon();
        await connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("mä <0> \"😀\" \\ \n\t")).Soon();
        var text = Encoding.UTF8.GetString((await ChromiumClient.EndAsync(connection)).Plain);
        var line = Assert.Single(text.Split('\n'), one => one.Contains("clock_sync", StringComparison.Ordinal));
        Assert.Matches("""^\{"args":\{"sync_id":"m\\u00e4 <0> \\"\\ud83d\\ude00\\" \\\\ \\n\\u0009"\},"cat":"__metadata","name":"clock_sync","ph":"c","pid":\d+,"tid":\d+,"ts":\d+,"tts":\d+\}""", line);
    }

    [Fact]
    public async Task A_replayed_trace_comes_as_it_is_whatever_way_it_is_asked_for()
    {
        var trace = Encoding.UTF8.GetBytes("{\"traceEvents\":[" + string.Join(",\n", Enumerable.Range(0, 30_000).Select(i => $"{{\"name\":\"ä{i}\\u0001\"}}")) + "]}");
        var browser = new SimulatedBrowser(new BrowserConditions { Content = new TraceContent.Replayed(trace) });
        await using var server = await SimulatedBrowserServer.StartAsync([browser]);
        foreach (var connect in new Func<Task<CdpConnection>>[] { () => browser.ConnectAsync(), () => CdpConnection.ConnectAsync(server.BrowserUrl, TimeProvider.System, null, CancellationToken.None) })
        {
            await using var connection = await connect().Soon();
            await connection.CallAsync(TracingDomain.Start, new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, TraceConfig = new TraceConfig { ExcludedCategories = ["*"] } }).Soon();
            Assert.Equal(trace, (await ChromiumClient.EndAsync(connection)).Bytes);

            var sink = new MemorySink();
            await using var collector = new TraceEventCollector(connection, sink);
            await connection.CallAsync(TracingDomain.Start, new TracingStartParams()).Soon();
            await ChromiumClient.EndAsync(connection);
            await collector.CompleteAsync().Soon();
            Assert.Equal(30_000, JsonElement.Parse(sink.Bytes).GetProperty("traceEvents").GetArrayLength());
        }
    }
}
