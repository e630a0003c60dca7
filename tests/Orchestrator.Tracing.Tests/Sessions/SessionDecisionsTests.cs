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
}
