using Orchestrator.Actors.Artifacts;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Artifacts;

/// <summary>What a node keeps of its recordings, and what a new life of its process makes of that.</summary>
public sealed class SpoolFoldersTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly SpoolFolders _spools;

    public SpoolFoldersTests() => _spools = new SpoolFolders(_temp.At("spools"));

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Where_nothing_was_recorded_nothing_is_held()
    {
        Assert.Empty(_spools.Held());
        Assert.Null(await _spools.CloseAsync("s", CancellationToken.None));
    }

    [Fact]
    public async Task Reports_that_were_kept_are_told_as_they_were()
    {
        var report = new BrowserReport { Browser = "b1", Outcome = BrowserOutcome.Complete, Trace = new TraceFile("browsers/b1.pftrace", 3, "00ff", IsWhole: true) };
        await SaveAsync("s", ["b1"], report);

        Assert.Equal(["s"], _spools.Held());
        Assert.Equal([report.Browser], (await _spools.CloseAsync("s", CancellationToken.None))!.Ended.Select(told => told.Browser));
        Assert.Equal(report.Trace, (await _spools.CloseAsync("s", CancellationToken.None))!.Ended.Single().Trace);
    }

    [Fact]
    public async Task A_browser_that_was_recorded_when_the_process_died_is_nodeLost_with_what_came_of_its_trace()
    {
        await SaveAsync("s", ["b1", "b2"], new BrowserReport { Browser = "b1", Outcome = BrowserOutcome.Complete });
        Write("s", "browsers/b2.pftrace.part", "half a trace");

        var reports = (await _spools.CloseAsync("s", CancellationToken.None))!.Ended;
        var lost = reports.Single(report => report.Browser == "b2");
        Assert.Equal(BrowserOutcome.NodeLost, lost.Outcome);
        Assert.Equal(("browsers/b2.pftrace.partial", 12, false), (lost.Trace!.Path, lost.Trace.Bytes, lost.Trace.IsWhole));
        Assert.False(File.Exists(Path.Combine(_spools.Of("s"), "browsers/b2.pftrace.part")));
        // It is told the same when it is asked for again.
        Assert.Equal(lost.Trace, (await _spools.CloseAsync("s", CancellationToken.None))!.Ended.Single(report => report.Browser == "b2").Trace);
    }

    [Fact]
    public async Task An_account_that_cannot_be_read_is_named()
    {
        await SaveAsync("s", ["b1"]);
        Write("s", SpoolAccount.FileName, "{");
        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => _spools.CloseAsync("s", CancellationToken.None));
        Assert.Contains(SpoolAccount.FileName, failure.Message);
    }

    [Fact]
    public async Task A_spool_that_is_released_is_gone()
    {
        await SaveAsync("s", ["b1"]);
        _spools.Delete("s");
        _spools.Delete("never-was");
        Assert.Empty(_spools.Held());
        Assert.False(Directory.Exists(_spools.Of("s")));
    }

    [Fact]
    public async Task Only_what_is_older_than_its_retention_is_swept()
    {
        await SaveAsync("old", ["b1"]);
        await SaveAsync("new", ["b1"]);
        var now = TimeProvider.System.GetUtcNow();
        await SaveAsync("recording", ["b1"]);
        foreach (var old in (string[])["old", "recording"])
            File.SetLastWriteTimeUtc(Path.Combine(_spools.Of(old), SpoolAccount.FileName), now.AddHours(-25).UtcDateTime);

        Assert.Equal(["old"], _spools.Sweep(now.AddHours(-24), ["recording"]));
        Assert.Equal(["new", "recording"], _spools.Held());
    }

    private async Task SaveAsync(string sessionId, string[] browsers, params BrowserReport[] ended)
    {
        _spools.Create(sessionId);
        await _spools.SaveAsync(new SpoolAccount { SessionId = sessionId, Browsers = browsers, FileExtension = ".pftrace", Ended = ended });
    }

    private void Write(string sessionId, string file, string text) => File.WriteAllText(Path.Combine(_spools.Of(sessionId), file), text);
}
