using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Sessions;

/// <summary>What holds for a session however its browsers' messages come: late, twice, from strangers, in any order.</summary>
public sealed class SessionProperties
{
    /// <summary>Something that reaches a session.</summary>
    public abstract record Message
    {
        /// <summary>One answer of a node: who is ready and who has ended, by number; 0 and 9 are strangers.</summary>
        public sealed record Browsers(int[] Ready, (int Browser, BrowserOutcome Outcome)[] Ended) : Message;

        public sealed record TimeToEnd(bool Aborted) : Message;

        public sealed record Abandon : Message;
    }

    /// <summary>A session of some browsers and what reaches it.</summary>
    public sealed record Story(int Browsers, Message[] Messages);

    public static class AnyStory
    {
        public static Arbitrary<Story> Stories()
        {
            var numbers = Gen.OneOf(Gen.Choose(1, 4), Gen.Elements(0, 9));
            var outcomes = Gen.Elements(Enum.GetValues<BrowserOutcome>());
            var ends = from number in numbers from outcome in outcomes select (number, outcome);
            var browsers = from ready in numbers.ArrayOf() from ended in ends.ArrayOf() select (Message)new Message.Browsers(ready, ended);
            var message = Gen.Frequency(
                (8, browsers),
                (3, Gen.Elements(true, false).Select(aborted => (Message)new Message.TimeToEnd(aborted))),
                (1, Gen.Constant((Message)new Message.Abandon())));
            return (from count in Gen.Choose(1, 4) from messages in message.ArrayOf() select new Story(count, messages)).ToArbitrary();
        }
    }

    [Property(Arbitrary = [typeof(AnyStory)], MaxTest = 1000)]
    public void Each_browser_is_ready_once_at_most_and_has_one_report_at_most(Story story)
    {
        var (events, session) = Tell(story);
        Assert.All(events.OfType<SessionEvent.BrowserReady>().GroupBy(ready => ready.Browser), group => Assert.Single(group));
        Assert.All(events.OfType<SessionEvent.BrowserEnded>().GroupBy(ended => ended.Report.Browser), group => Assert.Single(group));
        Assert.Equal(session.Browsers.Count - session.Outstanding.Count(), events.OfType<SessionEvent.BrowserEnded>().Count());
    }

    [Property(Arbitrary = [typeof(AnyStory)], MaxTest = 1000)]
    public void A_session_ends_once_at_most_when_nobody_is_outstanding_and_nothing_follows(Story story)
    {
        var (events, session) = Tell(story);
        Assert.True(events.OfType<SessionEvent.Ended>().Count() <= 1);
        if (session.IsOpen) return;
        Assert.IsType<SessionEvent.Ended>(events[^1]);
        Assert.Empty(session.Outstanding);
    }

    [Property(Arbitrary = [typeof(AnyStory)], MaxTest = 1000)]
    public void The_state_comes_from_the_events_alone(Story story)
    {
        var (events, session) = Tell(story);
        var again = events.Aggregate((TraceSession?)null, TraceSession.Apply)!;
        Assert.Equal(SessionDocument.Of(session).ToUtf8(), SessionDocument.Of(again).ToUtf8());
    }

    [Property(Arbitrary = [typeof(AnyStory)], MaxTest = 1000)]
    public void An_event_that_is_applied_twice_changes_nothing_the_second_time(Story story)
    {
        var (events, session) = Tell(story);
        var twice = events.Aggregate((TraceSession?)null, (state, happened) => happened is SessionEvent.Opened
            ? TraceSession.Apply(state, happened)
            : TraceSession.Apply(TraceSession.Apply(state, happened), happened))!;
        Assert.Equal(SessionDocument.Of(session).ToUtf8(), SessionDocument.Of(twice).ToUtf8());
    }

    [Property(Arbitrary = [typeof(AnyStory)], MaxTest = 1000)]
    public void A_session_that_nobody_forced_ends_as_its_browsers_add_up(Story story)
    {
        var (_, session) = Tell(story with { Messages = [.. story.Messages.Where(message => message is not (Message.TimeToEnd { Aborted: true } or Message.Abandon))] });
        if (session.End is { } end) Assert.Equal(SessionOutcomes.From([.. session.Browsers.Select(browser => browser.Report!.Outcome)]), end.Outcome);
    }

    private static (IReadOnlyList<SessionEvent> Events, TraceSession Session) Tell(Story story)
    {
        var events = new List<SessionEvent> { new SessionEvent.Opened(Told.Plan(story.Browsers), Told.Timeline) { At = Told.At } };
        var session = TraceSession.Apply(null, events[0]);
        foreach (var message in story.Messages)
        {
            // All that one message leads to is decided on the state that it met, as the actor does it.
            var decided = Decide(session, message).ToList();
            events.AddRange(decided);
            session = session.After([.. decided]);
        }

        return (events, session);
    }

    private static IEnumerable<SessionEvent> Decide(TraceSession session, Message message) => message switch
    {
        Message.Browsers browsers => SessionDecisions.OnBrowsers(
            session,
            browsers.Ready.Select(number => Told.Ready($"b{number}")),
            browsers.Ended.Select(end => Told.Report($"b{end.Browser}", end.Outcome, "a reason")),
            Told.At),
        Message.TimeToEnd time => SessionDecisions.WhenAllEnded(session, time.Aborted ? SessionOutcome.Aborted : null, null, Told.At) is { } end ? [end] : [],
        _ => SessionDecisions.OnBrowsers(
            session, [], session.Browsers.Select(browser => Told.Report(browser.Target.Name, BrowserOutcome.NodeLost, "its node is gone")), Told.At),
    };
}
