using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Sessions;

public sealed class SessionDecisionsTests
{
    private static readonly DateTimeOffset At = Told.At;

    [Fact]
    public void Browsers_that_are_ready_are_told_once()
    {
        var session = Told.Opened(2);
        var ready = Told.Ready("b1");

        Assert.Equal([ready], SessionDecisions.OnBrowsers(session, [ready, ready, Told.Ready("b9")], [], At));
        Assert.Empty(SessionDecisions.OnBrowsers(session.After(ready), [ready], [], At));
    }

    [Fact]
    public void Browsers_that_have_ended_are_told_once_and_are_not_ready_any_more()
    {
        var session = Told.Opened(2);
        var report = Told.Report("b1", BrowserOutcome.Refused, "busy");
        var second = Told.Report("b1", BrowserOutcome.Complete);

        var told = SessionDecisions.OnBrowsers(session, [], [report, second, Told.Report("b9", BrowserOutcome.Complete)], At).ToList();
        Assert.Equal([new SessionEvent.BrowserEnded(report) { At = At }], told);
        Assert.Empty(SessionDecisions.OnBrowsers(session.After([.. told]), [Told.Ready("b1")], [second], At));
    }

    [Fact]
    public void A_session_that_has_ended_takes_nothing_more()
    {
        var session = Told.Opened(1).After(
            Told.Ended("b1", BrowserOutcome.Complete), new SessionEvent.Ended(SessionOutcome.Complete, null) { At = At });

        Assert.Empty(SessionDecisions.OnBrowsers(session, [Told.Ready("b1")], [Told.Report("b1", BrowserOutcome.Complete)], At));
        Assert.Null(SessionDecisions.WhenAllEnded(session, forced: null, reason: null, At));
    }

    [Fact]
    public void Who_has_recorded_to_the_end_has_not_fallen_out()
    {
        var session = Told.Opened(3, "2").After(Told.Ended("b1", BrowserOutcome.Complete)).After(Told.Ended("b2", BrowserOutcome.CompleteWithLoss)).After(Told.Ended("b3", BrowserOutcome.NodeLost));
        Assert.Null(SessionDecisions.RequirementUnmet(session));
    }

    [Theory]
    [InlineData("all", 0, null)]
    [InlineData("all", 1, "2 of 3 browsers are left, all required (b1 refused: busy)")]
    [InlineData("2", 1, null)]
    [InlineData("2", 2, "1 of 3 browsers are left, 2 required (b1 refused: busy; b2 refused: busy)")]
    [InlineData("60%", 1, null)]
    [InlineData("70%", 1, "2 of 3 browsers are left, 70% required (b1 refused: busy)")]
    [InlineData("4", 0, "3 of 3 browsers are left, 4 required ()")]
    public void A_requirement_that_is_not_met_names_who_fell_out_and_why(string require, int fallen, string? reason)
    {
        var session = Enumerable.Range(1, fallen).Aggregate(
            Told.Opened(3, require), (sofar, number) => sofar.After(Told.Ended($"b{number}", BrowserOutcome.Refused, "busy")));
        Assert.Equal(reason, SessionDecisions.RequirementUnmet(session));
    }

    [Fact]
    public void A_session_ends_when_nobody_is_outstanding_and_not_before()
    {
        var session = Told.Opened(2).After(Told.Ended("b1", BrowserOutcome.Complete));
        Assert.Null(SessionDecisions.WhenAllEnded(session, forced: null, reason: null, At));

        session = session.After(Told.Ended("b2", BrowserOutcome.Complete));
        Assert.Equal(new SessionEvent.Ended(SessionOutcome.Complete, null) { At = At }, SessionDecisions.WhenAllEnded(session, forced: null, reason: null, At));
    }

    [Fact]
    public void The_reason_of_an_end_names_each_browser_that_is_not_complete()
    {
        var session = Told.Opened(3).After(
            Told.Ended("b1", BrowserOutcome.CompleteWithLoss), Told.Ended("b2", BrowserOutcome.Complete), Told.Ended("b3", BrowserOutcome.Corrupt, "rubbish"));

        Assert.Equal(
            new SessionEvent.Ended(SessionOutcome.Partial, "b1 completeWithLoss; b3 corrupt: rubbish") { At = At },
            SessionDecisions.WhenAllEnded(session, forced: null, reason: null, At));
    }

