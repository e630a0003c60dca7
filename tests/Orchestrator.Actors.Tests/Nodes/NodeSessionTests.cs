using Akka.Actor;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.TestKit.Browsers;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Nodes;

/// <summary>What a node says to a session, seen by a probe in the session's place.</summary>
public sealed class NodeSessionTests : IAsyncLifetime
{
    private readonly TempFolder _temp = new();
    private readonly SessionRig _rig = SessionRig.Start(virtualTimers: true);
    private readonly Akka.TestKit.Xunit2.TestKit _session;

    public NodeSessionTests()
    {
        _session = new Akka.TestKit.Xunit2.TestKit(_rig.System);
        _session.IgnoreMessages(message => message is NodeProtocol.Progress);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _rig.DisposeAsync();
        _temp.Dispose();
    }

    [Fact]
    public async Task One_message_a_phase_each_way_whatever_the_number_of_browsers()
    {
        await using var browsers = await TestBrowsers.StartAsync(3);
        var node = Prepare(browsers);
        var prepared = Expect<NodeProtocol.Prepared>();
        Assert.Equal((1, "here"), (prepared.Phase, prepared.Node));
        Assert.Equal(["b1", "b2", "b3"], prepared.Ready.Select(ready => ready.Browser).Order());

        var at = _rig.Clock.In(TimeSpan.FromMilliseconds(20));
        node.Tell(new NodeProtocol.Start(2, at));
        var started = Expect<NodeProtocol.Started>();
        Assert.Equal((2, 3), (started.Phase, started.Instants.Count));
        Assert.All(started.Instants, instant => Assert.True(instant.SentNanos < instant.AnsweredNanos));

        node.Tell(new NodeProtocol.Mark(3, "all", "all", _rig.Clock.In(TimeSpan.Zero)));
        var marked = Expect<NodeProtocol.Marked>();
        Assert.Equal((3, 3), (marked.Phase, marked.Instants.Count));

        node.Tell(new NodeProtocol.End(4, _rig.Clock.In(TimeSpan.Zero)));
        var end = Expect<NodeProtocol.EndSent>();
        Assert.Equal((4, 3), (end.Phase, end.SentNanos.Count));

        // Reports come as they come, the last with the node's own end.
        var reports = end.Ended.ToList();
        while (reports.Count < 3) reports.AddRange(Expect<NodeProtocol.BrowsersEnded>().Ended);
        Assert.All(reports, report => Assert.Equal(BrowserOutcome.Complete, report.Outcome));
    }

    [Fact]
    public async Task Browsers_are_probed_one_after_the_other()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var answer = new TaskCompletionSource();
        var got = new TaskCompletionSource();
        browsers["b1"].Browser.On("Tracing.recordClockSyncMarker", _ =>
        {
            got.TrySetResult();
            return SimulatedAnswer.Result().After(answer.Task);
        });
        var node = Started(browsers);
        node.Tell(new NodeProtocol.Probe(9, "probe", Rounds: 1, TimeSpan.FromHours(1)));

