using Akka.Actor;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.TestKit.Browsers;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

/// <summary>An actor fails: what it held is released, what it was to report is reported by whoever watches it.</summary>
public sealed class NodeFaultTests : SessionSpec
{
    [Theory]
    [InlineData("Browser.getVersion", SessionPhase.Preparing)]
    [InlineData("Tracing.start", SessionPhase.Starting)]
    [InlineData("Nothing.atAll", SessionPhase.Window)]
    [InlineData("IO.read", SessionPhase.Flushing)]
    public async Task Browsers_of_a_node_that_is_gone_are_nodeLost(string held, SessionPhase phase)
    {
        await using var browsers = await TestBrowsers.StartAsync(2, browser => browser.On(held, _ => SimulatedAnswer.Nothing));
        var plan = Plan(browsers);
        var run = Run(phase is SessionPhase.Flushing ? plan : plan.UntilEnded());
        await run.Views.Until(phase);
        Rig.System.Stop(Rig.Node);

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.NodeLost, BrowserOutcome.NodeLost);
        Assert.Contains("its node is gone", document.Reason);
        AssertToldOnce(document);
        foreach (var server in browsers.Servers) await Waiting.UntilAsync(() => server.Connections.Count == 0);
    }

    [Fact]
    public async Task A_session_on_a_node_that_was_gone_before_is_nodeLost()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        await Rig.Node.GracefulStop(Waiting.Never);
        var document = await Rig.RecordAsync(Plan(browsers));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.NodeLost);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task A_browser_s_actor_that_throws_has_its_report_and_the_others_go_on()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var plan = Plan(browsers).UntilEnded();
        var run = Run(plan);
        await run.Views.Until(SessionPhase.Window);
        Rig.System.ActorSelection($"/user/node/session-{plan.SessionId}/b1").Tell(new BrowserProtocol.EndAt(99, Instant: null!));
        await run.Views.UntilEnded("b1");
        run.EndNow();

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Partial, BrowserOutcome.NodeLost, BrowserOutcome.Complete);
        Assert.Equal("its actor failed; the log says why", Of(document, "b1").Reason);
        await Waiting.UntilAsync(() => browsers["b1"].Connections.Count == 0);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task A_node_s_part_of_a_session_that_throws_ends_instead_of_beginning_again()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var plan = Plan(browsers).UntilEnded();
        var run = Run(plan);
        await run.Views.Until(SessionPhase.Window);
        Rig.System.ActorSelection($"/user/node/session-{plan.SessionId}").Tell(new NodeProtocol.Probe(99, "p", 1, TimeSpan.FromSeconds(-1)));

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.NodeLost);
        Assert.Single(browsers["b1"].Methods(), "Browser.getVersion");
    }

    [Fact]
    public async Task A_node_that_is_asked_twice_to_prepare_a_session_records_it_once()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var plan = Plan(browsers).UntilEnded();
        var run = Run(plan);
        await run.Views.Until(SessionPhase.Window);
        Rig.Node.Tell(new NodeProtocol.Prepare(99, plan, plan.Targets), Rig.Coordinator);
        run.EndNow();

        AssertOutcomes(await run.DocumentAsync(), SessionOutcome.Complete, BrowserOutcome.Complete);
        Assert.Single(browsers["b1"].Methods(), "Browser.getVersion");
    }
}
