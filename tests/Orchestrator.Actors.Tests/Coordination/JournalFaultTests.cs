using Akka.Actor;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

/// <summary>The journal fails: nothing is told that was not persisted, no browser is left recording, and the next start knows what to do.</summary>
public sealed class JournalFaultTests : SessionSpec
{
    private Task<object> RecoverAsync(string sessionId) =>
        Rig.Coordinator.Ask<object>(new SessionProtocol.Recover(sessionId), Timeout.InfiniteTimeSpan, CancellationToken.None).Soon();

    [Fact]
    public async Task A_session_that_cannot_be_opened_touches_no_browser()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        Rig.Journal.Fails = happened => happened is SessionEvent.Opened;
        var refused = Assert.IsType<SessionProtocol.Refused>(await Run(Plan(browsers)).Answer.Soon());

        Assert.Contains("journal", refused.Reason);
        Assert.Empty(browsers["b1"].Browser.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_journal_that_fails_in_mid_session_refuses_it_and_the_browsers_are_released(bool rejects)
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        if (rejects) Rig.Journal.Rejects = happened => happened is SessionEvent.WindowOpened;
        else Rig.Journal.Fails = happened => happened is SessionEvent.WindowOpened;
        var plan = Plan(browsers);
        var refused = Assert.IsType<SessionProtocol.Refused>(await Run(plan).Answer.Soon());

        Assert.Contains("journal", refused.Reason);
        foreach (var server in browsers.Servers)
        {
            await Waiting.UntilAsync(() => server.Connections.Count == 0);
            Assert.False(server.Browser.IsRecording);
        }

        (Rig.Journal.Fails, Rig.Journal.Rejects) = (_ => false, _ => false);
        var recovered = Assert.IsType<SessionProtocol.Closed>(await RecoverAsync(plan.SessionId));
        AssertOutcomes(recovered.Document, SessionOutcome.Failed, BrowserOutcome.NodeLost, BrowserOutcome.NodeLost);
        Assert.Equal("the process that ran the session ended", recovered.Document.Reason);
        AssertToldOnce(recovered.Document);
    }

    [Fact]
    public async Task An_end_that_could_not_be_persisted_is_told_by_the_next_start_as_it_was()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        Rig.Journal.Fails = happened => happened is SessionEvent.Ended;
        var plan = Plan(browsers);
        Assert.IsType<SessionProtocol.Refused>(await Run(plan).Answer.Soon());
        Assert.False(File.Exists(Path.Combine(Folder, "session.json")));

        Rig.Journal.Fails = _ => false;
        var recovered = Assert.IsType<SessionProtocol.Closed>(await RecoverAsync(plan.SessionId));
        AssertOutcomes(recovered.Document, SessionOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete);
        AssertToldOnce(recovered.Document);
        Assert.Equal(recovered.Document.ToUtf8(), await File.ReadAllBytesAsync(Path.Combine(Folder, "session.json")));
    }

    [Fact]
    public async Task A_session_that_has_its_end_is_not_recovered_again_nor_is_one_that_never_was()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var document = await Rig.RecordAsync(Plan(browsers));

        foreach (var id in (string[])[document.SessionId, "never-was"])
        {
            var refused = Assert.IsType<SessionProtocol.Refused>(await RecoverAsync(id));
            Assert.Equal("there is no open session of this name", refused.Reason);
        }

        AssertToldOnce(document);
    }
}
