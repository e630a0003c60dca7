using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Chromium;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.Cdp.Traces;
using Orchestrator.TestKit.Tests.Support;
using Orchestrator.Tracing.Formats;

namespace Orchestrator.TestKit.Tests.Contract;

/// <summary>What recordings bring, by each way of transfer: whole traces, whose markers are those that were sent.</summary>
internal static class RecordingRules
{
    private static readonly TraceConfig s_marks = Refusals.Marks.TraceConfig!;
    private static readonly TraceConfig s_memory = new() { IncludedCategories = ["disabled-by-default-memory-infra"], ExcludedCategories = ["*"], MemoryDumpConfig = MemoryDumpConfig.Parse("{}") };

    public static IReadOnlyList<Func<ContractBrowser, Task>> All =>
    [
        A_stream_is_a_whole_trace_with_exactly_its_markers_in_each_format_and_compression,
        Events_are_a_whole_trace_with_exactly_its_markers_from_the_browser_and_from_a_session,
        A_session_has_its_own_stream,
        All_connections_marks_stand_in_the_trace,
        A_page_endpoint_records_and_its_trace_names_the_frames,
        The_browser_endpoint_s_trace_names_no_frames,
        Memory_dumps_of_each_level_stand_in_the_trace,
        A_memory_dump_without_its_category_does_not_succeed,
        Buffer_usage_is_reported_while_recording,
        A_buffer_that_overflows_is_data_loss_and_the_rest_is_a_whole_trace,
    ];

