using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Api;

public sealed class SpoolTransferTests : IDisposable
{
    private const string Session = "20261123-124501-x7k2";
    private const string Trace = "browsers/b1.pftrace.gz";

    private static readonly DownloadPatience Patience = new(4, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2));
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    [Fact]
    public async Task Files_come_under_the_names_that_they_have_there()
    {
        await using var node = await ServedNode.StartAsync();
        TraceFile[] files = [Spooled(node, Trace, Noise(300_000)), Spooled(node, "browsers/b2.pftrace.gz.partial", Noise(70)), Spooled(node, "browsers/b1.recording.json", Noise(0))];
        await Transfer().FetchAsync(node.Address, Session, files, _folder.Path, CancellationToken.None);
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(Path.Combine(node.Node.SpoolsFolder, Session, file.Path)), File.ReadAllBytes(_folder.In(file.Path))));
        Assert.Equal(3, FilesHere().Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_connection_that_breaks_anywhere_is_made_again_and_goes_on_where_it_stood(int seed)
    {
        var random = new Random(seed);
        await using var node = await ServedNode.StartAsync();
        var file = Spooled(node, Trace, Noise(random.Next(1, 2_000_000)));
        // From within the headers to far into the bytes. The tenth holds.
        await using var proxy = new CuttingProxy(node.Address, number => number < 10 ? random.Next(1, number % 3 == 0 ? 300 : 400_000) : long.MaxValue);
        await Transfer(Patience with { Attempts = 20 }).FetchAsync(proxy.Address, Session, [file], _folder.Path, CancellationToken.None);
        Assert.Equal(file.Sha256, Hash(File.ReadAllBytes(_folder.In(Trace))));
        Assert.Single(FilesHere());
    }

    [Fact]
    public async Task What_came_before_the_break_is_not_sent_again()
    {
        var bytes = Noise(100_000);
        var ranges = new List<string>();
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            lock (ranges) ranges.Add($"{context.Request.Headers.Range} {context.Request.Headers.IfRange}");
            var from = context.Request.Headers.Range is [{ } range] ? int.Parse(range["bytes=".Length..^1], null) : 0;
            context.Response.StatusCode = from > 0 ? StatusCodes.Status206PartialContent : StatusCodes.Status200OK;
            if (from > 0) context.Response.Headers.ContentRange = $"bytes {from}-{bytes.Length - 1}/{bytes.Length}";
            context.Response.Headers.ETag = "\"v1\"";
            // Less than that comes: the server closes the connection then.
            context.Response.ContentLength = bytes.Length - from;
            await context.Response.Body.WriteAsync(bytes.AsMemory(from, Math.Min(40_000, bytes.Length - from)));
        });
        await FetchAsync(server, bytes);
        Assert.Equal([" ", "bytes=40000- \"v1\"", "bytes=80000- \"v1\""], ranges);
        Assert.Equal(bytes, File.ReadAllBytes(_folder.In(Trace)));
    }

    [Fact]
    public async Task A_file_that_became_another_one_begins_anew()
    {
        byte[][] versions = [Noise(50_000, seed: 1), Noise(50_000, seed: 2)];
        var requests = 0;
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            // As a server does to whom If-Range names another version: all of it.
            var version = Interlocked.Increment(ref requests) == 1 ? 0 : 1;
            context.Response.Headers.ETag = $"\"v{version}\"";
            context.Response.ContentLength = 50_000;
            await context.Response.Body.WriteAsync(versions[version].AsMemory(0, version == 0 ? 20_000 : 50_000));
        });
        await FetchAsync(server, versions[1]);
        Assert.Equal(versions[1], File.ReadAllBytes(_folder.In(Trace)));
    }

    [Fact]
    public async Task Other_bytes_than_were_recorded_are_not_kept()
    {
        await using var node = await ServedNode.StartAsync();
        var file = Spooled(node, Trace, Noise(1000));
        var told = await FailureAsync(() => Transfer().FetchAsync(node.Address, Session, [file with { Sha256 = Hash([1]) }], _folder.Path, CancellationToken.None));
        Assert.StartsWith($"{Trace} of session {Session} could not be fetched from {node.Address}: its SHA-256 is {file.Sha256}, announced was {Hash([1])}", told);
        Assert.Empty(FilesHere());
    }

    [Theory]
    [InlineData(-1, "it has 1000 bytes there, announced were 999")]
    [InlineData(1, "it has 1000 bytes there, announced were 1001")]
    public async Task A_file_of_another_length_is_not_even_begun(int more, string problem)
    {
        await using var node = await ServedNode.StartAsync();
        var file = Spooled(node, Trace, Noise(1000));
        Assert.EndsWith(problem, await FailureAsync(() => Transfer().FetchAsync(node.Address, Session, [file with { Bytes = file.Bytes + more }], _folder.Path, CancellationToken.None)));
        Assert.Empty(FilesHere());
    }

    [Fact]
    public async Task No_more_is_taken_than_was_announced_whatever_a_server_sends()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(new byte[4096], context.RequestAborted);
        });
        Assert.EndsWith("more comes than the 1000 bytes that were announced", await FailureAsync(() => FetchAsync(server, Noise(1000))));
        Assert.Empty(FilesHere());
    }

    [Fact]
    public async Task A_server_that_always_ends_too_early_is_given_up()
    {
        await using var server = await LoopbackServer.StartAsync(context => context.Response.Body.WriteAsync(new byte[500]).AsTask());
        Assert.EndsWith("the connection ended after 500 of 1000 bytes; given up after 4 attempts that brought nothing", await FailureAsync(() => FetchAsync(server, Noise(1000))));
        Assert.Empty(FilesHere());
    }

    [Theory]
    [InlineData(404, "it is not there (HTTP 404)", 1)]
    [InlineData(401, "is the token the same on both sides?", 1)]
    [InlineData(400, "the server answers HTTP 400", 1)]
    [InlineData(503, "cannot hand it out now (HTTP 503); given up after 4 attempts that brought nothing", 4)]
    public async Task What_the_server_refuses_is_told_and_asked_again_only_where_that_may_help(int status, string problem, int asked)
    {
        var requests = 0;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            Interlocked.Increment(ref requests);
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        Assert.Contains(problem, await FailureAsync(() => FetchAsync(server, Noise(10))));
        Assert.Equal(asked, requests);
    }

    [Fact]
    public async Task A_server_that_falls_silent_counts_as_broken()
    {
        var bytes = Noise(1000);
        var requests = 0;
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.ContentLength = 1000;
            var isFirst = Interlocked.Increment(ref requests) == 1;
            await context.Response.Body.WriteAsync(bytes.AsMemory(0, isFirst ? 10 : 1000));
            await context.Response.Body.FlushAsync();
            if (isFirst) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        var time = new FakeTimeProvider();
        using var transfer = new HttpSpoolTransfer(_http, time, new DownloadPatience(int.MaxValue, TimeSpan.FromSeconds(30), TimeSpan.FromDays(30)), parallelTransfers: 1);
        var fetching = transfer.FetchAsync(server.Address, Session, [Announced(Trace, bytes)], _folder.Path, CancellationToken.None);
        // Half a minute passes again and again, until one of the attempts has come through in between.
        while (!fetching.IsCompleted)
        {
            await Task.WhenAny(fetching, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
            time.Advance(TimeSpan.FromSeconds(30));
        }

        await fetching;
        Assert.Equal(bytes, File.ReadAllBytes(_folder.In(Trace)));
        Assert.InRange(requests, 2, int.MaxValue);
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_told()
    {
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        var address = server.Address;
        await server.DisposeAsync();
        var told = await FailureAsync(() => Transfer().FetchAsync(address, Session, [Announced(Trace, Noise(10))], _folder.Path, CancellationToken.None));
        Assert.Contains($"from {address}: the connection broke: ", told);
    }

    [Fact]
    public async Task What_is_here_already_is_not_fetched_again_and_what_is_something_else_is()
    {
        var bytes = Noise(1000);
        var requests = 0;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            Interlocked.Increment(ref requests);
            return context.Response.Body.WriteAsync(bytes).AsTask();
        });
        _folder.Write(Trace, bytes);
        await FetchAsync(server, bytes);
        Assert.Equal(0, requests);
        _folder.Write(Trace, Noise(1000, seed: 2));
        await FetchAsync(server, bytes);
        Assert.Equal(1, requests);
        Assert.Equal(bytes, File.ReadAllBytes(_folder.In(Trace)));
    }

    [Theory]
    [InlineData("../escaped")]
    [InlineData("browsers/../../escaped")]
    [InlineData("/tmp/escaped")]
    [InlineData("browsers//b1")]
    [InlineData("browsers\\..\\escaped")]
    [InlineData("")]
    [InlineData(".")]
    public async Task A_name_that_leads_out_of_the_folder_is_not_asked_for(string path)
    {
        await using var server = await LoopbackServer.StartAsync(_ => throw new InvalidOperationException("asked"));
        Assert.Contains("leads out of the session's folder", await FailureAsync(() => Transfer().FetchAsync(server.Address, Session, [Announced(path, Noise(10))], _folder.Path, CancellationToken.None)));
        Assert.Empty(FilesHere());
    }

    [Fact]
    public async Task Only_so_many_are_under_way_at_once_over_all_sessions()
    {
        var (now, most) = (0, 0);
        var gate = new Lock();
        var bytes = Noise(100);
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            lock (gate) most = Math.Max(most, ++now);
            await Task.Yield();
            await context.Response.Body.WriteAsync(bytes);
            lock (gate) now--;
        });
        using var transfer = new HttpSpoolTransfer(_http, TimeProvider.System, Patience, parallelTransfers: 2);
        await Task.WhenAll(Enumerable.Range(1, 4).Select(session => transfer.FetchAsync(
            server.Address, $"s{session}", [.. Enumerable.Range(1, 10).Select(browser => Announced($"browsers/b{browser}", bytes))], _folder.In($"s{session}"), CancellationToken.None)));
        Assert.Equal(40, FilesHere().Length);
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task Where_one_file_fails_the_others_are_not_waited_for()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            if (context.Request.Path.Value!.EndsWith("b1", StringComparison.Ordinal)) context.Response.StatusCode = 404;
            else await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        var told = await FailureAsync(() => Transfer().FetchAsync(server.Address, Session, [Announced("browsers/b2", Noise(1)), Announced("browsers/b1", Noise(1))], _folder.Path, CancellationToken.None));
        Assert.StartsWith("browsers/b1 of session", told);
        Assert.Empty(FilesHere());
    }

    [Fact]
    public async Task A_transfer_can_be_given_up()
    {
        using var giveUp = new CancellationTokenSource();
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            await context.Response.Body.WriteAsync(new byte[10]);
            await context.Response.Body.FlushAsync();
            await giveUp.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Transfer().FetchAsync(server.Address, Session, [Announced(Trace, Noise(100))], _folder.Path, giveUp.Token));
        Assert.Empty(FilesHere());
    }

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    private HttpSpoolTransfer Transfer(DownloadPatience? patience = null) => new(_http, TimeProvider.System, patience ?? Patience, parallelTransfers: 4);

    private Task FetchAsync(LoopbackServer from, byte[] bytes) => Transfer().FetchAsync(from.Address, Session, [Announced(Trace, bytes)], _folder.Path, CancellationToken.None);

    private string[] FilesHere() => Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories);

    private static async Task<string> FailureAsync(Func<Task> fetch) => (await Assert.ThrowsAsync<SpoolTransferException>(fetch)).Message;

    private static TraceFile Spooled(ServedNode node, string path, byte[] bytes)
    {
        node.Folder.Write($"spools/{Session}/{path}", bytes);
        return Announced(path, bytes);
    }

    private static TraceFile Announced(string path, byte[] bytes) => new(path, bytes.Length, Hash(bytes), IsWhole: true);

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Noise(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
