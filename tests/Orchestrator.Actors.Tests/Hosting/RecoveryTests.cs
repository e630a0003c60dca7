using Microsoft.Data.Sqlite;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.TestKit.Browsers;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Hosting;

/// <summary>A session that was open when its process went away gets its outcome at the next start.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly TempFolder _temp = new();

    private string Data => _temp.At("data");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_session_that_was_left_open_is_told_as_nodeLost_once()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var plan = Plans.Of(_temp.At("session"), browsers.Targets()).UntilEnded();
        await LeaveOpenAsync(plan, view => view.Phase is SessionPhase.Window);

        await using (var next = await Local.StartAsync(Data))
        {
            var document = Assert.Single(next.RecoveredSessions);
            Assert.Equal((plan.SessionId, SessionOutcome.Failed, "the process that ran the session ended"), (document.SessionId, document.Outcome, document.Reason));
            Assert.All(document.Browsers, browser => Assert.Equal((BrowserOutcome.NodeLost, "the process that ran the session ended"), (browser.Outcome, browser.Reason)));
            Assert.Equal(document.ToUtf8(), await File.ReadAllBytesAsync(plan.DocumentFile()));
            Assert.Equal(SessionOutcome.Failed, Assert.Single(await next.ListSessionsAsync(CancellationToken.None)).Outcome);
            Assert.Single(await next.ManifestsAsync(plan.SessionId), "session-ended/1");
        }

        await using var afterThat = await Local.StartAsync(Data);
        Assert.Empty(afterThat.RecoveredSessions);
        Assert.Single(await afterThat.ManifestsAsync(plan.SessionId), "session-ended/1");
    }

    [Fact]
    public async Task What_a_browser_had_sent_when_the_process_went_away_is_kept_as_partial()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var reads = 0;
        browsers["b1"].Browser.On("IO.read", _ => ++reads == 1 ? SimulatedAnswer.Result("{\"base64Encoded\":true,\"data\":\"AQID\",\"eof\":false}") : SimulatedAnswer.Nothing);
        var plan = Plans.Of(_temp.At("session"), browsers.Targets());
        await LeaveOpenAsync(plan, view => view.Browsers[0].Bytes == 3 && view.Browsers[1].Outcome is BrowserOutcome.Complete);

        await using var next = await Local.StartAsync(Data);
        var document = Assert.Single(next.RecoveredSessions);
        Assert.Equal(SessionOutcome.Partial, document.Outcome);
        Assert.Equal((BrowserOutcome.NodeLost, "browsers/b1.pftrace.partial", true, 3), (document.Browsers[0].Outcome, document.Browsers[0].File, document.Browsers[0].Partial, document.Browsers[0].Bytes));
        Assert.Equal((BrowserOutcome.Complete, "browsers/b2.pftrace", false), (document.Browsers[1].Outcome, document.Browsers[1].File, document.Browsers[1].Partial));
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Path.Combine(plan.OutputFolder, "browsers", "b1.pftrace.partial")));
    }

    [Fact]
    public async Task A_session_whose_folder_is_gone_gets_its_outcome_all_the_same()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var plan = Plans.Of(_temp.At("session"), browsers.Targets()).UntilEnded();
        await LeaveOpenAsync(plan, view => view.Phase is SessionPhase.Window);
        Directory.Delete(plan.OutputFolder, recursive: true);

        await using var next = await Local.StartAsync(Data);
        Assert.Equal(SessionOutcome.Failed, Assert.Single(next.RecoveredSessions).Outcome);
        Assert.False(Directory.Exists(plan.OutputFolder));
        Assert.Equal(SessionOutcome.Failed, Assert.Single(await next.ListSessionsAsync(CancellationToken.None)).Outcome);
    }

    [Fact]
    public async Task A_session_that_a_living_process_runs_is_left_alone()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        await using var first = await Local.StartAsync(Data);
        using var end = new CancellationTokenSource();
        var plan = Plans.Of(_temp.At("session"), browsers.Targets()).UntilEnded();
        var views = new ViewLog();
        var recording = first.RecordAsync(plan, views, end.Token);
        await views.Until(SessionPhase.Window);

        await using (var second = await Local.StartAsync(Data))
        {
            Assert.Empty(second.RecoveredSessions);
            Assert.Null(Assert.Single(await second.ListSessionsAsync(CancellationToken.None)).Outcome);
        }

        await end.CancelAsync();
        Assert.Equal(SessionOutcome.Complete, (await recording).Outcome);
        Assert.Single(await first.ManifestsAsync(plan.SessionId), "session-ended/1");
    }

    [Fact]
    public async Task Whoever_waits_for_a_session_of_an_orchestrator_that_is_disposed_is_told_so_and_the_claim_is_returned()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var orchestrator = await Local.StartAsync(Data);
        var views = new ViewLog();
        var plan = Plans.Of(_temp.At("session"), browsers.Targets()).UntilEnded();
        var recording = orchestrator.RecordAsync(plan, views);
        await views.Until(SessionPhase.Window);
        await orchestrator.DisposeAsync().Soon();

        var failure = await Assert.ThrowsAsync<JournalUnavailableException>(() => recording);
        Assert.Contains("the next start gives the session its outcome", failure.Message);
        using var claim = DataFolder.Open(Data).TryClaim(plan.SessionId);
        Assert.NotNull(claim);
        await Waiting.UntilAsync(() => browsers["b1"].Connections.Count == 0);
    }

    [Fact]
    public async Task A_journal_that_fails_in_mid_session_is_told_and_the_next_start_knows_the_outcome()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var plan = Plans.Of(_temp.At("session"), browsers.Targets()).UntilEnded();
        await using (var orchestrator = await Local.StartAsync(Data))
        {
            using var end = new CancellationTokenSource();
            var views = new ViewLog();
            var recording = orchestrator.RecordAsync(plan, views, end.Token);
            await views.Until(SessionPhase.Window);
            Execute("CREATE TRIGGER broken BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
            await end.CancelAsync();

            var failure = await Assert.ThrowsAsync<JournalUnavailableException>(() => recording);
            Assert.Contains(plan.SessionId, failure.Message);
            await Waiting.UntilAsync(() => browsers["b1"].Connections.Count == 0);
        }

        Execute("DROP TRIGGER broken");
        await using var next = await Local.StartAsync(Data);
        Assert.Equal((plan.SessionId, SessionOutcome.Failed), (next.RecoveredSessions.Single().SessionId, next.RecoveredSessions.Single().Outcome));
        Assert.Single(await next.ManifestsAsync(plan.SessionId), "session-ended/1");
    }

    private async Task LeaveOpenAsync(SessionPlan plan, Func<SessionView, bool> when)
    {
        var orchestrator = await Local.StartAsync(Data);
        var views = new ViewLog();
        var recording = orchestrator.RecordAsync(plan, views);
        await views.Until(when);
        await orchestrator.DisposeAsync().Soon();
        await Assert.ThrowsAsync<JournalUnavailableException>(() => recording);
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Data, "journal.db")}");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the tests' own text
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
