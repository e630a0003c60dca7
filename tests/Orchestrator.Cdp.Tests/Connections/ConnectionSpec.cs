using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Support;

namespace Orchestrator.Cdp.Tests.Connections;

/// <summary>What a connection does, whatever transport carries it. Each peer checks at its end that all buffers have come back.</summary>
public abstract partial class ConnectionSpec
{
    private const string Version = """{"protocolVersion":"1.3","product":"P","revision":"R","userAgent":"U","jsVersion":"J"}""";

    internal abstract Task<Peer> StartAsync(CdpConnectionOptions? options = null);

    [Fact]
    public async Task A_command_goes_out_and_its_answer_comes_back_between_its_two_instants()
    {
        await using var peer = await StartAsync();
        var before = TimeProvider.System.GetTimestamp();
        var call = peer.Connection.CallAsync(BrowserDomain.GetVersion);
        var command = await peer.NextCommandAsync();
        var received = TimeProvider.System.GetTimestamp();
        await peer.AnswerAsync(command.Id, Version);
        var reply = await call.Soon();

        Assert.Equal(("Browser.getVersion", "{}", null), (command.Method, command.Params, command.SessionId));
        Assert.Equal("P", reply.Result.Product);
        Assert.InRange(reply.SentAt, before, received);
        Assert.InRange(reply.AnsweredAt, received, TimeProvider.System.GetTimestamp());
    }

    [Fact]
    public async Task Parameters_and_session_travel_with_the_command()
    {
        await using var peer = await StartAsync();
        var call = peer.Connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("m-\"1\" ü"), "S1");
        var command = await peer.NextCommandAsync();
        await peer.SendAsync($"{{\"id\":{command.Id},\"result\":{{}},\"sessionId\":\"S1\"}}");
        await call.Soon();