    private static async Task A_stream_is_a_whole_trace_with_exactly_its_markers_in_each_format_and_compression(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        foreach (var format in new StreamFormat?[] { null, StreamFormat.Json, StreamFormat.Proto })
        {
            foreach (var compression in new StreamCompression?[] { null, StreamCompression.None, StreamCompression.Gzip })
            {
                await client.StartAsync(new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, StreamFormat = format, StreamCompression = compression, TraceConfig = s_marks });
                var brackets = await MarkAsync(client.Connection, 10);
                await client.BeBusyAsync(500);
                var recorded = await client.EndAsync();
                Assert.Equal((false, format ?? StreamFormat.Json, compression ?? StreamCompression.None), (recorded.Complete.DataLossOccurred, recorded.Complete.TraceFormat, recorded.Complete.StreamCompression));
                AssertHolds(recorded.Survey(), brackets);
            }
        }
    }

    private static async Task Events_are_a_whole_trace_with_exactly_its_markers_from_the_browser_and_from_a_session(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        foreach (var session in new[] { null, client.PageSession })
        {
            foreach (var mode in new TransferMode?[] { null, TransferMode.ReportEvents })
            {
                var sink = new Cdp.Tests.Support.MemorySink();
                await using var collector = new TraceEventCollector(client.Connection, sink, session);
                await client.StartAsync(new TracingStartParams { TransferMode = mode, TraceConfig = s_marks }, session);
                var brackets = await MarkAsync(client.Connection, 10);
                await client.BeBusyAsync(2000);
                Assert.Equal(new TracingComplete(false), (await client.EndAsync(session)).Complete);
                await collector.CompleteAsync().Soon();
                AssertHolds(Surveys.Survey(sink.Bytes), brackets);
            }
        }
    }

    private static async Task A_session_has_its_own_stream(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        await client.StartAsync(new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, TraceConfig = s_marks }, client.PageSession);
        await client.BeBusyAsync(10);
        Assert.NotEmpty((await client.EndAsync(client.PageSession)).Events);
    }

    private static async Task All_connections_marks_stand_in_the_trace(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        await using var other = await browser.ConnectAsync();
        foreach (var format in new[] { StreamFormat.Json, StreamFormat.Proto })
        {
            await client.StartAsync(new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, StreamFormat = format, TraceConfig = s_marks });
            await client.Connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("of the owner")).Soon();
            await other.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("of another")).Soon();
            await client.Connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("of a session"), client.PageSession).Soon();
            Assert.Equal(["of the owner", "of another", "of a session"], (await client.EndAsync()).Survey().Markers.OrderBy(marker => marker.BrowserNanos).Select(marker => marker.SyncId));
        }
    }

    private static async Task A_page_endpoint_records_and_its_trace_names_the_frames(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        await using var page = await browser.ConnectToPageAsync(client.PageId);
        await page.CallAsync(TracingDomain.Start, Timeline()).Soon();
        await client.BeBusyAsync(1);
        var recorded = await ChromiumClient.EndAsync(page);
        var started = recorded.Events.Single(e => Recorded.NameIs(e, "TracingStartedInBrowser"));
        var frames = started.GetProperty("args").GetProperty("data").GetProperty("frames").EnumerateArray().Select(f => f.GetProperty("frame").GetString());
        Assert.Contains(client.PageId, frames);
        Assert.All(["Browser", "Renderer"], name => Assert.Contains(name, ((JsonTraceSurvey)recorded.Survey()).ProcessNames.Values));
    }

    private static async Task The_browser_endpoint_s_trace_names_no_frames(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        await client.StartAsync(Timeline());
        await client.BeBusyAsync(1);
        var started = (await client.EndAsync()).Events.Single(e => Recorded.NameIs(e, "TracingStartedInBrowser"));
        Assert.Equal("{}", started.GetProperty("args").GetRawText());
    }

    private static async Task Memory_dumps_of_each_level_stand_in_the_trace(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        await client.StartAsync(new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, TraceConfig = s_memory });
        var (guids, levels) = (new List<string>(), new List<string>());
        foreach (var (level, name) in new (MemoryDumpLevelOfDetail? Level, string Name)[]
        {
            (MemoryDumpLevelOfDetail.Background, "background"), (MemoryDumpLevelOfDetail.Light, "light"), (MemoryDumpLevelOfDetail.Detailed, "detailed"), (null, "detailed"),
        })
        {
            foreach (var deterministic in new bool?[] { null, true, false })
            {
                var reply = await client.Connection.CallAsync(TracingDomain.RequestMemoryDump, new RequestMemoryDumpParams(deterministic, level)).Soon();
                Assert.True(reply.Result.Success);
                Assert.Matches("^0x[0-9a-f]+$", reply.Result.DumpGuid);
                guids.Add(reply.Result.DumpGuid);
                levels.Add(name);
            }
        }

        // In JSON the dumps are numbered anew: their order tells which is which.
        var found = (await client.EndAsync()).Events
            .Where(e => e.GetProperty("ph").ValueEquals("v"))
            .Select(e => (Id: Convert.ToInt32(e.GetProperty("id").GetString(), 16), Level: e.GetProperty("args").GetProperty("dumps").GetProperty("level_of_detail").GetString()!))
            .Distinct()
            .Order();
        Assert.Equal(levels, found.Select(f => f.Level));
        Assert.Equal(guids.Count, guids.Distinct().Count());
    }

    private static async Task A_memory_dump_without_its_category_does_not_succeed(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        await client.StartAsync(new TracingStartParams { TraceConfig = s_marks });
        Assert.False((await client.Connection.CallAsync(TracingDomain.RequestMemoryDump, new RequestMemoryDumpParams()).Soon()).Result.Success);
        await client.EndAsync();
    }

    private static async Task Buffer_usage_is_reported_while_recording(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        var before = TimeProvider.System.GetTimestamp();
        var heard = await client.StartAndHearBufferUsageAsync(new TracingStartParams { BufferUsageReportingInterval = 10, TraceConfig = new TraceConfig { IncludedCategories = ["*"], TraceBufferSizeInKb = 20_000 } }, times: 4);
        // Not more often than every 250 ms, whatever was asked for.
        Assert.InRange(TimeProvider.System.GetElapsedTime(before), TimeSpan.FromMilliseconds(900), TimeSpan.MaxValue);
        await client.EndAsync();
        Assert.All(heard, usage => Assert.InRange(usage.PercentFull!.Value, 0, 1));
        Assert.All(heard, usage => Assert.Equal((usage.PercentFull, 0), (usage.Value, usage.EventCount)));
        Assert.True(heard[^1].PercentFull > 0);
        Assert.Equal(heard.Select(usage => usage.PercentFull).Order(), heard.Select(usage => usage.PercentFull));
    }

    private static async Task A_buffer_that_overflows_is_data_loss_and_the_rest_is_a_whole_trace(ContractBrowser browser)
    {
        await using var client = await browser.OpenAsync();
        foreach (var format in new[] { StreamFormat.Json, StreamFormat.Proto })
        {
            foreach (var mode in new[] { RecordMode.RecordUntilFull, RecordMode.RecordContinuously, RecordMode.RecordAsMuchAsPossible })
            {
                var config = new TraceConfig { IncludedCategories = ["*"], TraceBufferSizeInKb = 512, RecordMode = mode };
                var recorded = await client.RecordAsync(new TracingStartParams { StreamFormat = format, TraceConfig = config }, marks: 20_000);
                Assert.True(recorded.Complete.DataLossOccurred);
                var survey = recorded.Survey();
                Assert.Null(survey.CutOff);
                Assert.InRange(survey.Events, 10, 100_000);
                Assert.NotEmpty(survey.Losses);
            }
        }
    }

    private static TracingStartParams Timeline() => new()
    {
        TransferMode = TransferMode.ReturnAsStream,
        TraceConfig = new TraceConfig { IncludedCategories = ["devtools.timeline", "disabled-by-default-devtools.timeline"] },
    };

    /// <summary>When each marker was sent and answered, nanoseconds.</summary>
    private static async Task<Dictionary<string, (long SentNanos, long AnsweredNanos)>> MarkAsync(CdpConnection connection, int count)
    {
        var brackets = new Dictionary<string, (long SentNanos, long AnsweredNanos)>();
        for (var i = 0; i < count; i++)
        {
            var id = $"märker <{i}> \"😀\" \\ / {{}}";
            var reply = await connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams(id)).Soon();
            brackets.Add(id, (Nanos(reply.SentAt), Nanos(reply.AnsweredAt)));
        }

        return brackets;

        static long Nanos(long stamp) => (long)((Int128)stamp * 1_000_000_000 / TimeProvider.System.TimestampFrequency);
    }

    private static void AssertHolds(TraceSurvey survey, Dictionary<string, (long SentNanos, long AnsweredNanos)> brackets)
    {
        Assert.Null(survey.CutOff);
        Assert.InRange(survey.Events, 20, int.MaxValue);
        Assert.Equal(brackets.Keys.Order(), survey.Markers.Select(marker => marker.SyncId).Order());
        // Both clocks are CLOCK_MONOTONIC on Linux; whole microseconds in the trace.
        if (!OperatingSystem.IsLinux()) return;
        Assert.All(survey.Markers, marker => Assert.InRange(marker.BrowserNanos, brackets[marker.SyncId].SentNanos - 1000, brackets[marker.SyncId].AnsweredNanos));
        Assert.All(survey.Markers, marker => Assert.InRange(marker.BrowserNanos, survey.FirstNanos!.Value, survey.LastNanos!.Value));
    }
}
