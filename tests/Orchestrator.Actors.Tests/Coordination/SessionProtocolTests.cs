using Akka.Actor;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

/// <summary>A session and a node that misbehaves: a probe in the node's place, on virtual time.</summary>
public sealed class SessionProtocolTests : SessionSpec
{
    private static readonly TimeSpan Past = Plans.Endless + TimeSpan.FromHours(1) + TimeSpan.FromSeconds(10);

    private readonly Akka.TestKit.Xunit2.TestKit _node;

    public SessionProtocolTests() : base(virtualTimers: true)
    {
        _node = new Akka.TestKit.Xunit2.TestKit(Rig.System);
        _node.IgnoreMessages(message => message is NodeProtocol.Probe);
        Rig.Coordinator.Tell(new SessionProtocol.RegisterNode("here", _node.TestActor));
    }

    [Fact]
    public async Task A_node_that_never_answers_is_lost_after_the_time_out_and_its_grace()
    {
        var run = Run(Plan());
        Expect<NodeProtocol.Prepare>();
        Rig.Advance(Past);

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.NodeLost, BrowserOutcome.NodeLost);
        Assert.Equal("its node did not answer in time", Of(document, "b1").Reason);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task A_node_that_never_answers_the_start_is_lost()
    {
        var run = Run(Plan());
        var session = Prepared(out _);
        Expect<NodeProtocol.Start>();
        Rig.Advance(Past);

        AssertOutcomes(await run.DocumentAsync(), SessionOutcome.Failed, BrowserOutcome.NodeLost, BrowserOutcome.NodeLost);
        Assert.NotNull(session);
    }

    [Fact]
    public async Task A_node_that_never_answers_the_end_is_lost_and_what_it_had_reported_stays()
    {
        var run = Run(Plan().UntilEnded());
        var session = Started();
        session.Tell(new NodeProtocol.BrowsersEnded("here", [Report("b1", BrowserOutcome.ConnectionLost)]), _node.TestActor);
        await Rig.TickUntil(run.Views.UntilEnded("b1"));
        run.EndNow();
        await Rig.TickUntil(run.Views.Until(SessionPhase.Flushing));
        Expect<NodeProtocol.End>();
        Rig.Advance(Past);

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.ConnectionLost, BrowserOutcome.NodeLost);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task A_node_that_was_given_up_and_does_not_answer_is_lost_after_its_grace()
    {
        var run = Run(Plan().UntilEnded());
        Started();
        run.Abort("enough");
        Assert.Equal(BrowserOutcome.Aborted, Expect<NodeProtocol.GiveUp>().Outcome);
        Rig.Advance(Past);

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Aborted, BrowserOutcome.NodeLost, BrowserOutcome.NodeLost);
        Assert.Equal("enough", document.Reason);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task Answers_that_come_late_twice_or_from_strangers_change_nothing()
    {
        var run = Run(Plan().UntilEnded());
        var session = Prepared(out var prepare);
        var start = Expect<NodeProtocol.Start>();

        session.Tell(new NodeProtocol.Prepared("here", prepare.Phase, [Ready("b1"), Ready("b2"), Ready("b9")], []), _node.TestActor);
        session.Tell(new NodeProtocol.Started("here", start.Phase + 100, [new(1, 2)], []), _node.TestActor);
        session.Tell(new NodeProtocol.Started("elsewhere", start.Phase, [new(1, 2)], []), _node.TestActor);
        session.Tell(new NodeProtocol.Started("here", start.Phase, Acks(start), []), _node.TestActor);
        session.Tell(new NodeProtocol.Started("here", start.Phase, [new(1, 900_000_000_000)], []), _node.TestActor);
        session.Tell(new NodeProtocol.BrowsersEnded("here", [Report("b9", BrowserOutcome.Complete), Report("b1", BrowserOutcome.ConnectionLost), Report("b1", BrowserOutcome.Complete)]), _node.TestActor);
        await Rig.TickUntil(run.Views.UntilEnded("b1"));
        run.EndNow();
        await Rig.TickUntil(run.Views.Until(SessionPhase.Flushing));
        var end = Expect<NodeProtocol.End>();
        session.Tell(new NodeProtocol.EndSent("here", end.Phase, [end.AtNanos, end.AtNanos + 3000], [Report("b1", BrowserOutcome.Corrupt), Report("b2", BrowserOutcome.Complete)]), _node.TestActor);
        session.Tell(new NodeProtocol.BrowsersEnded("here", [Report("b2", BrowserOutcome.Corrupt)]), _node.TestActor);

        var document = await Rig.TickUntil(run.DocumentAsync());
        AssertOutcomes(document, SessionOutcome.Partial, BrowserOutcome.ConnectionLost, BrowserOutcome.Complete);
        Assert.Equal(new SkewDocument(1, 2, 3), document.Skew);
        Assert.Equal(2, Rig.Journal.EventsOf(document.SessionId).OfType<SessionEvent.BrowserReady>().Count());
        AssertToldOnce(document);
    }

