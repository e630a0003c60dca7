using System.Text;
using FsCheck.Xunit;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.Cdp.Traces;

namespace Orchestrator.Cdp.Tests.Connections;

public sealed class WebSocketConnectionTests : ConnectionSpec
{
    internal override async Task<Peer> StartAsync(CdpConnectionOptions? options = null) => await WebSocketPeer.StartAsync(options);
}

public sealed class MemoryConnectionTests : ConnectionSpec
{
    internal override Task<Peer> StartAsync(CdpConnectionOptions? options = null) => Task.FromResult<Peer>(new MemoryPeer(options));

    [Fact]
    public async Task Nothing_is_read_before_the_start_and_a_second_start_changes_nothing()
    {
        await using var peer = new MemoryPeer(start: false);
        var call = peer.Connection.CallAsync(TracingDomain.GetCategories);
        var command = await peer.NextCommandAsync();
        await peer.AnswerAsync(command.Id, """{"categories":["a"]}""");
        Assert.Equal(0, peer.Transport.Receives);
        peer.Connection.Start();
        peer.Connection.Start();
        Assert.Equal(["a"], (await call.Soon()).Result.Categories);
    }

    [Fact]
    public async Task A_connection_that_was_never_started_is_closed_all_the_same()
    {
        var peer = new MemoryPeer(start: false);
        await peer.DisposeAsync();
        peer.Connection.Start();
        Assert.True(peer.Transport.Disposed);
        Assert.Equal(0, peer.Transport.Receives);
    }

    [Fact]
    public async Task A_frame_is_what_the_protocol_wants()
    {
        await using var peer = new MemoryPeer();
        _ = peer.Connection.CallAsync(TracingDomain.End);
        _ = peer.Connection.CallAsync(IODomain.Read, new IOReadParams("1", Size: 5), "S");
        Assert.Equal("""{"id":1,"method":"Tracing.end","params":{}}""", (await peer.NextCommandAsync()).Text);
        Assert.Equal("""{"id":2,"method":"IO.read","params":{"handle":"1","size":5},"sessionId":"S"}""", (await peer.NextCommandAsync()).Text);
    }

