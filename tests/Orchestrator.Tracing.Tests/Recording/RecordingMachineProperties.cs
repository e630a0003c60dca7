using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Orchestrator.Tracing.Recording;

namespace Orchestrator.Tracing.Tests.Recording;

/// <summary>What holds whatever happens, in whatever order.</summary>
public sealed class RecordingMachineProperties
{
    public static class AnyEvent
    {
        public static Arbitrary<RecordingEvent> Events()
        {
            var instants = Gen.Choose(0, 1000);
            var reasons = Gen.Elements("one", "two", "three");
            return Gen.OneOf(
                instants.Select(at => (RecordingEvent)new RecordingEvent.StartSent(at)),
                instants.Select(at => (RecordingEvent)new RecordingEvent.StartAnswered(at)),
                reasons.Select(reason => (RecordingEvent)new RecordingEvent.StartRefused(reason)),
                Gen.Choose(-20, 120).Select(percent => (RecordingEvent)new RecordingEvent.BufferFilled(percent / 100.0)),
                instants.Select(at => (RecordingEvent)new RecordingEvent.EndSent(at)),
                from at in instants from loss in Gen.Elements(true, false) select (RecordingEvent)new RecordingEvent.TracingCompleted(at, loss),
                Gen.Constant((RecordingEvent)new RecordingEvent.TraceStored()),
                from outcome in Gen.Elements(Enum.GetValues<BrowserOutcome>())
                from reason in reasons
                select (RecordingEvent)new RecordingEvent.Failed(outcome, reason)).ToArbitrary();
        }
    }

    [Property(Arbitrary = [typeof(AnyEvent)], MaxTest = 1000)]
    public void There_is_one_outcome_at_most_and_nothing_leaves_it(RecordingEvent[] events)
    {
        var outcomes = States(events).OfType<RecordingState.Complete>().Distinct().ToList();
        Assert.True(outcomes.Count <= 1);
        Assert.True(outcomes.Count == 0 || States(events).Last() == outcomes[0]);
    }

    [Property(Arbitrary = [typeof(AnyEvent)], MaxTest = 1000)]
    public void The_first_failure_is_the_outcome(RecordingEvent[] events, RecordingEvent[] later)
    {
        var open = States(events).Last();
        if (open is RecordingState.Complete) return;
        var failed = RecordingMachine.Next(open, new RecordingEvent.Failed(BrowserOutcome.NodeLost, "first"));
        var last = later.Aggregate(failed, RecordingMachine.Next);
        Assert.Equal((BrowserOutcome.NodeLost, "first"), last is RecordingState.Complete complete ? (complete.Outcome, complete.Reason) : default);
    }

    [Property(Arbitrary = [typeof(AnyEvent)], MaxTest = 1000)]
    public void The_peak_never_falls_and_stays_between_nothing_and_all(RecordingEvent[] events)
    {
        var peaks = States(events).Select(RecordingMachineTests.PeakOf).ToList();
        Assert.Equal(peaks.Order(), peaks);
        Assert.All(peaks, peak => Assert.InRange(peak, 0, 1));
    }

    [Property(Arbitrary = [typeof(AnyEvent)], MaxTest = 1000)]
    public void Only_a_browser_that_answered_its_start_can_have_a_whole_trace(RecordingEvent[] events)
    {
        var states = States(events).ToList();
        var failures = events.OfType<RecordingEvent.Failed>().Any(failed => failed.Outcome.Delivered());
        if (!failures && states[^1] is RecordingState.Complete { Outcome: BrowserOutcome.Complete or BrowserOutcome.CompleteWithLoss } complete)
        {
            Assert.Contains(states, state => state is RecordingState.Recording);
            Assert.Equal(complete.DataLoss, complete.Outcome is BrowserOutcome.CompleteWithLoss);
            Assert.Null(complete.Reason);
        }
    }

    private static IEnumerable<RecordingState> States(IEnumerable<RecordingEvent> events)
    {
        RecordingState state = new RecordingState.Idle();
        yield return state;
        foreach (var happened in events) yield return state = RecordingMachine.Next(state, happened);
    }
}