    [Fact]
    public async Task The_window_opens_when_the_last_browser_has_answered_and_ends_after_its_duration_from_there()
    {
        var plan = Plan();
        var run = Run(plan);
        var session = Prepared(out _);
        var start = Expect<NodeProtocol.Start>();
        session.Tell(new NodeProtocol.Started("here", start.Phase, Acks(start), []), _node.TestActor);
        await Rig.TickUntil(run.Views.Until(SessionPhase.Flushing));

        Assert.Equal(start.AtNanos + 7_000 + plan.Window.Duration.Ticks * 100, Expect<NodeProtocol.End>().AtNanos);
        run.Abort();
        Expect<NodeProtocol.GiveUp>();
    }

    [Fact]
    public async Task A_node_that_joins_a_session_that_was_given_up_meanwhile_is_told_so()
    {
        var run = Run(Plan());
        var prepare = Expect<NodeProtocol.Prepare>();
        var session = _node.LastSender;
        run.Abort();
        await run.Views.Until(SessionPhase.Flushing);
        session.Tell(new NodeProtocol.Joined("here"), _node.TestActor);

        Assert.Equal(BrowserOutcome.Aborted, Expect<NodeProtocol.GiveUp>().Outcome);
        session.Tell(new NodeProtocol.Prepared("here", prepare.Phase, [], [Report("b1", BrowserOutcome.Aborted), Report("b2", BrowserOutcome.Aborted)]), _node.TestActor);
        AssertOutcomes(await run.DocumentAsync(), SessionOutcome.Aborted, BrowserOutcome.Aborted, BrowserOutcome.Aborted);
    }

    private SessionPlan Plan() => Plans.Of(Folder, [new BrowserTarget { Name = "b1", Endpoint = "e1" }, new BrowserTarget { Name = "b2", Endpoint = "e2" }]);

    private IActorRef Prepared(out NodeProtocol.Prepare prepare)
    {
        prepare = Expect<NodeProtocol.Prepare>();
        var session = _node.LastSender;
        session.Tell(new NodeProtocol.Joined("here"), _node.TestActor);
        session.Tell(new NodeProtocol.Prepared("here", prepare.Phase, [Ready("b1"), Ready("b2")], []), _node.TestActor);
        return session;
    }

    private IActorRef Started()
    {
        var session = Prepared(out _);
        var start = Expect<NodeProtocol.Start>();
        session.Tell(new NodeProtocol.Started("here", start.Phase, Acks(start), []), _node.TestActor);
        return session;
    }

    /// <summary>One microsecond between the starts, two between the answers, the last seven after the instant.</summary>
    private static IReadOnlyList<NodeProtocol.SentAndAnswered> Acks(NodeProtocol.Start start) =>
        [new(start.AtNanos, start.AtNanos + 5_000), new(start.AtNanos + 1_000, start.AtNanos + 7_000)];

    private static NodeProtocol.ReadyBrowser Ready(string browser) => new(browser, $"ws://{browser}", "Chrome/1", ProcessId: null);

    private static BrowserReport Report(string browser, BrowserOutcome outcome) => new() { Browser = browser, Outcome = outcome };

    private T Expect<T>() => _node.ExpectMsg<T>(Waiting.Never);
}
