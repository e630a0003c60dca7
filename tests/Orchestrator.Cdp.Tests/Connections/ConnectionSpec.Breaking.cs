using System.Text;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Support;

namespace Orchestrator.Cdp.Tests.Connections;

/// <summary>What breaks a connection, and what a broken one does.</summary>
public abstract partial class ConnectionSpec
{
    [Theory]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"id\":7}")]
    [InlineData("{\"id\":0,\"result\":{}}")]
    [InlineData("{\"id\":-1,\"result\":{}}")]
    [InlineData("{\"id\":99999999999,\"result\":{}}")]
    [InlineData("{\"id\":\"1\",\"result\":{}}")]
    [InlineData("{\"id\":1.5,\"result\":{}}")]
    [InlineData("{\"id\":1}")]
    [InlineData("{\"id\":1,\"result\":5}")]
    [InlineData("{\"id\":1,\"result\":null}")]
    [InlineData("{\"id\":1,\"result\":{\"categories\":5}}")]
    [InlineData("{\"id\":1,\"result\":{}}")]
    [InlineData("{\"id\":1,\"result\":{\"categories\":[]}")]
    [InlineData("{\"id\":1,\"result\":{\"categories\":[]}} and more")]
    [InlineData("{\"id\":1,\"error\":{}}")]
    [InlineData("{\"id\":1,\"error\":\"no\"}")]
    [InlineData("{\"id\":1,\"error\":{\"code\":\"x\",\"message\":\"y\"}}")]
    [InlineData("{\"result\":{\"categories\":[]}}")]
    [InlineData("{\"method\":5}")]
    [InlineData("{\"method\":\"Tracing.tracingComplete\",\"params\":{}}")]
    [InlineData("{\"method\":\"Tracing.tracingComplete\",\"params\":{\"dataLossOccurred\":\"no\"}}")]
    [InlineData("{\"method\":\"Tracing.tracingComplete\",\"params\":{\"dataLossOccurred\":false,\"traceFormat\":\"xml\"}}")]
    [InlineData("{\"method\":\"Tracing.tracingComplete\",\"params\":null}")]
    [InlineData("{\"method\":\"Tracing.tracingComplete\"}")]
    [InlineData("{\"error\":{\"code\":-32700,\"message\":\"JSON: invalid token at position 0\"}}")]
    public async Task What_is_not_the_protocol_breaks_the_connection_as_garbage(string message)
    {
        await using var peer = await StartAsync();
        using var hearing = peer.Connection.On(TracingDomain.TracingComplete, _ => { });
        var call = peer.Connection.CallAsync(TracingDomain.GetCategories);
        Assert.Equal(1, (await peer.NextCommandAsync()).Id);
        await peer.SendAsync(message);

        var error = await Assert.ThrowsAsync<CdpBrokenException>(() => call.Soon());
        Assert.Equal((CdpBreakKind.Garbage, "Tracing.getCategories"), (error.Break.Kind, error.Method));
        Assert.Equal(error.Break, await peer.Connection.Broken.Soon());
    }

    [Fact]
    public async Task Bytes_that_are_no_text_break_the_connection_as_garbage()
    {
        await using var peer = await StartAsync();
        await peer.SendAsync(new byte[] { 0x7B, 0x22, 0xFF, 0xFE, 0x22 });
        Assert.Equal(CdpBreakKind.Garbage, (await peer.Connection.Broken.Soon()).Kind);
    }

    [Fact]
    public async Task An_answer_to_a_command_that_was_never_sent_breaks_the_connection_as_garbage()
    {
        await using var peer = await StartAsync();
        var call = peer.Connection.CallAsync(TracingDomain.End);
        await peer.NextCommandAsync();
        await peer.AnswerAsync(4711);

        var error = await Assert.ThrowsAsync<CdpBrokenException>(() => call.Soon());
        Assert.Equal(CdpBreakKind.Garbage, error.Break.Kind);
        Assert.Contains("4711", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1024)]
    [InlineData(5_000_000)]
    public async Task A_message_that_is_too_large_breaks_the_connection(int tooMuch)
    {
        await using var peer = await StartAsync(new CdpConnectionOptions { MaxMessageBytes = 4096, ReceiveBufferBytes = 256 });
        var call = peer.Connection.CallAsync(TracingDomain.GetCategories);
        var command = await peer.NextCommandAsync();
        await SendPaddedAsync(peer, command.Id, 4096 + tooMuch);
        var error = await Assert.ThrowsAsync<CdpBrokenException>(() => call.Soon());
        Assert.Equal(CdpBreakKind.Oversized, error.Break.Kind);
        Assert.Contains("4096", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(4095)]
    [InlineData(4096)]
    public async Task A_message_as_large_as_allowed_is_taken(int size)
    {
        await using var peer = await StartAsync(new CdpConnectionOptions { MaxMessageBytes = 4096, ReceiveBufferBytes = 256 });
        for (var i = 0; i < 3; i++)
        {
            var call = peer.Connection.CallAsync(TracingDomain.GetCategories);
            var command = await peer.NextCommandAsync();
            await SendPaddedAsync(peer, command.Id, size);
            Assert.Empty((await call.Soon()).Result.Categories);
        }
    }

    [Fact]
    public async Task A_close_within_a_message_fails_the_calls_that_wait()
    {
        await using var peer = await StartAsync();
        var calls = new[] { peer.Connection.CallAsync(TracingDomain.End), peer.Connection.CallAsync(TracingDomain.End) };
        var command = await peer.NextCommandAsync();
        await peer.SendAsync(Encoding.UTF8.GetBytes($"{{\"id\":{command.Id},\"res"), end: false);
        peer.Drop();

        foreach (var call in calls)
            Assert.Equal(CdpBreakKind.Closed, (await Assert.ThrowsAsync<CdpBrokenException>(() => call.Soon())).Break.Kind);
    }

    [Fact]
    public async Task An_orderly_close_tells_the_peers_reason()
    {
        await using var peer = await StartAsync();
        await peer.CloseAsync("target went away");
        var reason = await peer.Connection.Broken.Soon();
        Assert.Equal(CdpBreakKind.Closed, reason.Kind);
        Assert.Contains("target went away", reason.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_came_before_a_close_is_delivered()
    {
        await using var peer = await StartAsync();
        var call = peer.Connection.CallAsync(TracingDomain.GetCategories);
        var command = await peer.NextCommandAsync();
        await peer.AnswerAsync(command.Id, """{"categories":["last words"]}""");
        await peer.CloseAsync("bye");
        Assert.Equal(["last words"], (await call.Soon()).Result.Categories);
        Assert.Equal(CdpBreakKind.Closed, (await peer.Connection.Broken.Soon()).Kind);
    }

    [Fact]
    public async Task The_first_reason_of_a_break_is_kept_and_later_calls_fail_with_it()
    {
        await using var peer = await StartAsync();
        var first = new CdpBreak(CdpBreakKind.Faulted, "the first", new IOException("disk"));
        peer.Connection.Break(first);
        peer.Connection.Break(new CdpBreak(CdpBreakKind.Garbage, "the second"));
        peer.Drop();
        await peer.Connection.DisposeAsync();

        Assert.Equal(first, await peer.Connection.Broken.Soon());
        var error = await Assert.ThrowsAsync<CdpBrokenException>(() => peer.Connection.CallAsync(TracingDomain.End).Soon());
        Assert.Equal(first, error.Break);
        Assert.IsType<IOException>(error.InnerException);
        Assert.Contains("the first", error.Message, StringComparison.Ordinal);
        Assert.Contains("Tracing.end", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Breaking_from_many_threads_keeps_one_reason_and_fails_every_call()
    {
        await using var peer = await StartAsync();
        var calls = Enumerable.Range(0, 50).Select(_ => peer.Connection.CallAsync(TracingDomain.End)).ToArray();
        var more = Task.Run(() => Enumerable.Range(0, 50).Select(_ => peer.Connection.CallAsync(TracingDomain.End)).ToArray());
        Parallel.For(0, 8, i => peer.Connection.Break(new CdpBreak(CdpBreakKind.Faulted, $"reason {i}")));
        var reason = await peer.Connection.Broken.Soon();
        foreach (var call in calls.Concat(await more))
            Assert.Equal(reason, (await Assert.ThrowsAsync<CdpBrokenException>(() => call.Soon())).Break);
    }

    [Fact]
    public async Task Disposal_fails_the_calls_that_wait_and_can_be_repeated()
    {
        await using var peer = await StartAsync();
        var call = peer.Connection.CallAsync(TracingDomain.End);
        await Task.WhenAll(peer.Connection.DisposeAsync().AsTask(), peer.Connection.DisposeAsync().AsTask()).Soon();
        Assert.Equal(CdpBreakKind.Disposed, (await Assert.ThrowsAsync<CdpBrokenException>(() => call.Soon())).Break.Kind);
        await peer.Connection.DisposeAsync();
    }

    private static async Task SendPaddedAsync(Peer peer, int id, int size)
    {
        var message = $"{{\"id\":{id},\"result\":{{\"categories\":[]}},\"pad\":\"\"}}";
        message = message.Insert(message.Length - 2, new string('x', size - message.Length));
        try
        {
            await peer.SendAsync(message);
        }
        catch (Exception e) when (e is System.Net.WebSockets.WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection was broken while the message was still on its way.
        }
    }
}
