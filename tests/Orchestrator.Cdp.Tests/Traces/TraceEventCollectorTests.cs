using System.Text;
using System.Text.Json;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Connections;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.Cdp.Traces;
using Orchestrator.TestKit.Browsers;

namespace Orchestrator.Cdp.Tests.Traces;

public sealed class TraceEventCollectorTests
{
    [Fact]
    public async Task A_recording_of_a_browser_becomes_one_document_over_a_real_socket()
    {
        var lists = Enumerable.Range(0, 500).Select(i => (IReadOnlyList<string>)[.. Enumerable.Range(0, i % 7).Select(j => $"{{\"name\":\"{i}-{j} <😀> ]}}}}\"}}")]).ToArray();
        await using var server = await SimulatedBrowserServer.StartAsync(b => b
            .On("Tracing.start", _ => SimulatedAnswer.Result())
            .On("Tracing.end", _ => lists
                .Aggregate(SimulatedAnswer.Result(), (answer, events) => answer.Then(SimulatedAnswer.Event("Tracing.dataCollected", $"{{\"value\":[{string.Join(',', events)}]}}")))
                .Then(SimulatedAnswer.Event("Tracing.tracingComplete", "{\"dataLossOccurred\":false}"))));
        await using var connection = await CdpConnection.ConnectAsync(server.BrowserUrl, TimeProvider.System, null, CancellationToken.None);
        var session = (await connection.CallAsync(TargetDomain.AttachToTarget, new AttachToTargetParams(server.Browser.Targets[0].Id)).Soon()).Result.SessionId;
        foreach (var id in new[] { null, session })
        {
            var sink = new MemorySink();
            await using var collector = new TraceEventCollector(connection, sink, id);
            var complete = new TaskCompletionSource<TracingComplete>();
            using var hearing = connection.On(TracingDomain.TracingComplete, complete.SetResult, id);
            await connection.CallAsync(TracingDomain.Start, new TracingStartParams(), id).Soon();
            await connection.CallAsync(TracingDomain.End, id).Soon();
            await complete.Task.Soon();
            var written = await collector.CompleteAsync().Soon();

            var names = JsonDocument.Parse(sink.Bytes).RootElement.GetProperty("traceEvents").EnumerateArray().Select(e => e.GetProperty("name").GetString());
            Assert.Equal(lists.SelectMany(l => l).Select(e => JsonDocument.Parse(e).RootElement.GetProperty("name").GetString()), names);
            Assert.Equal((sink.Length, sink.Length), (written, collector.BytesWritten));
        }
    }

    [Theory]
    [InlineData("""{"method":"Tracing.dataCollected","params":{"value":[{"a":1},{"b":2}]}}""", null, "{\"a\":1},{\"b\":2}")]
    [InlineData("""{"method":"Tracing.dataCollected","params":{"value":[{"a":1}]},"sessionId":"S-1"}""", "S-1", "{\"a\":1}")]
    [InlineData("""{"method":"Tracing.dataCollected","params":{"value":[{"a":"]},\"sessionId\":\"X"}]},"sessionId":"S"}""", "S", "{\"a\":\"]},\\\"sessionId\\\":\\\"X\"}")]
    [InlineData("""{"method":"Tracing.dataCollected","params":{"value":[]}}""", null, "")]
    [InlineData("""{"method":"Tracing.dataCollected","params":{"value":[ ]},"sessionId":"S"}""", "S", "")]
    [InlineData("""{"sessionId":"S","params":{"other":[1],"value":[{"a":1}]},"method":"Tracing.dataCollected"}""", "S", "{\"a\":1}")]
    [InlineData("""{"method":"Tracing.dataCollected","params":{"value":[{"a":1}],"other":{"value":[2]}}}""", null, "{\"a\":1}")]
    [InlineData(""" {"method" : "Tracing.dataCollected", "params" : { "value" : [ {"a":1} ] } } """, null, " {\"a\":1} ")]
    [InlineData("""{"method":"Tracing.dataCollected","params":{"value":[{"a":1}]},"sessionId":"S\u0041"}""", "SA", "{\"a\":1}")]
    public async Task The_events_are_found_in_whatever_layout_they_come(string message, string? session, string expected)
    {
        await using var peer = new MemoryPeer();
        var sink = new MemorySink();
        await using var collector = new TraceEventCollector(peer.Connection, sink, session);
        await peer.SendAsync(message);
        await ConnectionSpec.AssertAliveAsync(peer);
        await collector.CompleteAsync().Soon();
        Assert.Equal($"{{\"traceEvents\":[{expected}]}}", sink.Text);
    }

