using Orchestrator.Actors.Tests.Support;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

/// <summary>A session is told to end, or given up, in each of its phases.</summary>
public sealed class StopTests : SessionSpec
{
    [Fact]
    public async Task Ended_in_its_window_a_session_keeps_everything()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var run = Run(Plan(browsers).UntilEnded());
        await run.Views.Until(SessionPhase.Window);
        run.EndNow();
        run.EndNow();

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete);
        AssertToldOnce(document);
        Assert.All(browsers.Servers, server => Assert.Contains(server.Browser.Requests, request => request.Text("syncId")?.Contains(".closing.", StringComparison.Ordinal) == true));
        Assert.All(browsers.Servers, server => Assert.Single(server.Methods(), "Tracing.end"));
    }

    [Theory]
    [InlineData("Browser.getVersion", SessionPhase.Preparing)]
    [InlineData("Tracing.start", SessionPhase.Starting)]
    public async Task Ended_before_its_window_a_session_is_aborted(string held, SessionPhase phase)
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.On(held, _ => SimulatedAnswer.Nothing));
        var run = Run(Plan(browsers));
        await run.Views.Until(phase);
        run.EndNow();

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Aborted, BrowserOutcome.Aborted);
        Assert.Equal("ended before the window opened", document.Reason);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task Told_to_end_while_it_flushes_a_session_goes_on_flushing()
    {
        var flush = new TaskCompletionSource();
        await using var browsers = await TestBrowsers.StartAsync(1);
        browsers["b1"].Browser.On("IO.read", _ => SimulatedAnswer.Result("{\"base64Encoded\":true,\"data\":\"\",\"eof\":true}").After(flush.Task));
        var run = Run(Plan(browsers));
        await run.Views.Until(view => view is { Phase: SessionPhase.Flushing } && view.Browsers[0].State == "flushing");
        run.EndNow();
        flush.SetResult();

        AssertOutcomes(await run.DocumentAsync(), SessionOutcome.Complete, BrowserOutcome.Complete);
    }

    [Theory]
    [InlineData("Browser.getVersion", SessionPhase.Preparing)]
    [InlineData("Tracing.start", SessionPhase.Starting)]
    [InlineData("Nothing.atAll", SessionPhase.Window)]
    [InlineData("IO.read", SessionPhase.Flushing)]
    public async Task Given_up_in_any_phase_a_session_is_aborted_and_every_browser_released(string held, SessionPhase phase)
    {
        await using var browsers = await TestBrowsers.StartAsync(2, browser => browser.On(held, _ => SimulatedAnswer.Nothing));
        var plan = Plan(browsers);
        var run = Run(phase is SessionPhase.Flushing ? plan : plan.UntilEnded());
        await run.Views.Until(phase);
        run.Abort("enough");
        run.Abort("twice");

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Aborted, BrowserOutcome.Aborted, BrowserOutcome.Aborted);
        Assert.Equal("enough", document.Reason);
        AssertToldOnce(document);
        foreach (var server in browsers.Servers)
        {
            await Waiting.UntilAsync(() => server.Connections.Count == 0);
            Assert.False(server.Browser.IsRecording);
        }
    }

    [Fact]
    public async Task What_is_whole_when_a_session_is_given_up_stays_whole()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        browsers["b2"].Browser.With(new Fault.LoseTracingComplete());
        var run = Run(Plan(browsers));
        await run.Views.UntilEnded("b1");
        run.Abort();

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Aborted, BrowserOutcome.Complete, BrowserOutcome.Aborted);
        Assert.True(File.Exists(Path.Combine(Folder, "browsers", "b1.pftrace")));
    }

    [Fact]
    public async Task Given_up_a_session_does_not_take_back_an_end_that_it_has()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var run = Run(Plan(browsers));
        var document = await run.DocumentAsync();
        run.Abort();
        run.EndNow();

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete);
        var again = Assert.IsType<Actors.Coordination.SessionProtocol.Refused>(await Rig.Run(Plan(browsers) with { SessionId = document.SessionId }).Answer.Soon());
        Assert.Contains("session of this name", again.Reason);
        AssertToldOnce(document);
    }
}
