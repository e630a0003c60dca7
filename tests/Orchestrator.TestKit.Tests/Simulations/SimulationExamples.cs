using Orchestrator.TestKit.Simulations;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Tests.Simulations;

/// <summary>The examples of docs/testkit.md, word for word: a test keeps them the same.</summary>
public sealed class SimulationExamples
{
    // <example: a load test with browsers that die>
    [Fact]
    public void A_load_test_of_500_browsers_survives_that_some_die()
    {
        var result = Scenario.Of(500).OnNodes(20)
            .Drifting(withinPpm: 100)
            .Dying(share: 0.01)
            .Record(TimeSpan.FromMinutes(10));

        Assert.Empty(result.BrokenPromises);
        Assert.Equal(SessionOutcome.Partial, result.Outcome);
        Assert.InRange(result.That(BrowserOutcome.ConnectionLost).Count, 1, 15);
        Assert.True(result.ClockBound!.Max < TimeSpan.FromMilliseconds(1), $"{result.ClockBound}");
    }
    // </example>

    // <example: who was late>
    [Fact]
    public void Who_starts_late_is_known_by_name()
    {
        var result = Scenario.Of(50)
            .Suffering(new Fault.LateAnswers(Share: 1, By: TimeSpan.FromSeconds(2)), "b7")
            .OverWire(there: new Delay.HeavyTail(TimeSpan.FromMilliseconds(1), shape: 2, TimeSpan.FromSeconds(1)), back: new Delay.Constant(TimeSpan.FromMilliseconds(1)))
            .Record(TimeSpan.FromSeconds(30));

        Assert.Empty(result.BrokenPromises);
        Assert.Equal(SessionOutcome.Complete, result.Outcome);
        Assert.InRange(result.LaterThan(TimeSpan.FromMilliseconds(20)).Count, 1, 25);
        // The window opens when the last browser has answered: b7's answer came two seconds late.
        Assert.True(result.Document.Skew.StartAckMicros > 1_900_000);
    }
    // </example>

    // <example: too many lost>
    [Fact]
    public void A_session_that_needs_all_browsers_is_given_up_when_one_refuses()
    {
        var result = Scenario.Of(20)
            .Requiring(Requirement.All)
            .Suffering(new Fault.RefuseConnection(), "b13")
            .Record(TimeSpan.FromMinutes(1));

        Assert.Empty(result.BrokenPromises);
        Assert.Equal(SessionOutcome.Failed, result.Outcome);
        Assert.Contains("19 of 20 browsers are left", result.Document.Reason);
        Assert.Equal(["b13"], result.That(BrowserOutcome.Refused));
    }
    // </example>

    // <example: the process dies>
    [Fact]
    public void A_process_that_is_killed_in_the_window_leaves_a_session_with_an_outcome()
    {
        var scenario = Scenario.Of(10) with { KillProcessAtEvent = 12 }; // opened, ten browsers ready, the window open

        var result = scenario.Record(TimeSpan.FromMinutes(1));

        Assert.Empty(result.BrokenPromises);
        Assert.Equal(SessionOutcome.Failed, result.Outcome);
        Assert.Equal(10, result.That(BrowserOutcome.NodeLost).Count);
    }
    // </example>
}