    [Fact]
    public void The_reason_of_an_end_of_many_names_ten_and_counts_the_rest()
    {
        var names = Enumerable.Range(1, 14).Select(number => $"b{number}").ToList();
        var session = Told.Opened(15).After([
            .. names.Select((name, place) => Told.Ended(name, place % 5 == 4 ? BrowserOutcome.CompleteWithLoss : BrowserOutcome.Corrupt)),
            Told.Ended("b15", BrowserOutcome.Complete)]);

        var reason = SessionDecisions.WhenAllEnded(session, forced: null, reason: null, At)!.Reason!;

        Assert.StartsWith("b1 corrupt; b2 corrupt; ", reason, StringComparison.Ordinal);
        Assert.EndsWith("b10 completeWithLoss; 4 more corrupt", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_outcome_that_was_forced_stands_with_its_own_reason()
    {
        var session = Told.Opened(1).After(Told.Ended("b1", BrowserOutcome.Complete));
        Assert.Equal(
            new SessionEvent.Ended(SessionOutcome.Aborted, "enough") { At = At },
            SessionDecisions.WhenAllEnded(session, SessionOutcome.Aborted, "enough", At));
    }

    [Fact]
    public void A_session_is_no_session_without_its_opening()
    {
        var happened = Told.Ended("b1", BrowserOutcome.Complete);
        Assert.Contains("BrowserEnded", Assert.Throws<InvalidOperationException>(() => TraceSession.Apply(null, happened)).Message);
    }

    [Fact]
    public void A_browser_that_the_plan_does_not_have_is_a_broken_journal()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Told.Opened(1).After(Told.Ready("b2")));
        Assert.Equal("Session s-1 has no browser 'b2'.", failure.Message);
    }

    [Theory]
    [InlineData(false, false, SessionPhase.Preparing)]
    [InlineData(true, false, SessionPhase.Starting)]
    [InlineData(true, true, SessionPhase.Starting)]
    public void A_session_whose_window_had_not_opened_goes_on_where_its_nodes_are(bool isStarted, bool isEnded, SessionPhase phase) =>
        Assert.Equal(phase, SessionDecisions.WhereToGoOn(Told.Opened(1), isStarted, isEnded));

    [Fact]
    public void An_open_window_goes_on_to_its_own_end_also_when_a_node_has_ended()
    {
        var session = Told.Opened(1).After(new SessionEvent.WindowOpened(0, 0, 0) { At = At });
        Assert.Equal(SessionPhase.Window, SessionDecisions.WhereToGoOn(session, isStarted: true, isEnded: false));
        Assert.Equal(SessionPhase.Window, SessionDecisions.WhereToGoOn(session, isStarted: true, isEnded: true));
        Assert.Equal(SessionPhase.Flushing, SessionDecisions.WhereToGoOn(session.After(new SessionEvent.WindowClosed(1, null) { At = At }), isStarted: true, isEnded: false));
    }

    [Fact]
    public void A_session_that_was_given_up_is_given_up_by_the_next_coordinator_too_and_the_first_reason_stands()
    {
        var session = Told.Opened(1).After(
            new SessionEvent.GivenUp(SessionOutcome.Aborted, "first") { At = At }, new SessionEvent.GivenUp(SessionOutcome.Failed, "second") { At = At });
        Assert.Equal(SessionPhase.Flushing, SessionDecisions.WhereToGoOn(session, isStarted: false, isEnded: false));
        Assert.Equal(("first", SessionOutcome.Aborted), (session.GivenUp!.Reason, session.GivenUp.Outcome));
    }

    [Fact]
    public void A_take_over_moves_the_session_to_another_folder_and_is_told()
    {
        var session = Told.Opened(1).After(new SessionEvent.TakenOver(7, "node-2", "/data/s-1") { At = At });
        Assert.Equal((7L, "node-2", "/data/s-1"), (session.Epoch, session.FolderNode, session.Plan.OutputFolder));
        Assert.Equal("node-2", SessionDocument.Of(session).MergedOn);
        Assert.Contains("node-2", Assert.Single(SessionDocument.Of(session).Notes));
    }

    [Fact]
    public void Markers_whose_instant_went_by_unplaced_are_told_and_no_others()
    {
        var plan = Told.Plan(1);
        PlannedMarker[] planned = [new("twice", TimeSpan.FromSeconds(1)), new("twice", TimeSpan.FromSeconds(2)), new("missed", TimeSpan.FromSeconds(2)), new("later", TimeSpan.FromSeconds(4))];
        var session = TraceSession.Apply(null, new SessionEvent.Opened(plan with { Window = plan.Window with { Markers = planned } }, Told.Timeline) { At = At })
            .After(new SessionEvent.WindowOpened(1_000_000_000, 0, 0) { At = At }, new SessionEvent.MarkerPlaced("twice", "x", 2_000_000_000) { At = At });

        var told = SessionDecisions.MissedMarkers(session, nowNanos: 4_000_000_000, At).Select(noted => noted.Text).ToList();
        Assert.Equal(2, told.Count);
        Assert.Contains("twice@2s", told[0]);
        Assert.Contains("missed@2s", told[1]);
    }
}
