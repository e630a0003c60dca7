using Orchestrator.Actors.Tests.Support;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

/// <summary>What tests of sessions share: a folder, the actors, and what they say of a session's end.</summary>
public abstract class SessionSpec : IAsyncLifetime
{
    private readonly TempFolder _temp = new();

    private protected SessionSpec(bool virtualTimers = false) => Rig = SessionRig.Start(virtualTimers: virtualTimers);

    /// <summary>The session's.</summary>
    private protected string Folder => _temp.At("session");

    private protected TempFolder Temp => _temp;

    private protected SessionRig Rig { get; }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Rig.DisposeAsync();
        _temp.Dispose();
    }

    private protected SessionPlan Plan(TestBrowsers browsers, string? url = null) => Plans.Of(Folder, browsers.Targets(url));

    private protected SessionRun Run(SessionPlan plan)
    {
        Browsers.SessionFolder.Create(plan.OutputFolder);
        return Rig.Run(plan);
    }

    private protected static BrowserDocument Of(SessionDocument document, string browser) =>
        document.Browsers.Single(one => one.Name == browser);

    private protected static void AssertOutcomes(SessionDocument document, SessionOutcome outcome, params BrowserOutcome[] browsers)
    {
        Assert.Equal(browsers.Cast<BrowserOutcome?>(), document.Browsers.Select(browser => browser.Outcome));
        Assert.Equal(outcome, document.Outcome);
    }

    /// <summary>The journal holds one opening, one report for each browser, one end, and nothing behind it.</summary>
    private protected void AssertToldOnce(SessionDocument document)
    {
        var events = Rig.Journal.EventsOf(document.SessionId);
        Assert.IsType<SessionEvent.Opened>(events[0]);
        Assert.Single(events.OfType<SessionEvent.Opened>());
        Assert.Equal(
            document.Browsers.Select(browser => browser.Name),
            events.OfType<SessionEvent.BrowserEnded>().Select(ended => ended.Report.Browser).Order(StringComparer.Ordinal));
        Assert.Single(events.OfType<SessionEvent.Ended>());
        Assert.IsType<SessionEvent.Ended>(events[^1]);
    }
}
