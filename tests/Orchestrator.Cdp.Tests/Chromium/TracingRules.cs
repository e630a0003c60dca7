using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.Cdp.Traces;
using Orchestrator.TestKit.Browsers;

namespace Orchestrator.Cdp.Tests.Chromium;

/// <summary>Who may start, end and mark a recording, and in which words the others are refused: the same rules for Chromium and for the server that stands in for it.</summary>
internal static class TracingRules
{
    private const string AlreadyStarted = "Tracing has already been started (possibly in another tab).";
    private const string NotStarted = "Tracing is not started";
    private static readonly TracingStartParams s_marks = new() { TraceConfig = new TraceConfig { IncludedCategories = ["blink.user_timing"], ExcludedCategories = ["*"] } };
    private static readonly TracingStartParams s_stream = new() { TransferMode = TransferMode.ReturnAsStream };

    private static readonly Dictionary<string, Func<Uri, Task>> s_all = new Func<Uri, Task>[]
    {
        Start_is_refused_while_any_client_records,
        While_nobody_records_end_marker_and_memory_dump_are_refused,
        Only_who_started_a_recording_can_end_it_but_all_may_mark_it,
        A_recording_ends_with_the_connection_that_started_it,
        The_trace_config_excludes_the_deprecated_parameters,
        A_format_of_streams_is_refused_for_events_but_their_compression_is_ignored,
        Perfetto_configs_that_are_none_are_refused,
        A_backend_of_the_system_that_is_not_there_blocks_the_browser_until_that_connection_is_closed,
        What_is_unknown_is_refused,
        A_stream_belongs_to_its_session_and_ends_with_an_empty_answer,
    }.ToDictionary(rule => rule.Method.Name);

    public static TheoryData<string> Names => [.. s_all.Keys];

    public static Task HoldsAsync(string name, Uri browserUrl) => s_all[name](browserUrl);