    [Fact]
    public async Task Events_of_other_sessions_are_not_taken()
    {
        await using var peer = new MemoryPeer();
        var sinks = new[] { new MemorySink(), new MemorySink() };
        await using var root = new TraceEventCollector(peer.Connection, sinks[0]);
        await using var session = new TraceEventCollector(peer.Connection, sinks[1], "S1");
        await peer.SendAsync("""{"method":"Tracing.dataCollected","params":{"value":[0]}}""");
        await peer.SendAsync("""{"method":"Tracing.dataCollected","params":{"value":[1]},"sessionId":"S1"}""");
        await peer.SendAsync("""{"method":"Tracing.dataCollected","params":{"value":[2]},"sessionId":"S2"}""");
        await ConnectionSpec.AssertAliveAsync(peer);
        await root.CompleteAsync().Soon();
        await session.CompleteAsync().Soon();
        Assert.Equal(["{\"traceEvents\":[0]}", "{\"traceEvents\":[1]}"], sinks.Select(s => s.Text));
    }

    [Theory]
    [InlineData("""{"method":"Tracing.dataCollected","params":{}}""")]
    [InlineData("""{"method":"Tracing.dataCollected"}""")]
    [InlineData("""{"method":"Tracing.dataCollected","params":{"value":5}}""")]
    [InlineData("""{"method":"Tracing.dataCollected","params":[]}""")]
    [InlineData("""{"method":"Tracing.dataCollected","params":{"value":[{"a":1}]""")]
    [InlineData("""{"method":"Tracing.dataCollected","params":{"value":[{"a":1}]},"sessionId":"S""")]
    public async Task Events_that_are_none_break_the_connection_as_garbage(string message)
    {
        await using var peer = new MemoryPeer();
        await using var collector = new TraceEventCollector(peer.Connection, new MemorySink());
        await peer.SendAsync(message);
        Assert.Equal(CdpBreakKind.Garbage, (await peer.Connection.Broken.Soon()).Kind);
    }

    [Fact]
    public async Task Events_that_nobody_wants_are_dropped()
    {
        await using var peer = new MemoryPeer();
        await peer.SendAsync("""{"method":"Tracing.dataCollected","params":{"value":[{"a":1}]}}""");
        await ConnectionSpec.AssertAliveAsync(peer);
    }

    [Fact]
    public async Task A_session_has_one_collector_and_can_have_another_when_it_is_done()
    {
        await using var peer = new MemoryPeer();
        await using var first = new TraceEventCollector(peer.Connection, new MemorySink());
        Assert.Throws<InvalidOperationException>(() => new TraceEventCollector(peer.Connection, new MemorySink()));
        await first.CompleteAsync().Soon();
        await using var second = new TraceEventCollector(peer.Connection, new MemorySink());
    }

    [Fact]
    public async Task A_slow_disk_stops_the_reading_instead_of_filling_the_memory()
    {
        await using var peer = new MemoryPeer();
        var disk = new TaskCompletionSource();
        var sink = new MemorySink { Wait = disk.Task.WaitAsync };
        await using var collector = new TraceEventCollector(peer.Connection, sink);
        var message = Encoding.UTF8.GetBytes($"{{\"method\":\"Tracing.dataCollected\",\"params\":{{\"value\":[{{\"a\":\"{new string('x', 1 << 20)}\"}}]}}}}");
        for (var i = 0; i < 40; i++)
            await peer.SendAsync(message);
        var call = peer.Connection.CallAsync(TracingDomain.RequestMemoryDump, new RequestMemoryDumpParams());
        var command = await peer.NextCommandAsync();
        await peer.AnswerAsync(command.Id, """{"dumpGuid":"0x1","success":true}""");

        // The reading stands still: no more than the bound and a message or two have been taken from the transport.
        await BecomesTrueAsync(() => collector.HoldsReading);
        Assert.InRange(peer.Connection.BytesReceived, 1, TraceEventCollector.QueueBytes + (4L << 20));
        Assert.False(call.IsCompleted);

        disk.SetResult();
        await call.Soon();
        await collector.CompleteAsync().Soon();
        Assert.Equal(40, JsonDocument.Parse(sink.Bytes).RootElement.GetProperty("traceEvents").GetArrayLength());
    }

