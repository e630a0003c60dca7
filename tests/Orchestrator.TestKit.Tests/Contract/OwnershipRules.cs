using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Chromium;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.Cdp.Traces;
using static Orchestrator.Cdp.Tests.Chromium.Refusals;

namespace Orchestrator.TestKit.Tests.Contract;

/// <summary>Who may start, end and mark a recording, and in which words the others are refused.</summary>
internal static class OwnershipRules
{
    private static readonly TracingStartParams s_stream = new() { TransferMode = TransferMode.ReturnAsStream };

    public static IReadOnlyList<Func<ContractBrowser, Task>> All =>
    [
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
        While_a_recording_is_flushed_a_start_is_refused_and_a_marker_and_another_end_are_taken,
        A_marker_right_behind_a_start_is_taken,
        A_session_is_known_to_the_connection_that_attached_it_alone,
    ];

    private static async Task A_session_is_known_to_the_connection_that_attached_it_alone(ContractBrowser browser)
    {
        await using var owner = await browser.ConnectAsync();
        await using var other = await browser.ConnectAsync();
        var (_, session) = await AttachAsync(owner);

        await AssertRefusedAsync(other.CallAsync(TracingDomain.Start, Marks, session), "Tracing.start", -32001, "Session with given id not found.");
    }

    private static async Task Start_is_refused_while_any_client_records(ContractBrowser browser)
    {
        await using var starter = await browser.ConnectAsync();
        await using var other = await browser.ConnectAsync();
        var (pageId, session) = await AttachAsync(starter);
        await using var page = await browser.ConnectToPageAsync(pageId);
        await starter.CallAsync(TracingDomain.Start, Marks).Soon();
        foreach (var connection in new[] { starter, other, page })
            await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, Marks), "Tracing.start", -32000, AlreadyStarted);
        await AssertRefusedAsync(starter.CallAsync(TracingDomain.Start, Marks, session), "Tracing.start", -32000, AlreadyStarted);
        await starter.CallAsync(TracingDomain.End).Soon();
    }

    private static async Task While_nobody_records_end_marker_and_memory_dump_are_refused(ContractBrowser browser)
    {
        await using var connection = await browser.ConnectAsync();
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.End), "Tracing.end", -32000, NotStarted);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("m")), "Tracing.recordClockSyncMarker", -32000, NotStarted);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.RequestMemoryDump, new RequestMemoryDumpParams()), "Tracing.requestMemoryDump", -32000, NotStarted);
    }

    private static async Task Only_who_started_a_recording_can_end_it_but_all_may_mark_it(ContractBrowser browser)
    {
        await using var starter = await browser.ConnectAsync();
        await using var other = await browser.ConnectAsync();
        var (_, session) = await AttachAsync(starter);
        await starter.CallAsync(TracingDomain.Start, Marks).Soon();
        await AssertRefusedAsync(other.CallAsync(TracingDomain.End), "Tracing.end", -32000, NotStarted);
        await AssertRefusedAsync(starter.CallAsync(TracingDomain.End, session), "Tracing.end", -32000, NotStarted);
        await other.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("m")).Soon();
        await starter.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("m"), session).Soon();
        Assert.Equal(new TracingComplete(false), await EndAsync(starter));
    }

    private static async Task A_recording_ends_with_the_connection_that_started_it(ContractBrowser browser)
    {
        await using var next = await browser.ConnectAsync();
        var starter = await browser.ConnectAsync();
        await starter.CallAsync(TracingDomain.Start, Marks).Soon();
        await starter.DisposeAsync();
        await StartWhenFreeAsync(next);
        await EndAsync(next);
    }

    private static async Task The_trace_config_excludes_the_deprecated_parameters(ContractBrowser browser)
    {
        const string text = "Either trace config (preferred), or categories+options should be specified, but not both.";
        await using var connection = await browser.ConnectAsync();
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, Marks with { Categories = "v8" }), "Tracing.start", -32602, text);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, Marks with { Options = "record-continuously" }), "Tracing.start", -32602, text);
    }

    private static async Task A_format_of_streams_is_refused_for_events_but_their_compression_is_ignored(ContractBrowser browser)
    {
        const string text = "Proto format is only supported when using stream transfer mode.";
        await using var connection = await browser.ConnectAsync();
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, Marks with { StreamFormat = StreamFormat.Proto }), "Tracing.start", -32602, text);
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, new TracingStartParams { PerfettoConfig = PerfettoConfig.TrackEvents("v8") }), "Tracing.start", -32602, text);
        await connection.CallAsync(TracingDomain.Start, Marks with { StreamCompression = StreamCompression.Gzip }).Soon();
        Assert.Equal(new TracingComplete(false), await EndAsync(connection));
    }

    private static async Task Perfetto_configs_that_are_none_are_refused(ContractBrowser browser)
    {
        await using var connection = await browser.ConnectAsync();
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_stream with { PerfettoConfig = "////" }), "Tracing.start", -32602, "Couldn't parse the supplied perfettoConfig.");
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_stream with { PerfettoConfig = "" }), "Tracing.start", -32602, "Supplied perfettoConfig doesn't have any data sources specified");
        var error = await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_stream with { PerfettoConfig = "!" }), "Tracing.start", -32602, "Invalid parameters");
        Assert.Contains("params.perfettoConfig", error.Detail, StringComparison.Ordinal);
        await connection.CallAsync(TracingDomain.Start, s_stream with { PerfettoConfig = PerfettoConfig.TrackEvents("v8"), StreamFormat = StreamFormat.Json }).Soon();
        Assert.Equal(StreamFormat.Proto, (await EndAsync(connection)).TraceFormat);
    }

    private static async Task A_backend_of_the_system_that_is_not_there_blocks_the_browser_until_that_connection_is_closed(ContractBrowser browser)
    {
        await using var witness = await browser.ConnectAsync();
        var asking = await browser.ConnectAsync();
        await AssertRefusedAsync(asking.CallAsync(TracingDomain.Start, Marks with { TracingBackend = TracingBackend.System }), "Tracing.start", -32000, "Peer disconnected");
        await AssertBlockedAsync(asking, witness);
        await asking.DisposeAsync();
        await StartWhenFreeAsync(witness);
        await EndAsync(witness);
    }

    private static async Task What_is_unknown_is_refused(ContractBrowser browser)
    {
        await using var connection = await browser.ConnectAsync();
        var unknown = TracingDomain.End with { Method = "Tracing.unknown" };
        await AssertRefusedAsync(connection.CallAsync(unknown), "Tracing.unknown", -32601, "'Tracing.unknown' wasn't found");
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.End, "GONE"), "Tracing.end", -32001, "Session with given id not found.");
        await AssertRefusedAsync(connection.CallAsync(TargetDomain.AttachToTarget, new AttachToTargetParams("GONE")), "Target.attachToTarget", -32602, "No target with given id found");
        await AssertRefusedAsync(connection.CallAsync(IODomain.Close, new IOCloseParams("GONE")), "IO.close", -32602, "Invalid stream handle");
        await AssertRefusedAsync(TraceStream.CopyToAsync(connection, "GONE", new MemorySink()), "IO.read", -32602, "Invalid stream handle");
    }

    private static async Task A_stream_belongs_to_its_session_and_ends_with_an_empty_answer(ContractBrowser browser)
    {
        await using var connection = await browser.ConnectAsync();
        await using var other = await browser.ConnectAsync();
        var (_, session) = await AttachAsync(connection);
        await connection.CallAsync(TracingDomain.Start, s_stream with { TraceConfig = Marks.TraceConfig }, session).Soon();
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

    private static async Task While_a_recording_is_flushed_a_start_is_refused_and_a_marker_and_another_end_are_taken(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        await client.StartAsync(s_stream with { TraceConfig = new TraceConfig { IncludedCategories = ["*"] } });
        await client.BeBusyAsync(1000);
        var complete = new TaskCompletionSource<TracingComplete>();
        using var hearing = client.Connection.On(TracingDomain.TracingComplete, outcome => complete.TrySetResult(outcome));
        // One right behind the other: flushing takes longer than that.
        var end = client.Connection.CallAsync(TracingDomain.End);
        var start = client.Connection.CallAsync(TracingDomain.Start, Marks);
        var marker = client.Connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("too late"));
        var again = client.Connection.CallAsync(TracingDomain.End);
        await end.Soon();
        await AssertRefusedAsync(start, "Tracing.start", -32000, AlreadyStarted);
        await marker.Soon();
        await again.Soon();
        await complete.Task.Soon();
        await StartWhenFreeAsync(client.Connection);
        await EndAsync(client.Connection);
    }

    private static async Task A_marker_right_behind_a_start_is_taken(ContractBrowser browser)
    {
        await using var connection = await browser.ConnectAsync();
        var start = connection.CallAsync(TracingDomain.Start, Marks);
        var marker = connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("early"));
        await start.Soon();
        await marker.Soon();
        await EndAsync(connection);
    }

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
