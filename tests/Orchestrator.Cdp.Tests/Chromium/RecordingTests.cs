using System.Text.Json;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.Cdp.Traces;

namespace Orchestrator.Cdp.Tests.Chromium;

/// <summary>What Chromium's recordings bring: each way of transfer, markers, dumps, loss.</summary>
[Collection(ChromiumCollection.Name)]
public sealed class RecordingTests(ChromiumFixture fixture)
{
    private static readonly TraceConfig s_marks = new() { IncludedCategories = ["blink.user_timing"], ExcludedCategories = ["*"] };
    private static readonly TraceConfig s_everything = new() { IncludedCategories = ["*"] };

    public static TheoryData<StreamFormat?, StreamCompression?> Streams => new()
    {
        { null, null },
        { StreamFormat.Json, StreamCompression.None },
        { StreamFormat.Json, StreamCompression.Gzip },
        { StreamFormat.Proto, StreamCompression.None },
        { StreamFormat.Proto, StreamCompression.Gzip },
        { StreamFormat.Proto, null },
        { null, StreamCompression.Gzip },
    };

    [ChromiumTheory]
    [MemberData(nameof(Streams))]
    public async Task A_stream_is_a_whole_trace_in_each_format_and_compression(StreamFormat? format, StreamCompression? compression)
    {
        await using var client = await ChromiumClient.OpenAsync(fixture.Browser);
        var parameters = new TracingStartParams { StreamFormat = format, StreamCompression = compression, TraceConfig = s_marks };
        var recorded = await client.RecordAsync(parameters, marks: 2000);
        Assert.False(recorded.Complete.DataLossOccurred);
        Assert.Equal((format ?? StreamFormat.Json, compression ?? StreamCompression.None), (recorded.Complete.TraceFormat, recorded.Complete.StreamCompression));

        if (recorded.Complete.TraceFormat == StreamFormat.Json)
        {
            AssertHasMarks(recorded.Events, 2000);
        }
        else
        {
            Assert.InRange(recorded.CountPackets(), 100, int.MaxValue);
            var text = recorded.Latin1;
            Assert.All(Enumerable.Range(0, 2000), i => Assert.Contains(ChromiumClient.MarkName(i), text, StringComparison.Ordinal));
        }

        // Events of every kind. A browser on a busy machine may lose some of so many; what it sends is a whole trace all the same.
        var everything = await client.RecordAsync(parameters with { TraceConfig = s_everything });
        Assert.InRange(format is StreamFormat.Proto ? everything.CountPackets() : everything.Events.Count, 100, int.MaxValue);
    }

    [ChromiumTheory]
    [InlineData(null)]
    [InlineData(TransferMode.ReportEvents)]
    public async Task Events_are_a_whole_trace_from_the_browser_and_from_a_session(TransferMode? mode)
    {
        await using var client = await ChromiumClient.OpenAsync(fixture.Browser);
        foreach (var session in new[] { null, client.PageSession })
        {
            var sink = new MemorySink();
            await using var collector = new TraceEventCollector(client.Connection, sink, session);
            await client.StartAsync(new TracingStartParams { TransferMode = mode, TraceConfig = s_marks }, session);
            await client.BeBusyAsync(2000);
            var recorded = await client.EndAsync(session);
            await collector.CompleteAsync().Soon();
            Assert.Equal(new TracingComplete(false), recorded.Complete);
            AssertHasMarks(Recorded.EventsOf(sink.Bytes), 2000);

            var everything = new MemorySink();
            await using var other = new TraceEventCollector(client.Connection, everything, session);
            await client.StartAsync(new TracingStartParams { TransferMode = mode, TraceConfig = s_everything }, session);
            await client.BeBusyAsync(100);
            await client.EndAsync(session);
            await other.CompleteAsync().Soon();
            Assert.InRange(Recorded.EventsOf(everything.Bytes).Count, 100, int.MaxValue);
        }
    }

    [ChromiumFact]
    public async Task A_message_of_collected_data_has_the_form_that_is_read_fast()
    {
        await using var client = await ChromiumClient.OpenAsync(fixture.Browser);
        await using var transport = await WebSocketTransport.ConnectAsync(fixture.Browser.Url, CancellationToken.None);
        await transport.SendAsync("""{"id":1,"method":"Tracing.start","params":{}}"""u8.ToArray(), CancellationToken.None);
        await transport.SendAsync("""{"id":2,"method":"Tracing.end","params":{}}"""u8.ToArray(), CancellationToken.None);
        var fast = 0;
        using var buffer = new ReceiveBuffer(System.Buffers.ArrayPool<byte>.Shared, 1024, 64 << 20);
        for (var complete = false; !complete; buffer.Clear())
        {
            CdpReceived received;
            do
            {
                received = await transport.ReceiveAsync(buffer.Free(), CancellationToken.None).Soon();
                Assert.True(buffer.Advance(received.Count));
            }
            while (!received.EndOfMessage);

            var text = System.Text.Encoding.UTF8.GetString(buffer.Message);
            complete = text.Contains("tracingComplete", StringComparison.Ordinal);
            if (text.Contains("Tracing.dataCollected", StringComparison.Ordinal))
                fast += TraceEventMessage.TryRead(buffer.Message, out _, out _) ? 1 : -1_000_000;
            else if (!complete)
                Assert.True(CdpEnvelope.TryReadLeadingId(buffer.Message, out _), text);
        }

        Assert.InRange(fast, 1, int.MaxValue);
    }

    [ChromiumFact]
    public async Task A_read_without_a_size_brings_ten_megabytes_and_reads_go_where_they_are_sent()
    {
        await using var client = await ChromiumClient.OpenAsync(fixture.Browser);
        await client.StartAsync(new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, TraceConfig = s_marks });
        await client.BeBusyAsync(50_000);
        var complete = new TaskCompletionSource<TracingComplete>();
        using var hearing = client.Connection.On(TracingDomain.TracingComplete, complete.SetResult);
        await client.Connection.CallAsync(TracingDomain.End).Soon();
        var handle = (await complete.Task.Soon()).Stream!;

        var whole = new System.Text.StringBuilder();
        IOReadResult part;
        do
        {
            part = (await client.Connection.CallAsync(IODomain.Read, new IOReadParams(handle)).Soon()).Result;
            whole.Append(part.Data);
            if (whole.Length == part.Data.Length)
                Assert.Equal(10 << 20, part.Data.Length);
        }
        while (!part.Eof);

        var again = (await client.Connection.CallAsync(IODomain.Read, new IOReadParams(handle, Offset: 1000, Size: 500)).Soon()).Result;
        Assert.Equal((whole.ToString(1000, 500), false, false), (again.Data, again.Eof, again.Base64Encoded));
        await client.Connection.CallAsync(IODomain.Read, new IOReadParams(handle, Offset: 0, Size: 1)).Soon();

        // From where the last read ended, in small parts with many reads on their way: the same bytes.
        var sink = new MemorySink();
        await TraceStream.CopyToAsync(client.Connection, handle, sink, new TraceStreamOptions { ReadSize = 100_003, ReadsInFlight = 16 }).Soon();
        Assert.True(whole.ToString(1, whole.Length - 1) == sink.Text);
        Assert.Equal(JsonValueKind.Array, JsonDocument.Parse(whole.ToString()).RootElement.GetProperty("traceEvents").ValueKind);
    }

    private static void AssertHasMarks(IEnumerable<JsonElement> events, int count) =>
        Assert.Empty(Enumerable.Range(0, count).Select(i => ChromiumClient.MarkName(i)).Except(events.Select(e => e.GetProperty("name").GetString()!)));
}