        Assert.Equal("S1", command.SessionId);
        Assert.Equal("m-\"1\" ü", System.Text.Json.JsonDocument.Parse(command.Params).RootElement.GetProperty("syncId").GetString());
    }

    [Fact]
    public async Task Answers_in_any_order_find_their_calls()
    {
        await using var peer = await StartAsync();
        var calls = Enumerable.Range(0, 100).Select(_ => peer.Connection.CallAsync(TargetDomain.CreateTarget, new CreateTargetParams("about:blank"))).ToArray();
        var ids = new List<int>();
        foreach (var _ in calls)
            ids.Add((await peer.NextCommandAsync()).Id);
        foreach (var id in ids.OrderBy(id => id * 7919 % 101))
            await peer.AnswerAsync(id, $"{{\"targetId\":\"T{id}\"}}");

        var targets = await Task.WhenAll(calls).Soon();
        Assert.Equal(ids.Select(id => $"T{id}").Order(), targets.Select(t => t.Result.TargetId).Order());
        Assert.Equal(ids.Distinct().Count(), ids.Count);
    }

    [Fact]
    public async Task Calls_from_many_threads_are_all_answered()
    {
        await using var peer = await StartAsync();
        var answering = Task.Run(async () =>
        {
            for (var i = 0; i < 400; i++)
            {
                var command = await peer.NextCommandAsync();
                await peer.AnswerAsync(command.Id, $"{{\"targetId\":{command.Params.Split(':')[1].TrimEnd('}')}}}");
            }
        });
        var callers = Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                var reply = await peer.Connection.CallAsync(TargetDomain.CreateTarget, new CreateTargetParams($"{caller}-{i}"));
                Assert.Equal($"{caller}-{i}", reply.Result.TargetId);
            }
        }));
        await Task.WhenAll(callers).Soon();
        await answering.Soon();
    }

    [Fact]
    public async Task An_error_answer_is_an_exception_with_the_browsers_own_text()
    {
        await using var peer = await StartAsync();
        var call = peer.Connection.CallAsync(TracingDomain.End);
        var command = await peer.NextCommandAsync();
        await peer.SendAsync($$$"""{"id":{{{command.Id}}},"error":{"code":-32000,"message":"Tracing is not started","data":"and why"}}""");

        var error = await Assert.ThrowsAsync<CdpErrorException>(() => call.Soon());
        Assert.Equal(("Tracing.end", -32000, "Tracing is not started", "and why"), (error.Method, error.Code, error.Message, error.Detail));
        Assert.False(peer.Connection.Broken.IsCompleted);
    }

    [Fact]
    public async Task A_call_that_is_given_up_leaves_the_connection_alive_and_its_late_answer_is_dropped()
    {
        await using var peer = await StartAsync();
        using var patience = new CancellationTokenSource();
        var given = peer.Connection.CallAsync(TracingDomain.End, ct: patience.Token);
        var first = await peer.NextCommandAsync();
        await patience.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.Soon());
        Assert.Equal(patience.Token, cancelled.CancellationToken);

        await peer.AnswerAsync(first.Id);
        await AssertAliveAsync(peer);
        Assert.Equal(1, peer.Connection.LateAnswers);
    }

    [Fact]
    public async Task A_call_with_a_cancelled_token_is_not_sent()
    {
        await using var peer = await StartAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => peer.Connection.CallAsync(TracingDomain.End, ct: new CancellationToken(true)).Soon());
        await AssertAliveAsync(peer);
    }

    [Fact]
    public async Task A_second_answer_to_the_same_call_is_dropped()
    {
        await using var peer = await StartAsync();
        var call = peer.Connection.CallAsync(TracingDomain.GetCategories);
        var command = await peer.NextCommandAsync();
        await peer.AnswerAsync(command.Id, """{"categories":["first"]}""");
        await peer.AnswerAsync(command.Id, """{"categories":["second"]}""");

        Assert.Equal(["first"], (await call.Soon()).Result.Categories);
        await AssertAliveAsync(peer);
        Assert.Equal(1, peer.Connection.LateAnswers);
    }

    [Fact]
    public async Task What_is_unknown_in_a_message_is_skipped()
    {
        await using var peer = await StartAsync();
        var call = peer.Connection.CallAsync(TracingDomain.GetCategories);
        var command = await peer.NextCommandAsync();
        await peer.SendAsync("""{"method":"Future.event","params":{"id":12,"method":[{}]}}""");
        await peer.SendAsync($$""" { "new" : [ {"id":3} ], "result" : { "other" : {}, "categories" : [ "a" ] } , "id" : {{command.Id}} } """);
        Assert.Equal(["a"], (await call.Soon()).Result.Categories);
    }

    [Fact]
    public async Task A_reply_of_ten_megabytes_arrives_whole()
    {
        await using var peer = await StartAsync();
        var call = peer.Connection.CallAsync(IODomain.Read, new IOReadParams("1"));
        var command = await peer.NextCommandAsync();
        Assert.Equal("""{"handle":"1"}""", command.Params);
        var data = string.Create(10 << 20, 0, (text, _) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = (char)('a' + (i % 25));
        });
        await peer.AnswerAsync(command.Id, $$"""{"base64Encoded":false,"data":"{{data}}","eof":false}""");

        var reply = await call.Soon();
        Assert.True(data == reply.Result.Data);
        Assert.True(peer.Connection.BytesReceived > 10 << 20);
    }

    [Fact]
    public async Task Events_reach_their_handlers_in_order_by_name_and_session()
    {
        await using var peer = await StartAsync();
        var heard = new List<string>();
        var complete = new TaskCompletionSource();
        using var root = peer.Connection.On(TracingDomain.BufferUsage, e => heard.Add($"root {e.PercentFull}"));
        using var again = peer.Connection.On(TracingDomain.BufferUsage, e => heard.Add($"again {e.PercentFull}"));
        using var session = peer.Connection.On(TracingDomain.BufferUsage, e => heard.Add($"session {e.PercentFull}"), "S1");
        using var end = peer.Connection.On(TracingDomain.TracingComplete, _ => complete.SetResult());
        await peer.SendAsync("""{"method":"Tracing.bufferUsage","params":{"percentFull":0.25,"eventCount":0,"value":0.25}}""");
        again.Dispose();
        again.Dispose();
        await peer.SendAsync("""{"method":"Tracing.bufferUsage","params":{"percentFull":0.5},"sessionId":"S1"}""");
        await peer.SendAsync("""{"method":"Tracing.bufferUsage","params":{"percentFull":0.75},"sessionId":"S2"}""");
        await peer.SendAsync("""{"method":"Tracing.bufferUsage"}""");
        await peer.SendAsync("""{"method":"Tracing.tracingComplete","params":{"dataLossOccurred":false}}""");
        await complete.Task.Soon();

        heard.Remove("again 0.25"); // whether it was heard depends on who was first
        Assert.Equal(["root 0.25", "session 0.5", "root "], heard);
    }

    [Fact]
    public async Task A_handler_that_throws_breaks_the_connection_as_faulted()
    {
        await using var peer = await StartAsync();
        var fault = new IOException("disk full");
        using var hearing = peer.Connection.On(TracingDomain.BufferUsage, _ => throw fault);
        var call = peer.Connection.CallAsync(TracingDomain.End);
        await peer.NextCommandAsync();
        await peer.SendAsync("""{"method":"Tracing.bufferUsage","params":{}}""");

        var error = await Assert.ThrowsAsync<CdpBrokenException>(() => call.Soon());
        Assert.Equal(CdpBreakKind.Faulted, error.Break.Kind);
        Assert.Same(fault, error.Break.Cause);
        Assert.Contains("Tracing.bufferUsage", error.Message, StringComparison.Ordinal);
        Assert.Contains("disk full", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prepared_call_is_sent_when_it_is_told_to_and_only_once()
    {
        await using var peer = await StartAsync();
        var prepared = peer.Connection.Prepare(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams("later"));
        var other = peer.Connection.CallAsync(TracingDomain.End);
        Assert.Equal("Tracing.end", (await peer.NextCommandAsync()).Method);

        var before = TimeProvider.System.GetTimestamp();
        var sent = prepared.SendAsync();
        var command = await peer.NextCommandAsync();
        await peer.AnswerAsync(command.Id);
        Assert.Equal("""{"syncId":"later"}""", command.Params);
        Assert.True((await sent.Soon()).SentAt >= before);
        await Assert.ThrowsAsync<InvalidOperationException>(() => prepared.SendAsync());
        await peer.AnswerAsync(2);
        await other.Soon();
    }

    /// <summary>A command is answered, so everything that was sent before it has been dealt with.</summary>
    internal static async Task AssertAliveAsync(Peer peer)
    {
        var call = peer.Connection.CallAsync(TracingDomain.RequestMemoryDump, new RequestMemoryDumpParams());
        var command = await peer.NextCommandAsync();
        Assert.Equal("Tracing.requestMemoryDump", command.Method);
        await peer.AnswerAsync(command.Id, """{"dumpGuid":"0x1","success":true}""");
        Assert.True((await call.Soon()).Result.Success);
        Assert.False(peer.Connection.Broken.IsCompleted);
    }
}
