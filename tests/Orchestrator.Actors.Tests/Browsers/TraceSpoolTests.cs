using System.Security.Cryptography;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Browsers;

public sealed class TraceSpoolTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public TraceSpoolTests() => SessionFolder.Create(_temp);

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_trace_has_its_final_name_only_when_it_is_whole()
    {
        await using var spool = new TraceSpool(_temp, "b1.json");
        await spool.WriteAsync("{\"a\":"u8.ToArray(), CancellationToken.None);
        Assert.Equal(["browsers/b1.json.part"], _temp.Files());
        await spool.WriteAsync("1}"u8.ToArray(), CancellationToken.None);
        Assert.Equal(7, spool.Bytes);

        var file = await spool.CompleteAsync();
        Assert.Equal(["browsers/b1.json"], _temp.Files());
        Assert.Equal(new TraceFile("browsers/b1.json", 7, Convert.ToHexStringLower(SHA256.HashData("{\"a\":1}"u8)), IsWhole: true), file);
        Assert.Equal("{\"a\":1}", await File.ReadAllTextAsync(_temp.At("browsers", "b1.json")));
    }

    [Fact]
    public async Task A_file_is_there_from_the_beginning_and_open_only_when_bytes_come()
    {
        await using var spool = new TraceSpool(_temp, "b1.json");
        var path = _temp.At("browsers", "b1.json.part");
        // Nobody else has it: thousands that record would be more files than a process may have open.
        File.Open(path, FileMode.Open, FileAccess.Read, FileShare.None).Dispose();
        await spool.WriteAsync("{"u8.ToArray(), CancellationToken.None);
        Assert.Throws<IOException>(() => File.Open(path, FileMode.Open, FileAccess.Read, FileShare.None));
    }

    [Fact]
    public async Task A_trace_that_was_cut_off_is_kept_under_a_name_that_says_so()
    {
        await using var spool = new TraceSpool(_temp, "b1.json");
        await spool.WriteAsync("{\"a\":"u8.ToArray(), CancellationToken.None);
        var file = await spool.KeepPartialAsync();

        Assert.Equal(["browsers/b1.json.partial"], _temp.Files());
        Assert.Equal(new TraceFile("browsers/b1.json.partial", 5, Convert.ToHexStringLower(SHA256.HashData("{\"a\":"u8)), IsWhole: false), file);
    }

    [Fact]
    public async Task A_trace_of_which_nothing_came_leaves_nothing()
    {
        await using var spool = new TraceSpool(_temp, "b1.json");
        Assert.Null(await spool.KeepPartialAsync());
        Assert.Empty(_temp.Files());
    }

    [Fact]
    public async Task Disposed_before_it_was_closed_it_leaves_nothing_and_afterwards_everything()
    {
        var dropped = new TraceSpool(_temp, "b1.json");
        await dropped.WriteAsync(new byte[10], CancellationToken.None);
        await dropped.DisposeAsync();
        await dropped.DisposeAsync();
        Assert.Empty(_temp.Files());

        var kept = new TraceSpool(_temp, "b2.json");
        await kept.WriteAsync(new byte[10], CancellationToken.None);
        await kept.CompleteAsync();
        await kept.DisposeAsync();
        Assert.Equal(["browsers/b2.json"], _temp.Files());
    }

    [Fact]
    public async Task Nothing_is_written_behind_the_end()
    {
        await using var spool = new TraceSpool(_temp, "b1.json");
        await spool.CompleteAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => spool.WriteAsync(new byte[1], CancellationToken.None).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => spool.CompleteAsync());
        Assert.Equal(0, new FileInfo(_temp.At("browsers", "b1.json")).Length);
    }

    [Fact]
    public async Task Who_could_not_get_one_name_still_gets_another()
    {
        Directory.CreateDirectory(_temp.At("browsers", "b1.json"));
        await using var spool = new TraceSpool(_temp, "b1.json");
        await spool.WriteAsync("abc"u8.ToArray(), CancellationToken.None);
        await Assert.ThrowsAnyAsync<IOException>(() => spool.CompleteAsync());

        var file = await spool.KeepPartialAsync();
        Assert.Equal(("browsers/b1.json.partial", 3, Convert.ToHexStringLower(SHA256.HashData("abc"u8))), (file!.Path, file.Bytes, file.Sha256));
        Assert.Equal(["browsers/b1.json.partial"], _temp.Files());
    }

    [Fact]
    public async Task A_file_that_another_writes_is_not_written_over()
    {
        await using var one = new TraceSpool(_temp, "b1.json");
        Assert.ThrowsAny<IOException>(() => new TraceSpool(_temp, "b1.json"));
        await one.WriteAsync("a"u8.ToArray(), CancellationToken.None);
        Assert.Equal(1, (await one.CompleteAsync()).Bytes);
    }

    [Fact]
    public void Without_its_folder_there_is_no_spool() =>
        Assert.ThrowsAny<IOException>(() => new TraceSpool(_temp.At("nowhere"), "b1.json"));

    [Fact]
    public async Task A_write_that_was_cancelled_before_it_began_is_not_part_of_the_trace()
    {
        await using var spool = new TraceSpool(_temp, "b1.json");
        await spool.WriteAsync("abc"u8.ToArray(), CancellationToken.None);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => spool.WriteAsync("def"u8.ToArray(), new CancellationToken(canceled: true)).AsTask());

        var file = await spool.KeepPartialAsync();
        Assert.Equal((3, Convert.ToHexStringLower(SHA256.HashData("abc"u8))), (file!.Bytes, file.Sha256));
    }
}
