using Orchestrator.Actors.Tests.Support;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

/// <summary><c>--require</c>: how many browsers must take part.</summary>
public sealed class RequirementTests : SessionSpec
{
    [Theory]
    [InlineData("2")]
    [InlineData("60%")]
    public async Task Enough_browsers_are_left_and_the_session_goes_on_without_the_others(string require)
    {
        await using var browsers = await TestBrowsers.StartAsync(3);
        browsers["b2"].Browser.With(new Fault.RefuseStart(Message: "busy"));
        var document = await Rig.RecordAsync(Plan(browsers).Requiring(require));

        AssertOutcomes(document, SessionOutcome.Partial, BrowserOutcome.Complete, BrowserOutcome.Refused, BrowserOutcome.Complete);
        Assert.Equal("b2 refused: busy", document.Reason);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task Too_few_browsers_are_ready_and_nobody_is_told_to_start()
    {
        await using var browsers = await TestBrowsers.StartAsync(3);
        browsers["b1"].Browser.On("Browser.getVersion", _ => SimulatedAnswer.Error(-32601, "who are you"));
        browsers["b3"].Browser.On("Browser.getVersion", _ => SimulatedAnswer.Error(-32601, "go away"));
        var document = await Rig.RecordAsync(Plan(browsers).Requiring("2"));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.Refused, BrowserOutcome.Aborted, BrowserOutcome.Refused);
        Assert.Equal("1 of 3 browsers are left, 2 required (b1 refused: who are you; b3 refused: go away)", document.Reason);
        Assert.DoesNotContain("Tracing.start", browsers["b2"].Methods());
        AssertToldOnce(document);
        Assert.Null(document.WindowOpenedAt);
    }

    [Fact]
    public async Task Too_few_browsers_record_and_the_others_are_stopped_and_released()
    {
        await using var browsers = await TestBrowsers.StartAsync(3);
        browsers["b2"].Browser.With(new Fault.RefuseStart(Message: "busy"));
        var document = await Rig.RecordAsync(Plan(browsers));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.Aborted, BrowserOutcome.Refused, BrowserOutcome.Aborted);
        Assert.Equal("2 of 3 browsers are left, all required (b2 refused: busy)", document.Reason);
        Assert.Equal("the session was given up", Of(document, "b1").Reason);
        AssertToldOnce(document);
        await Waiting.UntilAsync(() => browsers.Servers.All(server => !server.Browser.IsRecording));
    }

    [Fact]
    public async Task No_browser_is_left_and_the_session_fails_once()
    {
        await using var browsers = await TestBrowsers.StartAsync(2, browser => browser.With(new Fault.RefuseStart(Message: "busy")));
        var document = await Rig.RecordAsync(Plan(browsers).Requiring("1"));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.Refused, BrowserOutcome.Refused);
        Assert.Equal("0 of 2 browsers are left, 1 required (b1 refused: busy; b2 refused: busy)", document.Reason);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task A_browser_that_is_lost_in_the_window_does_not_end_the_session_below_its_requirement()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var run = Run(Plan(browsers).UntilEnded());
        await run.Views.Until(SessionPhase.Window);
        browsers["b1"].DropConnections();
        await run.Views.UntilEnded("b1");
        run.EndNow();

        AssertOutcomes(await run.DocumentAsync(), SessionOutcome.Partial, BrowserOutcome.ConnectionLost, BrowserOutcome.Complete);
    }
}