        await got.Task.Soon();
        Assert.DoesNotContain("Tracing.recordClockSyncMarker", browsers["b2"].Methods());
        answer.SetResult();
        Assert.Equal(9, Expect<NodeProtocol.Probed>().Phase);
        Assert.Equal("probe.0", Assert.Single(browsers["b2"].Browser.Requests, request => request.Method == "Tracing.recordClockSyncMarker").Text("syncId"));
    }

    [Fact]
    public async Task A_browser_that_hangs_on_its_marker_costs_the_others_a_moment_and_is_not_asked_again()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var got = new TaskCompletionSource();
        browsers["b1"].Browser.On("Tracing.recordClockSyncMarker", _ =>
        {
            got.TrySetResult();
            return SimulatedAnswer.Nothing;
        });
        var node = Started(browsers);
        node.Tell(new NodeProtocol.Probe(8, "probe", Rounds: 3, TimeSpan.FromHours(1)));
        await got.Task.Soon();
        _rig.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(8, Expect<NodeProtocol.Probed>().Phase);
        Assert.Single(browsers["b1"].Methods(), "Tracing.recordClockSyncMarker");
        Assert.Equal(3, browsers["b2"].Methods().Count(method => method == "Tracing.recordClockSyncMarker"));
    }

    [Fact]
    public async Task A_probing_ends_with_its_budget_and_the_next_begins_with_whoever_had_no_turn()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var got = new TaskCompletionSource();
        browsers["b1"].Browser.On("Tracing.recordClockSyncMarker", _ =>
        {
            got.TrySetResult();
            return SimulatedAnswer.Nothing;
        });
        var node = Started(browsers);
        node.Tell(new NodeProtocol.Probe(8, "probe", Rounds: 3, TimeSpan.FromMilliseconds(100)));
        await got.Task.Soon();
        _rig.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(8, Expect<NodeProtocol.Probed>().Phase);
        Assert.DoesNotContain("Tracing.recordClockSyncMarker", browsers["b2"].Methods());

        node.Tell(new NodeProtocol.Probe(9, "next", Rounds: 1, TimeSpan.FromHours(1)));
        Assert.Equal(9, Expect<NodeProtocol.Probed>().Phase);
        Assert.Equal("next.0", Assert.Single(browsers["b2"].Browser.Requests, request => request.Method == "Tracing.recordClockSyncMarker").Text("syncId"));
        Assert.Single(browsers["b1"].Methods(), "Tracing.recordClockSyncMarker");
    }

    [Fact]
    public async Task A_probing_that_is_not_through_gives_way_to_the_next_and_is_answered()
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.On(
            "Tracing.recordClockSyncMarker", request => request.Text("syncId") == "old.0" ? SimulatedAnswer.Nothing : null));
        var node = Started(browsers);
        node.Tell(new NodeProtocol.Probe(8, "old", Rounds: 1, TimeSpan.FromHours(1)));
        node.Tell(new NodeProtocol.Probe(9, "new", Rounds: 1, TimeSpan.FromHours(1)));

        Assert.Equal(8, Expect<NodeProtocol.Probed>().Phase);
        Assert.Equal(9, Expect<NodeProtocol.Probed>().Phase);
    }

    [Fact]
    public async Task A_session_that_goes_away_takes_its_browsers_out_of_their_recordings()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var node = Started(browsers);
        _session.Watch(node);
        _rig.System.Stop(_session.TestActor);

        foreach (var server in browsers.Servers)
        {
            await Waiting.UntilAsync(() => server.Connections.Count == 0);
            Assert.False(server.Browser.IsRecording);
        }
    }

    [Fact]
    public async Task When_its_last_browser_has_ended_it_reports_them_all_and_ends()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var node = Started(browsers);
        _session.Watch(node);
        foreach (var server in browsers.Servers) server.DropConnections();

        var reports = new List<BrowserReport>();
        while (reports.Count < 2) reports.AddRange(Expect<NodeProtocol.BrowsersEnded>().Ended);
        Assert.Equal(["b1", "b2"], reports.Select(report => report.Browser).Order());
        Assert.All(reports, report => Assert.Equal(BrowserOutcome.ConnectionLost, report.Outcome));
        Assert.Equal(node, Expect<Terminated>().ActorRef);
    }

    private IActorRef Prepare(TestBrowsers browsers)
    {
        SessionFolder.Create(_temp);
        var plan = Plans.Of(_temp, browsers.Targets());
        _rig.Node.Tell(new NodeProtocol.Prepare(1, plan, plan.Targets), _session.TestActor);
        Assert.Equal("here", Expect<NodeProtocol.Joined>().Node);
        return _session.LastSender;
    }

    private IActorRef Started(TestBrowsers browsers)
    {
        var node = Prepare(browsers);
        Expect<NodeProtocol.Prepared>();
        node.Tell(new NodeProtocol.Start(2, _rig.Clock.In(TimeSpan.Zero)));
        Assert.Equal(browsers.Servers.Count, Expect<NodeProtocol.Started>().Instants.Count);
        return node;
    }

    private T Expect<T>() => _session.ExpectMsg<T>(Waiting.Never);
}
