using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.Cdp.Traces;

namespace Orchestrator.Cdp.Tests.Chromium;

/// <summary>The commands of the Tracing domain and their refusals, as Chromium has them.</summary>
[Collection(ChromiumCollection.Name)]
public sealed class CommandTests(ChromiumFixture fixture)
{
    private const string AlreadyStarted = "Tracing has already been started (possibly in another tab).";
    private const string NotStarted = "Tracing is not started";
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
    public async Task Start_is_refused_while_any_client_of_the_browser_records()
    {
        await using var client = await ChromiumClient.OpenAsync(fixture.Browser);
        await using var other = await fixture.Browser.ConnectAsync();
        await using var page = await fixture.Browser.ConnectToPageAsync(client.PageId);
        await client.StartAsync(s_marks);
        foreach (var connection in new[] { client.Connection, other, page })
            await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_marks), "Tracing.start", -32000, AlreadyStarted);
        await AssertRefusedAsync(client.Connection.CallAsync(TracingDomain.Start, s_marks, client.PageSession), "Tracing.start", -32000, AlreadyStarted);
        await client.EndAsync();
    }

    [ChromiumFact]
    public async Task While_nobody_records_end_marker_and_memory_dump_are_refused()
    {
        await using var connection = await fixture.Browser.ConnectAsync();
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.End), "Tracing.end", -32000, NotStarted);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("m")), "Tracing.recordClockSyncMarker", -32000, NotStarted);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.RequestMemoryDump, new RequestMemoryDumpParams()), "Tracing.requestMemoryDump", -32000, NotStarted);
    }

    [ChromiumFact]
    public async Task Only_who_started_a_recording_can_end_it()
    {
        await using var client = await ChromiumClient.OpenAsync(fixture.Browser);
        await using var other = await fixture.Browser.ConnectAsync();
        await client.StartAsync(s_marks);
        await AssertRefusedAsync(other.CallAsync(TracingDomain.End), "Tracing.end", -32000, NotStarted);
        await AssertRefusedAsync(client.Connection.CallAsync(TracingDomain.End, client.PageSession), "Tracing.end", -32000, NotStarted);
        Assert.False((await client.EndAsync()).Complete.DataLossOccurred);
    }

    [ChromiumFact]
    public async Task A_recording_ends_with_the_connection_that_started_it()
    {
        await using var client = await ChromiumClient.OpenAsync(fixture.Browser);
        var starter = await fixture.Browser.ConnectAsync();
        await starter.CallAsync(TracingDomain.Start, s_marks).Soon();
        await starter.DisposeAsync();

        await StartWhenFreeAsync(client.Connection);
        Assert.False((await client.EndAsync()).Complete.DataLossOccurred);
    }

    [ChromiumFact]
    public async Task The_trace_config_excludes_the_deprecated_parameters()
    {
        const string text = "Either trace config (preferred), or categories+options should be specified, but not both.";
        await using var connection = await fixture.Browser.ConnectAsync();
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_marks with { Categories = "v8" }), "Tracing.start", -32602, text);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_marks with { Options = "record-continuously" }), "Tracing.start", -32602, text);
    }

    [ChromiumFact]
    public async Task A_format_of_streams_is_refused_for_events_but_their_compression_is_ignored()
    {
        await using var client = await ChromiumClient.OpenAsync(fixture.Browser);
        const string text = "Proto format is only supported when using stream transfer mode.";
        await AssertRefusedAsync(client.Connection.CallAsync(TracingDomain.Start, s_marks with { StreamFormat = StreamFormat.Proto }), "Tracing.start", -32602, text);
        await AssertRefusedAsync(client.Connection.CallAsync(TracingDomain.Start, new TracingStartParams { PerfettoConfig = PerfettoConfig.TrackEvents("v8") }), "Tracing.start", -32602, text);
        await client.StartAsync(s_marks with { StreamCompression = StreamCompression.Gzip });
        Assert.Equal(new TracingComplete(false), (await client.EndAsync()).Complete);
    }

    [ChromiumFact]
    public async Task Perfetto_configs_that_are_none_are_refused()
    {
        await using var connection = await fixture.Browser.ConnectAsync();
        var stream = new TracingStartParams { TransferMode = TransferMode.ReturnAsStream };
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, stream with { PerfettoConfig = "////" }), "Tracing.start", -32602, "Couldn't parse the supplied perfettoConfig.");
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, stream with { PerfettoConfig = "" }), "Tracing.start", -32602, "Supplied perfettoConfig doesn't have any data sources specified");
        var error = await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, stream with { PerfettoConfig = "!" }), "Tracing.start", -32602, "Invalid parameters");
        Assert.Contains("params.perfettoConfig", error.Detail, StringComparison.Ordinal);
    }

    [ChromiumFact]
    public async Task Screenshot_sizes_and_counts_have_their_bounds()
    {
        await using var connection = await fixture.Browser.ConnectAsync();
        foreach (var size in new[] { 0, -1, 4097 })
            await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_marks with { ScreenshotMaxSize = size }), "Tracing.start", -32602, "screenshotMaxSize must be in [1, 4096].");
        foreach (var count in new[] { 0, -1 })
        {
            var error = await Assert.ThrowsAsync<CdpErrorException>(() => connection.CallAsync(TracingDomain.Start, s_marks with { ScreenshotMaxCount = count }).Soon());
            Assert.StartsWith("screenshotMaxCount must be in [1, ", error.Message, StringComparison.Ordinal);
        }
    }

    [ChromiumFact]
    public async Task A_backend_of_the_system_that_is_not_there_blocks_the_browser_until_that_connection_is_closed()
    {
        await using var client = await ChromiumClient.OpenAsync(fixture.Browser);
        foreach (var parameters in new[]
        {
            s_marks with { TracingBackend = TracingBackend.System },
            // auto: a data source that is not Chromium's decides for the system
            new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, PerfettoConfig = PerfettoConfig.Ftrace() },
        })
        {
            await using var other = await fixture.Browser.ConnectAsync();
            await AssertRefusedAsync(other.CallAsync(TracingDomain.Start, parameters), "Tracing.start", -32000, "Peer disconnected");
            await AssertRefusedAsync(other.CallAsync(TracingDomain.Start, s_marks), "Tracing.start", -32000, AlreadyStarted);
            await AssertRefusedAsync(other.CallAsync(TracingDomain.End), "Tracing.end", -32000, "Tracing failed");
            // Chromium says so to every connection, not only to the one that asked for it.
            await AssertRefusedAsync(client.Connection.CallAsync(TracingDomain.Start, s_marks), "Tracing.start", -32000, AlreadyStarted);
            await AssertRefusedAsync(client.Connection.CallAsync(TracingDomain.End), "Tracing.end", -32000, NotStarted);
            await other.DisposeAsync();

            await using var next = await fixture.Browser.ConnectAsync();
            await StartWhenFreeAsync(next);
            await next.CallAsync(TracingDomain.End).Soon();
        }
    }

    [ChromiumFact]
    public async Task A_command_that_is_unknown_and_a_session_that_is_gone_are_refused()
    {
        await using var connection = await fixture.Browser.ConnectAsync();
        var unknown = TracingDomain.End with { Method = "Tracing.unknown" };
        await AssertRefusedAsync(connection.CallAsync(unknown), "Tracing.unknown", -32601, "'Tracing.unknown' wasn't found");
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.End, "GONE"), "Tracing.end", -32001, "Session with given id not found.");
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

    [ChromiumFact]
    public async Task A_stream_that_is_not_there_is_refused()
    {
        await using var connection = await fixture.Browser.ConnectAsync();
        var error = await Assert.ThrowsAsync<CdpErrorException>(() => TraceStream.CopyToAsync(connection, "none", new MemorySink()).Soon());
        Assert.Equal(("IO.read", -32602, "Invalid stream handle"), (error.Method, error.Code, error.Message));
    }

    private static async Task<CdpErrorException> AssertRefusedAsync<T>(Task<T> call, string method, int code, string text)
    {
        var error = await Assert.ThrowsAsync<CdpErrorException>(() => call.Soon());
        Assert.Equal((method, code, text), (error.Method, error.Code, error.Message));
        return error;
    }

    /// <summary>The browser learns from the socket that a connection is gone, so it may be a moment until it is free; it must become so.</summary>
    private static async Task StartWhenFreeAsync(CdpConnection connection)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            try
            {
                await connection.CallAsync(TracingDomain.Start, s_marks, ct: deadline.Token);
                return;
            }
            catch (CdpErrorException e) when (e.Message == AlreadyStarted)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
            }
        }
    }
}
