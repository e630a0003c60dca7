using System.IO.Compression;
using System.Text;
using FsCheck.Xunit;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Connections;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.Cdp.Traces;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.Cdp.Tests.Traces;

public sealed class TraceStreamTests
{
    private const string End = """{"base64Encoded":false,"data":"","eof":true}""";

    /// <summary>Any bytes, text or not, in any parts, with any number of reads on their way.</summary>
    [Property(MaxTest = 300)]
    public async Task<bool> A_stream_arrives_as_it_is(byte[] bytes, bool binary, byte size, byte inFlight)
    {
        var source = binary ? bytes : Encoding.UTF8.GetBytes(string.Concat(bytes.Select(b => b % 3 == 0 ? "\"ü\n" : b % 3 == 1 ? "😀<" : new string((char)('a' + (b % 20)), b))));
        await using var peer = new MemoryPeer();
        Serve(peer.Transport, source, binary, most: size + 4);
        var sink = new MemorySink();
        var progress = new List<long>();
        var written = await TraceStream.CopyToAsync(peer.Connection, "1", sink, new TraceStreamOptions { ReadsInFlight = 1 + (inFlight % 64) }, progress.Add).Soon();
        return sink.Bytes.AsSpan().SequenceEqual(source) && written == source.Length && (source.Length == 0 || progress[^1] == written) && progress.SequenceEqual(progress.Order());
    }