    private static async Task Start_is_refused_while_any_client_records(Uri url)
    {
        await using var starter = await ConnectAsync(url);
        await using var other = await ConnectAsync(url);
        var (pageId, session) = await AttachAsync(starter);
        await using var page = await ConnectAsync(new Uri($"ws://{url.Authority}/devtools/page/{pageId}"));
        await starter.CallAsync(TracingDomain.Start, s_marks).Soon();
        foreach (var connection in new[] { starter, other, page })
            await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_marks), "Tracing.start", -32000, AlreadyStarted);
        await AssertRefusedAsync(starter.CallAsync(TracingDomain.Start, s_marks, session), "Tracing.start", -32000, AlreadyStarted);
        await starter.CallAsync(TracingDomain.End).Soon();
    }

    private static async Task While_nobody_records_end_marker_and_memory_dump_are_refused(Uri url)
    {
        await using var connection = await ConnectAsync(url);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.End), "Tracing.end", -32000, NotStarted);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("m")), "Tracing.recordClockSyncMarker", -32000, NotStarted);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.RequestMemoryDump, new RequestMemoryDumpParams()), "Tracing.requestMemoryDump", -32000, NotStarted);
    }

    private static async Task Only_who_started_a_recording_can_end_it_but_all_may_mark_it(Uri url)
    {
        await using var starter = await ConnectAsync(url);
        await using var other = await ConnectAsync(url);
        var (_, session) = await AttachAsync(starter);
        await starter.CallAsync(TracingDomain.Start, s_marks).Soon();
        await AssertRefusedAsync(other.CallAsync(TracingDomain.End), "Tracing.end", -32000, NotStarted);
        await AssertRefusedAsync(starter.CallAsync(TracingDomain.End, session), "Tracing.end", -32000, NotStarted);
        await other.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("m")).Soon();
        await starter.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("m"), session).Soon();
        Assert.Equal(new TracingComplete(false), await EndAsync(starter));
    }

    private static async Task A_recording_ends_with_the_connection_that_started_it(Uri url)
    {
        await using var next = await ConnectAsync(url);
        var starter = await ConnectAsync(url);
        await starter.CallAsync(TracingDomain.Start, s_marks).Soon();
        await starter.DisposeAsync();
        await StartWhenFreeAsync(next);
        await EndAsync(next);
    }

    private static async Task The_trace_config_excludes_the_deprecated_parameters(Uri url)
    {
        const string text = "Either trace config (preferred), or categories+options should be specified, but not both.";
        await using var connection = await ConnectAsync(url);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_marks with { Categories = "v8" }), "Tracing.start", -32602, text);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_marks with { Options = "record-continuously" }), "Tracing.start", -32602, text);
    }

    private static async Task A_format_of_streams_is_refused_for_events_but_their_compression_is_ignored(Uri url)
    {
        const string text = "Proto format is only supported when using stream transfer mode.";
        await using var connection = await ConnectAsync(url);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_marks with { StreamFormat = StreamFormat.Proto }), "Tracing.start", -32602, text);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, new TracingStartParams { PerfettoConfig = PerfettoConfig.TrackEvents("v8") }), "Tracing.start", -32602, text);
        await connection.CallAsync(TracingDomain.Start, s_marks with { StreamCompression = StreamCompression.Gzip }).Soon();
        Assert.Equal(new TracingComplete(false), await EndAsync(connection));
    }

    private static async Task Perfetto_configs_that_are_none_are_refused(Uri url)
    {
        await using var connection = await ConnectAsync(url);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_stream with { PerfettoConfig = "////" }), "Tracing.start", -32602, "Couldn't parse the supplied perfettoConfig.");
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_stream with { PerfettoConfig = "" }), "Tracing.start", -32602, "Supplied perfettoConfig doesn't have any data sources specified");
        var error = await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_stream with { PerfettoConfig = "!" }), "Tracing.start", -32602, "Invalid parameters");
        Assert.Contains("params.perfettoConfig", error.Detail, StringComparison.Ordinal);
        await connection.CallAsync(TracingDomain.Start, s_stream with { PerfettoConfig = PerfettoConfig.TrackEvents("v8"), StreamFormat = StreamFormat.Json }).Soon();
        Assert.Equal(StreamFormat.Proto, (await EndAsync(connection)).TraceFormat);
    }

    private static async Task A_backend_of_the_system_that_is_not_there_blocks_the_browser_until_that_connection_is_closed(Uri url)
    {
        await using var witness = await ConnectAsync(url);
        var asking = await ConnectAsync(url);
        await AssertRefusedAsync(asking.CallAsync(TracingDomain.Start, s_marks with { TracingBackend = TracingBackend.System }), "Tracing.start", -32000, "Peer disconnected");
        await AssertBlockedAsync(asking, witness);
        await asking.DisposeAsync();
        await StartWhenFreeAsync(witness);
        await EndAsync(witness);
    }

    private static async Task What_is_unknown_is_refused(Uri url)
    {
        await using var connection = await ConnectAsync(url);
        var unknown = TracingDomain.End with { Method = "Tracing.unknown" };
        await AssertRefusedAsync(connection.CallAsync(unknown), "Tracing.unknown", -32601, "'Tracing.unknown' wasn't found");
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.End, "GONE"), "Tracing.end", -32001, "Session with given id not found.");
        await AssertRefusedAsync(connection.CallAsync(TargetDomain.AttachToTarget, new AttachToTargetParams("GONE")), "Target.attachToTarget", -32602, "No target with given id found");
        await AssertRefusedAsync(connection.CallAsync(IODomain.Close, new IOCloseParams("GONE")), "IO.close", -32602, "Invalid stream handle");
        await AssertRefusedAsync(TraceStream.CopyToAsync(connection, "GONE", new MemorySink()), "IO.read", -32602, "Invalid stream handle");
    }

    private static async Task A_stream_belongs_to_its_session_and_ends_with_an_empty_answer(Uri url)
    {
        await using var connection = await ConnectAsync(url);
        await using var other = await ConnectAsync(url);
        var (_, session) = await AttachAsync(connection);
        await connection.CallAsync(TracingDomain.Start, s_stream with { TraceConfig = s_marks.TraceConfig }, session).Soon();
        var handle = (await EndAsync(connection, session)).Stream!;
        await AssertRefusedAsync(connection.CallAsync(IODomain.Read, new IOReadParams(handle)), "IO.read", -32602, "Invalid stream handle");
        await AssertRefusedAsync(other.CallAsync(IODomain.Read, new IOReadParams(handle)), "IO.read", -32602, "Invalid stream handle");

        var whole = (await connection.CallAsync(IODomain.Read, new IOReadParams(handle), session).Soon()).Result;
        Assert.Equal((false, false), (whole.Eof, whole.Base64Encoded));
        foreach (var _ in Enumerable.Range(0, 2))
            Assert.Equal(new IOReadResult("", true, false), (await connection.CallAsync(IODomain.Read, new IOReadParams(handle), session).Soon()).Result);
        var part = (await connection.CallAsync(IODomain.Read, new IOReadParams(handle, 2, 5), session).Soon()).Result;
        Assert.Equal(new IOReadResult(whole.Data.Substring(2, 5), false, false), part);

        var sink = new MemorySink();
        await TraceStream.CopyToAsync(connection, handle, sink, new TraceStreamOptions { SessionId = session }).Soon();
        Assert.Equal(whole.Data[7..], sink.Text);
        await AssertRefusedAsync(connection.CallAsync(IODomain.Close, new IOCloseParams(handle), session), "IO.close", -32602, "Invalid stream handle");
    }

    public static async Task AssertBlockedAsync(CdpConnection asking, CdpConnection witness)
    {
        await AssertRefusedAsync(asking.CallAsync(TracingDomain.Start, s_marks), "Tracing.start", -32000, AlreadyStarted);
        await AssertRefusedAsync(asking.CallAsync(TracingDomain.End), "Tracing.end", -32000, "Tracing failed");
        // Chromium says so to every connection, not only to the one that asked for it.
        await AssertRefusedAsync(witness.CallAsync(TracingDomain.Start, s_marks), "Tracing.start", -32000, AlreadyStarted);
        await AssertRefusedAsync(witness.CallAsync(TracingDomain.End), "Tracing.end", -32000, NotStarted);
    }

    public static async Task<CdpErrorException> AssertRefusedAsync<T>(Task<T> call, string method, int code, string text)
    {
        var error = await Assert.ThrowsAsync<CdpErrorException>(() => call.Soon());
        Assert.Equal((method, code, text), (error.Method, error.Code, error.Message));
        return error;
    }

    /// <summary>The browser learns from the socket that a connection is gone, so it may be a moment until it is free; it must become so.</summary>
    public static async Task StartWhenFreeAsync(CdpConnection connection)
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

    private static Task<CdpConnection> ConnectAsync(Uri url) => CdpConnection.ConnectAsync(url, TimeProvider.System, null, CancellationToken.None).Soon();

    private static async Task<(string PageId, string Session)> AttachAsync(CdpConnection connection)
    {
        var page = (await connection.CallAsync(TargetDomain.GetTargets).Soon()).Result.TargetInfos.First(t => t.Type == "page").TargetId;
        return (page, (await connection.CallAsync(TargetDomain.AttachToTarget, new AttachToTargetParams(page)).Soon()).Result.SessionId);
    }

    private static async Task<TracingComplete> EndAsync(CdpConnection connection, string? session = null)
    {
        var complete = new TaskCompletionSource<TracingComplete>();
        using var hearing = connection.On(TracingDomain.TracingComplete, complete.SetResult, session);
        await connection.CallAsync(TracingDomain.End, session).Soon();
        return await complete.Task.Soon();
    }
}

[Collection(ChromiumCollection.Name)]
public sealed class ChromiumTracingRulesTests(ChromiumFixture fixture)
{
    public static TheoryData<string> Names => TracingRules.Names;

    [ChromiumTheory]
    [MemberData(nameof(Names))]
    public Task It_holds_for_Chromium(string rule) => TracingRules.HoldsAsync(rule, fixture.Browser.Url);
}

public sealed class SimulatedBrowserServerTracingRulesTests
{
    public static TheoryData<string> Names => TracingRules.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_holds_for_the_server_that_stands_in_for_it(string rule)
    {
        await using var server = await SimulatedBrowserServer.StartAsync();
        await TracingRules.HoldsAsync(rule, server.BrowserUrl);
    }
}