    [Fact]
    public async Task A_sink_that_fails_breaks_the_connection_and_keeps_its_exception()
    {
        await using var peer = new MemoryPeer();
        var fault = new IOException("No space left on device");
        var sink = new MemorySink { Fault = fault, FaultAfter = 30 };
        await using var collector = new TraceEventCollector(peer.Connection, sink);
        var call = peer.Connection.CallAsync(TracingDomain.End);
        for (var i = 0; i < 10; i++)
            await peer.SendAsync("""{"method":"Tracing.dataCollected","params":{"value":[{"a":1}]}}""");

        var error = await Assert.ThrowsAsync<CdpBrokenException>(() => call.Soon());
        Assert.Equal(CdpBreakKind.Faulted, error.Break.Kind);
        Assert.Same(fault, error.Break.Cause);
        var again = await Assert.ThrowsAsync<CdpBrokenException>(() => collector.CompleteAsync().Soon());
        Assert.Same(fault, again.Break.Cause);
        Assert.Equal("{\"traceEvents\":[{\"a\":1},{\"a\":1}".Length - 8, sink.Length);
    }

    [Fact]
    public async Task A_sink_that_fails_while_the_reading_stands_still_lets_go_of_it()
    {
        await using var peer = new MemoryPeer();
        var disk = new TaskCompletionSource();
        await using var collector = new TraceEventCollector(peer.Connection, new MemorySink { Wait = disk.Task.WaitAsync });
        var message = Encoding.UTF8.GetBytes($"{{\"method\":\"Tracing.dataCollected\",\"params\":{{\"value\":[\"{new string('x', 3 << 20)}\"]}}}}");
        for (var i = 0; i < 10; i++)
            await peer.SendAsync(message);
        await BecomesTrueAsync(() => collector.HoldsReading);
        disk.SetException(new IOException("gone"));
        Assert.Equal(CdpBreakKind.Faulted, (await peer.Connection.Broken.Soon()).Kind);
        await peer.Connection.DisposeAsync().Soon();
    }

    [Fact]
    public async Task What_was_received_before_the_connection_broke_can_still_be_completed()
    {
        await using var peer = new MemoryPeer();
        var sink = new MemorySink();
        await using var collector = new TraceEventCollector(peer.Connection, sink);
        await peer.SendAsync("""{"method":"Tracing.dataCollected","params":{"value":[{"a":1}]}}""");
        await peer.CloseAsync("bye");
        await peer.Connection.Broken.Soon();
        await collector.CompleteAsync().Soon();
        Assert.Equal("{\"traceEvents\":[{\"a\":1}]}", sink.Text);
    }

    [Fact]
    public async Task A_collector_that_is_disposed_drops_what_is_queued_and_frees_the_reading()
    {
        await using var peer = new MemoryPeer();
        var sink = new MemorySink { Wait = ct => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct) };
        var collector = new TraceEventCollector(peer.Connection, sink);
        var message = Encoding.UTF8.GetBytes($"{{\"method\":\"Tracing.dataCollected\",\"params\":{{\"value\":[\"{new string('x', 3 << 20)}\"]}}}}");
        for (var i = 0; i < 10; i++)
            await peer.SendAsync(message);
        await BecomesTrueAsync(() => collector.HoldsReading);
        await collector.DisposeAsync().Soon();
        await collector.DisposeAsync().Soon();
        await ConnectionSpec.AssertAliveAsync(peer);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => collector.CompleteAsync());
        Assert.Equal(0, sink.Length);
    }

    [Fact]
    public async Task A_completion_can_be_given_up_and_asked_for_again()
    {
        await using var peer = new MemoryPeer();
        var disk = new TaskCompletionSource();
        var sink = new MemorySink { Wait = disk.Task.WaitAsync };
        await using var collector = new TraceEventCollector(peer.Connection, sink);
        using var patience = new CancellationTokenSource();
        var given = collector.CompleteAsync(patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.Soon());
        disk.SetResult();
        Assert.Equal("{\"traceEvents\":[]}".Length, await collector.CompleteAsync().Soon());
    }

    private static async Task BecomesTrueAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, deadline.Token);
    }
}