    [Theory]
    [InlineData("json", "none")]
    [InlineData("json", "gzip")]
    [InlineData("proto", "none")]
    [InlineData("proto", "gzip")]
    public async Task A_recording_of_a_browser_comes_over_a_real_socket(string format, string compression)
    {
        var trace = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200_000).Select(i => $"{{\"näme\":\"{i} <😀>\"}},\n")));
        await using var server = await SimulatedBrowserServer.StartAsync(b => b.With(new TraceContent.Replayed(compression == "gzip" ? Gzipped(trace) : trace)));
        await using var connection = await CdpConnection.ConnectAsync(server.BrowserUrl, TimeProvider.System, null, CancellationToken.None);
        var complete = new TaskCompletionSource<TracingComplete>();
        using var hearing = connection.On(TracingDomain.TracingComplete, complete.SetResult);
        await connection.CallAsync(TracingDomain.Start, new TracingStartParams
        {
            TransferMode = TransferMode.ReturnAsStream,
            StreamFormat = Enum.Parse<StreamFormat>(format, true),
            StreamCompression = Enum.Parse<StreamCompression>(compression, true),
        }).Soon();
        await connection.CallAsync(TracingDomain.End).Soon();
        var sink = new MemorySink();
        await TraceStream.CopyToAsync(connection, (await complete.Task.Soon()).Stream!, sink, new TraceStreamOptions { ReadSize = 100_003 }).Soon();

        Stream read = new MemoryStream(sink.Bytes);
        if (compression == "gzip")
            read = new GZipStream(read, CompressionMode.Decompress);
        var whole = new MemoryStream();
        await read.CopyToAsync(whole);
        Assert.True(trace.AsSpan().SequenceEqual(whole.ToArray()));
        Assert.Equal("IO.close", server.Browser.Requests.Last().Method);
    }

    [Fact]
    public async Task As_many_reads_as_allowed_are_on_their_way_before_the_first_is_answered()
    {
        await using var peer = new MemoryPeer();
        var sink = new MemorySink();
        var copy = TraceStream.CopyToAsync(peer.Connection, "7", sink, new TraceStreamOptions { ReadSize = 5000, ReadsInFlight = 3, SessionId = "S" });
        var ids = new Queue<int>();
        for (var i = 0; i < 3; i++)
        {
            var command = await peer.NextCommandAsync();
            Assert.Equal(("IO.read", """{"handle":"7","size":5000}""", "S"), (command.Method, command.Params, command.SessionId));
            ids.Enqueue(command.Id);
        }

        // One more goes out for each that brings data, none once the end is known.
        await peer.AnswerAsync(ids.Dequeue(), """{"data":"a","eof":false}""");
        ids.Enqueue((await peer.NextCommandAsync()).Id);
        await peer.AnswerAsync(ids.Dequeue(), """{"data":"b","eof":true}""");
        foreach (var id in ids)
            await peer.AnswerAsync(id, End);
        var close = await peer.NextCommandAsync();
        Assert.Equal(("IO.close", """{"handle":"7"}""", "S"), (close.Method, close.Params, close.SessionId));
        await peer.AnswerAsync(close.Id);
        Assert.Equal(2, await copy.Soon());
        Assert.Equal("ab", sink.Text);
    }

    [Fact]
    public async Task Reads_behind_the_end_may_be_answered_with_errors_and_so_may_the_close()
    {
        await using var peer = new MemoryPeer();
        var sink = new MemorySink();
        var copy = TraceStream.CopyToAsync(peer.Connection, "1", sink, new TraceStreamOptions { ReadsInFlight = 3 });
        await peer.AnswerAsync((await peer.NextCommandAsync()).Id, """{"data":"a","eof":true}""");
        for (var i = 0; i < 3; i++)
            await peer.SendAsync($$$"""{"id":{{{(await peer.NextCommandAsync()).Id}}},"error":{"code":-32602,"message":"Invalid stream handle"}}""");
        Assert.Equal(1, await copy.Soon());
        await ConnectionSpec.AssertAliveAsync(peer);
    }

    [Fact]
    public async Task Data_behind_the_end_are_garbage()
    {
        await using var peer = new MemoryPeer();
        var copy = TraceStream.CopyToAsync(peer.Connection, "1", new MemorySink(), new TraceStreamOptions { ReadsInFlight = 2 });
        await peer.AnswerAsync((await peer.NextCommandAsync()).Id, End);
        await peer.AnswerAsync((await peer.NextCommandAsync()).Id, """{"data":"more","eof":true}""");
        Assert.Equal(CdpBreakKind.Garbage, (await Assert.ThrowsAsync<CdpBrokenException>(() => copy.Soon())).Break.Kind);
    }

    [Fact]
    public async Task An_answer_that_is_none_breaks_the_connection_as_garbage()
    {
        await using var peer = new MemoryPeer();
        var copy = TraceStream.CopyToAsync(peer.Connection, "1", new MemorySink());
        await peer.AnswerAsync((await peer.NextCommandAsync()).Id, """{"data":7}""");
        Assert.Equal(CdpBreakKind.Garbage, (await Assert.ThrowsAsync<CdpBrokenException>(() => copy.Soon())).Break.Kind);
        Assert.Equal(CdpBreakKind.Garbage, (await peer.Connection.Broken.Soon()).Kind);
    }

    [Fact]
    public async Task A_read_that_is_refused_is_the_browsers_error_and_what_came_before_is_kept()
    {
        await using var peer = new MemoryPeer();
        var sink = new MemorySink();
        var copy = TraceStream.CopyToAsync(peer.Connection, "1", sink, new TraceStreamOptions { ReadsInFlight = 2 });
        await peer.AnswerAsync((await peer.NextCommandAsync()).Id, """{"data":"kept","eof":false}""");
        await peer.SendAsync($$$"""{"id":{{{(await peer.NextCommandAsync()).Id}}},"error":{"code":-32000,"message":"Read failed"}}""");
        Assert.Equal("Read failed", (await Assert.ThrowsAsync<CdpErrorException>(() => copy.Soon())).Message);
        Assert.Equal("kept", sink.Text);

        // The read that was still on its way is answered to nobody; its buffer comes back all the same (the peer counts).
        var third = await peer.NextCommandAsync();
        var close = await peer.NextCommandAsync();
        Assert.Equal(("IO.read", "IO.close"), (third.Method, close.Method));
        await peer.AnswerAsync(third.Id, """{"data":"lost","eof":false}""");
        await peer.AnswerAsync(close.Id);
        await ConnectionSpec.AssertAliveAsync(peer);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_leaves_what_has_come()
    {
        await using var server = await SimulatedBrowserServer.StartAsync(b => b.With(new TraceContent.Replayed(new byte[1_000_000])).With(new Fault.CloseMidStream(0.7)));
        await using var connection = await CdpConnection.ConnectAsync(server.BrowserUrl, TimeProvider.System, null, CancellationToken.None);
        var handle = await RecordAsync(connection);
        var sink = new MemorySink();
        var error = await Assert.ThrowsAsync<CdpBrokenException>(() => TraceStream.CopyToAsync(connection, handle, sink, new TraceStreamOptions { ReadSize = 100_000, ReadsInFlight = 1 }).Soon());
        Assert.Equal((CdpBreakKind.Closed, "IO.read"), (error.Break.Kind, error.Method));
        Assert.Equal(700_000, sink.Length);
        Assert.Contains(server.BrowserUrl.Authority, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_breaks_behind_the_end_takes_nothing_away()
    {
        await using var peer = new MemoryPeer();
        var sink = new MemorySink();
        var copy = TraceStream.CopyToAsync(peer.Connection, "1", sink, new TraceStreamOptions { ReadsInFlight = 2 });
        await peer.AnswerAsync((await peer.NextCommandAsync()).Id, """{"data":"whole","eof":true}""");
        await peer.NextCommandAsync();
        peer.Drop();
        Assert.Equal(5, await copy.Soon());
    }

    [Fact]
    public async Task An_exception_of_the_sink_comes_out_as_it_is_and_the_stream_is_closed()
    {
        await using var peer = new MemoryPeer();
        var fault = new IOException("disk full");
        var copy = TraceStream.CopyToAsync(peer.Connection, "1", new MemorySink { Fault = fault, FaultAfter = 4 }, new TraceStreamOptions { ReadsInFlight = 2 });
        await peer.AnswerAsync((await peer.NextCommandAsync()).Id, """{"data":"four","eof":false}""");
        await peer.AnswerAsync((await peer.NextCommandAsync()).Id, """{"data":"5","eof":false}""");
        Assert.Same(fault, await Assert.ThrowsAsync<IOException>(() => copy.Soon()));

        var methods = new[] { await peer.NextCommandAsync(), await peer.NextCommandAsync(), await peer.NextCommandAsync() };
        Assert.Equal(["IO.read", "IO.read", "IO.close"], methods.Select(m => m.Method));
        await ConnectionSpec.AssertAliveAsync(peer);
    }

    [Fact]
    public async Task Cancellation_ends_the_copy_and_leaves_the_connection_alive()
    {
        await using var peer = new MemoryPeer();
        using var patience = new CancellationTokenSource();
        var copy = TraceStream.CopyToAsync(peer.Connection, "1", new MemorySink(), new TraceStreamOptions { ReadsInFlight = 2 }, ct: patience.Token);
        var first = await peer.NextCommandAsync();
        var second = await peer.NextCommandAsync();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copy.Soon());
        Assert.Equal("IO.close", (await peer.NextCommandAsync()).Method);
        await peer.AnswerAsync(first.Id, """{"data":"late","eof":false}""");
        await peer.AnswerAsync(second.Id, End);
        await ConnectionSpec.AssertAliveAsync(peer);
        Assert.Equal(2, peer.Connection.LateAnswers);
    }

    [Fact]
    public async Task A_slow_sink_is_never_given_two_parts_at_once_and_holds_no_more_than_the_reads_in_flight()
    {
        await using var peer = new MemoryPeer();
        var go = new SemaphoreSlim(0);
        var served = Serve(peer.Transport, new byte[100_000], binary: true, most: 1000);
        var sink = new MemorySink { Wait = ct => go.WaitAsync(ct) };
        var copy = TraceStream.CopyToAsync(peer.Connection, "1", sink, new TraceStreamOptions { ReadsInFlight = 4 });
        for (var i = 0; i < 100; i++)
        {
            Assert.InRange(served(), 0, i + 5);
            go.Release();
        }

        Assert.Equal(100_000, await copy.Soon());
    }

    internal static async Task<string> RecordAsync(CdpConnection connection)
    {
        var complete = new TaskCompletionSource<TracingComplete>();
        using var hearing = connection.On(TracingDomain.TracingComplete, complete.SetResult);
        await connection.CallAsync(TracingDomain.Start, new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, StreamFormat = StreamFormat.Proto }).Soon();
        await connection.CallAsync(TracingDomain.End).Soon();
        return (await complete.Task.Soon()).Stream!;
    }

    /// <summary>Answers reads from the bytes, at most so many at a time.</summary>
    /// <returns>How many reads have been answered.</returns>
    private static Func<int> Serve(MemoryTransport transport, byte[] source, bool binary, int most)
    {
        var (at, reads) = (0, 0);
        transport.OnSent = frame =>
        {
            var command = SentCommand.Parse(frame);
            var result = "{}";
            if (command.Method == "IO.read")
            {
                Interlocked.Increment(ref reads);
                var end = Math.Min(source.Length, at + most);
                while (!binary && end < source.Length && (source[end] & 0xC0) == 0x80)
                    end--;
                var part = source[at..end];
                var data = binary ? Convert.ToBase64String(part) : System.Text.Json.JsonEncodedText.Encode(part).ToString();
                result = $$"""{"base64Encoded":{{(binary ? "true" : "false")}},"data":"{{data}}","eof":{{(part.Length == 0 ? "true" : "false")}}}""";
                at = end;
            }

            transport.Deliver(Encoding.UTF8.GetBytes($"{{\"id\":{command.Id},\"result\":{result}}}"));
        };
        return () => Volatile.Read(ref reads);
    }

    private static byte[] Gzipped(byte[] plain)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(plain);
        return packed.ToArray();
    }
}
