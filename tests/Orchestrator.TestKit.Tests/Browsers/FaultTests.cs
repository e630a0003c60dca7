using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Chromium;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.Cdp.Traces;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Tests.Support;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Tests.Browsers;

/// <summary>Each fault, by both ways in.</summary>
public sealed class FaultTests
{
    private static readonly TracingStartParams s_proto = new() { TransferMode = TransferMode.ReturnAsStream, StreamFormat = StreamFormat.Proto };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refused_connection_is_an_endpoint_that_nobody_listens_at(bool served)
    {
        await using var world = await World.OfAsync(served, new Fault.RefuseConnection());
        var error = await Assert.ThrowsAsync<CdpEndpointException>(() => world.ConnectAsync());
        Assert.Contains("cannot be reached: Connection refused", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refused_start_leaves_the_browser_free(bool served)
    {
        await using var world = await World.OfAsync(served, new Fault.RefuseStart());
        await using var connection = await world.ConnectAsync();
        await Refusals.AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, s_proto), "Tracing.start", -32000, Refusals.AlreadyStarted);
        await Refusals.AssertRefusedAsync(connection.CallAsync(TracingDomain.End), "Tracing.end", -32000, Refusals.NotStarted);
        Assert.Null(world.Browser.StartedAtNanos);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hung_browser_takes_everything_and_answers_nothing(bool served)
    {
        await using var world = await World.OfAsync(served, new Fault.Hang(TimeSpan.Zero));
        await using var connection = await world.ConnectAsync();
        await connection.CallAsync(TracingDomain.Start, s_proto).Soon();
        var marker = connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("m"));
        await using var another = await world.ConnectAsync();
        var version = another.CallAsync(BrowserDomain.GetVersion);
        Assert.False(connection.Broken.IsCompleted || another.Broken.IsCompleted);
        Assert.True(world.Browser.IsHung);
        // What a browser has sent before it dies arrives: had it answered, it would show now.
        world.Browser.Kill();
        await Assert.ThrowsAsync<CdpBrokenException>(() => marker.Soon());
        await Assert.ThrowsAsync<CdpBrokenException>(() => version.Soon());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_killed_browser_s_connections_end_and_nobody_is_let_in_any_more(bool served)
    {
        await using var world = await World.OfAsync(served, new Fault.Kill(TimeSpan.FromMilliseconds(20)));
        await using var connection = await world.ConnectAsync();
        await connection.CallAsync(TracingDomain.Start, s_proto).Soon();
        Assert.Equal(CdpBreakKind.Closed, (await connection.Broken.Soon()).Kind);
        Assert.True(world.Browser.IsDead);
        await Assert.ThrowsAsync<CdpEndpointException>(() => world.ConnectAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_slow_flush_takes_so_much_longer(bool served)
    {
        await using var world = await World.OfAsync(served, new Fault.SlowFlush(TimeSpan.FromMilliseconds(300)));
        await using var connection = await world.ConnectAsync();
        await connection.CallAsync(TracingDomain.Start, s_proto).Soon();
        var before = TimeProvider.System.GetTimestamp();
        await ChromiumClient.EndAsync(connection);
        Assert.InRange(TimeProvider.System.GetElapsedTime(before), TimeSpan.FromMilliseconds(290), TimeSpan.MaxValue);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lost_tracingComplete_never_comes_and_the_browser_is_free_again(bool served)
    {
        await using var world = await World.OfAsync(served, new Fault.LoseTracingComplete());
        await using var connection = await world.ConnectAsync();
        var completed = false;
        using var hearing = connection.On(TracingDomain.TracingComplete, _ => completed = true);
        await connection.CallAsync(TracingDomain.Start, s_proto).Soon();
        await connection.CallAsync(TracingDomain.End).Soon();
        await Refusals.StartWhenFreeAsync(connection);
        Assert.False(completed);
        Assert.DoesNotContain("Tracing.tracingComplete", world.Browser.EventCounts.Keys);
    }

    [Theory]
    [InlineData(false, TransferMode.ReturnAsStream)]
    [InlineData(true, TransferMode.ReturnAsStream)]
    [InlineData(false, TransferMode.ReportEvents)]
    [InlineData(true, TransferMode.ReportEvents)]
    public async Task A_connection_that_closes_mid_stream_has_brought_that_share_of_the_trace(bool served, TransferMode mode)
    {
        await using var world = await World.OfAsync(served, new Fault.CloseMidStream(0.5));
        var trace = "{\"traceEvents\":[" + string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"{{\"name\":\"{i:00000}\"}}")) + "]}";
        world.Browser.With(new TraceContent.Replayed(System.Text.Encoding.UTF8.GetBytes(trace)));
        await using var connection = await world.ConnectAsync();
        var sink = new MemorySink();
        await using var collector = new TraceEventCollector(connection, sink);
        var complete = new TaskCompletionSource<TracingComplete>();
        using var hearing = connection.On(TracingDomain.TracingComplete, complete.SetResult);
        await connection.CallAsync(TracingDomain.Start, new TracingStartParams { TransferMode = mode }).Soon();
        await connection.CallAsync(TracingDomain.End).Soon();
        if (mode is TransferMode.ReturnAsStream)
        {
            var stream = (await complete.Task.Soon()).Stream!;
            await Assert.ThrowsAsync<CdpBrokenException>(() => TraceStream.CopyToAsync(connection, stream, sink, new TraceStreamOptions { ReadSize = 10_000, ReadsInFlight = 1 }).Soon());
            Assert.InRange(sink.Length, trace.Length / 2, trace.Length / 2 + 10_000);
            Assert.StartsWith(sink.Text, trace, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(CdpBreakKind.Closed, (await connection.Broken.Soon()).Kind);
            Assert.False(complete.Task.IsCompleted);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_garbage_frame_breaks_the_connection_as_garbage(bool served)
    {
        await using var world = await World.OfAsync(served, new Fault.GarbageFrame(TimeSpan.FromMilliseconds(10)));
        await using var connection = await world.ConnectAsync();
        await connection.CallAsync(TracingDomain.Start, s_proto).Soon();
        Assert.Equal(CdpBreakKind.Garbage, (await connection.Broken.Soon()).Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_oversized_frame_is_as_large_as_was_asked_for(bool served)
    {
        const int bytes = 1_000_000;
        foreach (var (limit, breaks) in new[] { (bytes, false), (bytes - 1, true) })
        {
            await using var world = await World.OfAsync(served, new Fault.OversizedFrame(TimeSpan.FromMilliseconds(10), bytes));
            await using var connection = await world.ConnectAsync(new CdpConnectionOptions { MaxMessageBytes = limit });
            await connection.CallAsync(TracingDomain.Start, s_proto).Soon();
            if (breaks)
            {
                Assert.Equal(CdpBreakKind.Oversized, (await connection.Broken.Soon()).Kind);
            }
            else
            {
                using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
                while (connection.BytesReceived < bytes) await connection.CallAsync(BrowserDomain.GetVersion, ct: deadline.Token);
                await ChromiumClient.EndAsync(connection);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Duplicate_answers_come_twice_and_break_nothing(bool served)
    {
        await using var world = await World.OfAsync(served, new Fault.DuplicateAnswers(1));
        await using var connection = await world.ConnectAsync();
        await connection.CallAsync(TracingDomain.Start, s_proto).Soon();
        for (var i = 0; i < 5; i++) await connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams($"{i}")).Soon();
        var recorded = await ChromiumClient.EndAsync(connection);
        Assert.Equal(5, recorded.Survey().Markers.Count);
        Assert.InRange(connection.LateAnswers, 6, long.MaxValue);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Late_answers_are_overtaken_by_events_that_keep_their_times(bool served)
    {
        await using var world = await World.OfAsync(served, new Fault.LateAnswers(1, TimeSpan.FromMilliseconds(200)));
        await using var connection = await world.ConnectAsync();
        await connection.CallAsync(TracingDomain.Start, s_proto).Soon();
        var complete = new TaskCompletionSource();
        using var hearing = connection.On(TracingDomain.TracingComplete, _ => complete.TrySetResult());
        var before = TimeProvider.System.GetTimestamp();
        var end = connection.CallAsync(TracingDomain.End);
        await complete.Task.Soon();
        Assert.False(end.IsCompleted);
        await end.Soon();
        Assert.InRange(TimeProvider.System.GetElapsedTime(before), TimeSpan.FromMilliseconds(190), TimeSpan.MaxValue);
    }

    [Theory]
    [InlineData(false, StreamFormat.Json, "chunks_discarded")]
    [InlineData(true, StreamFormat.Proto, "chunks_discarded")]
    public async Task A_data_loss_takes_a_part_of_the_trace_and_says_so(bool served, StreamFormat format, string counter)
    {
        var markers = new List<int>();
        foreach (var fault in new Fault?[] { null, new Fault.DataLoss() })
        {
            await using var world = await World.OfAsync(served, fault);
            await using var connection = await world.ConnectAsync();
            await connection.CallAsync(TracingDomain.Start, s_proto with { StreamFormat = format }).Soon();
            for (var i = 0; i < 20; i++) await connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams($"{i:00}")).Soon();
            var recorded = await ChromiumClient.EndAsync(connection);
            var survey = recorded.Survey();
            Assert.Equal((fault is not null, fault is not null), (recorded.Complete.DataLossOccurred, survey.Losses.ContainsKey(counter)));
            Assert.Null(survey.CutOff);
            markers.Add(survey.Markers.Count);
        }

        Assert.Equal(20, markers[0]);
        Assert.InRange(markers[1], 1, 19);
    }

    /// <summary>A browser with a fault, and a way in.</summary>
    private sealed class World : IAsyncDisposable
    {
        private SimulatedBrowserServer? _server;

        public required SimulatedBrowser Browser { get; init; }

        public static async Task<World> OfAsync(bool served, Fault? fault)
        {
            var world = new World { Browser = new SimulatedBrowser(new BrowserConditions { Faults = fault is null ? [] : [fault] }) };
            if (served) world._server = await SimulatedBrowserServer.StartAsync([world.Browser]);
            return world;
        }

        public Task<CdpConnection> ConnectAsync(CdpConnectionOptions? options = null) =>
            _server is { } server
                ? CdpConnection.ConnectAsync(server.BrowserUrl, TimeProvider.System, options, CancellationToken.None).Soon()
                : Browser.ConnectAsync(options).Soon();

        public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