    [Fact]
    public async Task A_send_that_is_stuck_holds_up_nobody_who_gives_up()
    {
        await using var peer = new MemoryPeer();
        var stuck = new TaskCompletionSource();
        peer.Transport.OnSend = ct => stuck.Task.WaitAsync(ct);
        using var patience = new CancellationTokenSource();
        var first = peer.Connection.CallAsync(TracingDomain.End, ct: patience.Token);
        var second = peer.Connection.CallAsync(TracingDomain.GetCategories, ct: patience.Token);
        var third = peer.Connection.CallAsync(TracingDomain.GetCategories);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Soon());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Soon());

        // The frame that was on its way goes out whole; the one that waited for its turn is not sent any more.
        stuck.SetResult();
        Assert.Equal("Tracing.end", (await peer.NextCommandAsync()).Method);
        var command = await peer.NextCommandAsync();
        Assert.Equal(("Tracing.getCategories", 3), (command.Method, command.Id));
        await peer.AnswerAsync(command.Id, """{"categories":[]}""");
        await third.Soon();
    }

    [Fact]
    public async Task A_send_that_is_stuck_does_not_keep_the_connection_open()
    {
        var peer = new MemoryPeer();
        peer.Transport.OnSend = ct => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        var call = peer.Connection.CallAsync(TracingDomain.End);
        await peer.DisposeAsync().Soon();
        Assert.Equal(CdpBreakKind.Disposed, (await Assert.ThrowsAsync<CdpBrokenException>(() => call.Soon())).Break.Kind);
        Assert.True(peer.Transport.Disposed);
    }

    [Fact]
    public async Task A_send_that_fails_breaks_the_connection_and_names_the_command()
    {
        await using var peer = new MemoryPeer();
        peer.Transport.OnSend = _ => throw new IOException("broken pipe");
        var error = await Assert.ThrowsAsync<CdpBrokenException>(() => peer.Connection.CallAsync(TracingDomain.End).Soon());
        Assert.Equal(CdpBreakKind.Closed, error.Break.Kind);
        Assert.Contains("Tracing.end could not be sent: broken pipe", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transport_whose_protocol_is_violated_breaks_the_connection_as_garbage()
    {
        await using var peer = new MemoryPeer();
        peer.Transport.DeliverError(new InvalidDataException("a reserved bit is set"));
        var reason = await peer.Connection.Broken.Soon();
        Assert.Equal((CdpBreakKind.Garbage, "a reserved bit is set"), (reason.Kind, reason.Reason));
    }

    [Fact]
    public async Task The_instants_are_those_of_the_injected_clock()
    {
        var time = new StepClock();
        await using var peer = new MemoryPeer(time: time);
        time.Now = 1000;
        var call = peer.Connection.CallAsync(TracingDomain.End);
        var command = await peer.NextCommandAsync();
        time.Now = 2500;
        await peer.AnswerAsync(command.Id);
        var reply = await call.Soon();
        Assert.Equal((1000, 2500), (reply.SentAt, reply.AnsweredAt));
    }

    [Fact]
    public async Task Data_collected_is_handed_over_before_the_handler_of_tracing_complete_runs()
    {
        await using var peer = new MemoryPeer();
        var sink = new MemorySink();
        await using var collector = new TraceEventCollector(peer.Connection, sink);
        var order = new TaskCompletionSource<Task<long>>();
        using var end = peer.Connection.On(TracingDomain.TracingComplete, _ => order.SetResult(collector.CompleteAsync()));
        for (var i = 0; i < 100; i++)
            await peer.SendAsync($$$"""{"method":"Tracing.dataCollected","params":{"value":[{"i":{{{i}}}}]}}""");
        await peer.SendAsync("""{"method":"Tracing.tracingComplete","params":{"dataLossOccurred":false}}""");
        var written = await (await order.Task.Soon()).Soon();

        Assert.Equal($"{{\"traceEvents\":[{string.Join(',', Enumerable.Range(0, 100).Select(i => $"{{\"i\":{i}}}"))}]}}", sink.Text);
        Assert.Equal(sink.Length, written);
    }

    [Fact]
    public async Task No_exception_stays_unobserved_when_a_connection_breaks_under_calls_that_nobody_awaits()
    {
        var unobserved = new List<string>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            lock (unobserved)
                unobserved.Add(e.Exception.ToString());
        }

        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            await BreakUnderCallsAsync();
            for (var i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }

        Assert.DoesNotContain(unobserved, text => text.Contains("nobody-awaits", StringComparison.Ordinal));

        static async Task BreakUnderCallsAsync()
        {
            await using var peer = new MemoryPeer(new CdpConnectionOptions { Name = "nobody-awaits" });
            using var given = new CancellationTokenSource();
            for (var i = 0; i < 10; i++)
            {
                // A caller that gave up and looks away, as WhenAny does.
                _ = peer.Connection.ReadStreamAsync(new IOReadParams("1"), null, given.Token);
                _ = peer.Connection.Prepare(TracingDomain.End);
            }

            await given.CancelAsync();
            await using var collector = new TraceEventCollector(peer.Connection, new MemorySink { Fault = new IOException("nobody-awaits") });
            await peer.SendAsync("""{"method":"Tracing.dataCollected","params":{"value":[{}]}}""");
            await peer.Connection.Broken.Soon();
        }
    }

    /// <summary>Whatever the pieces in which bytes arrive, the messages are the same.</summary>
    [Property(MaxTest = 200)]
    public async Task<bool> Any_chunking_of_the_incoming_bytes_gives_the_same_result(byte[] sizes, byte bufferSize)
    {
        var trace = Encoding.UTF8.GetBytes("{\"traceEvents\":[{\"name\":\"\\u00fc <b>\"}]}");
        await using var peer = new MemoryPeer(new CdpConnectionOptions { ReceiveBufferBytes = 256 + bufferSize, MaxMessageBytes = 4096 });
        var sink = new MemorySink();
        await using var collector = new TraceEventCollector(peer.Connection, sink);
        var usage = new TaskCompletionSource<double?>();
        using var hearing = peer.Connection.On(TracingDomain.BufferUsage, e => usage.TrySetResult(e.PercentFull));
        var categories = peer.Connection.CallAsync(TracingDomain.GetCategories);
        var failing = peer.Connection.CallAsync(TracingDomain.End);
        var read = peer.Connection.ReadStreamAsync(new IOReadParams("1"), null, CancellationToken.None);

        string[] messages =
        [
            """{"method":"Tracing.bufferUsage","params":{"percentFull":0.5}}""",
            """{"method":"Tracing.dataCollected","params":{"value":[{"a":1},{"b":"]}}"}]}}""",
            """{"id":2,"error":{"code":-32000,"message":"no \"such\" thing \u00fc"}}""",
            """{"id":3,"result":{"base64Encoded":true,"data":"CONTENT","eof":false}}""".Replace("CONTENT", Convert.ToBase64String(trace), StringComparison.Ordinal),
            """{"method":"Tracing.dataCollected","params":{"value":[{"c":"ü€😀"}]}}""",
            """{"result":{"categories":["a","ü"]},"id":1}""",
        ];
        var turn = 0;
        foreach (var message in messages)
        {
            ReadOnlyMemory<byte> rest = Encoding.UTF8.GetBytes(message);
            while (rest.Length > 0)
            {
                var size = sizes.Length == 0 ? 1 : Math.Clamp(sizes[turn++ % sizes.Length] % 40, 1, rest.Length);
                await peer.SendAsync(rest[..size], end: size == rest.Length);
                rest = rest[size..];
            }
        }

        var names = (await categories.Soon()).Result.Categories;
        var error = await Assert.ThrowsAsync<CdpErrorException>(() => failing.Soon());
        using var decoder = new StreamChunkDecoder(peer.Pool);
        using var chunk = await read.Soon();
        var data = decoder.Decode(chunk.Bytes, out var eof).ToArray();
        await collector.CompleteAsync().Soon();
        return names is ["a", "ü"] && error.Message == "no \"such\" thing ü" && data.AsSpan().SequenceEqual(trace) && !eof
            && await usage.Task.Soon() == 0.5 && sink.Text == """{"traceEvents":[{"a":1},{"b":"]}}"},{"c":"ü€😀"}]}""";
    }

    private sealed class StepClock : TimeProvider
    {
        public long Now { get; set; }

        public override long GetTimestamp() => Now;
    }
}
