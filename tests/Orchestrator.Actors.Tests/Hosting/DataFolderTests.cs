using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Actors.Tests.Hosting;

public sealed class DataFolderTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void It_is_made_with_its_parents_and_its_journal_has_a_write_ahead_log()
    {
        var data = DataFolder.Open(_temp.At("not", "there", "yet"));

        Assert.Equal(_temp.At("not", "there", "yet", "journal.db"), data.JournalFile);
        using var connection = new SqliteConnection($"Data Source={data.JournalFile}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode";
        Assert.Equal("wal", command.ExecuteScalar());
    }

    [Fact]
    public void Opened_again_it_is_the_same()
    {
        DataFolder.Open(_temp);
        Assert.NotNull(DataFolder.Open(_temp).TryClaim("s"));
    }

    [Fact]
    public void A_session_is_claimed_once_and_again_when_the_claim_was_returned()
    {
        var (one, other) = (DataFolder.Open(_temp), DataFolder.Open(_temp));
        using (var claim = one.TryClaim("s"))
        {
            Assert.NotNull(claim);
            Assert.Null(other.TryClaim("s"));
            Assert.Null(one.TryClaim("s"));
            using var another = other.TryClaim("t");
            Assert.NotNull(another);
        }

        using var second = other.TryClaim("s");
        Assert.NotNull(second);
    }

    [Fact]
    public void Claims_that_were_returned_leave_no_file()
    {
        DataFolder.Open(_temp).TryClaim("s")!.Dispose();
        Assert.Empty(Directory.GetFiles(_temp.At("open-sessions")));
    }

    [Fact]
    public async Task A_claim_holds_against_another_process_and_ends_with_it()
    {
        var data = DataFolder.Open(_temp);
        // flock(1) takes the lock as another orchestrator would, says so, and waits for its standard input to close.
        var start = new ProcessStartInfo("flock") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["--exclusive", "--nonblock", "--no-fork", _temp.At("open-sessions", "s.lock"), "sh", "-c", "echo held; exec cat"])
            start.ArgumentList.Add(argument);
        using var other = Process.Start(start)!;
        Assert.Equal("held", await other.StandardOutput.ReadLineAsync().Soon());

        Assert.Null(data.TryClaim("s"));

        other.Kill();
        await other.WaitForExitAsync().Soon();
        using var claim = data.TryClaim("s");
        Assert.NotNull(claim);
    }
}
