using Orchestrator.TestKit.Clusters;
using Orchestrator.TestKit.Simulations;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Tests.Clusters;

/// <summary>What a fail-over costs in each phase of a session: nothing that was recorded. Four browsers on two nodes, clocks of their own, ten seconds.</summary>
public sealed class FailOverExamples
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly Scenario Session = Scenario.Of(4).OnNodes(2) with
    {
        Duration = 10 * Second,
        Connecting = new Delay.Constant(Second),
        Starting = new Delay.Constant(2 * Second),
        Flushing = new Delay.Constant(3 * Second),
        Markers = [new PlannedMarker("checkout", 4 * Second)],
    };

    [Fact]
    public void A_session_on_two_nodes_is_one_session()
    {
        var result = Complete();

        Assert.Equal(1, result.Epochs);
        Assert.Equal(["n1", "n1", "n2", "n2"], result.Document!.Browsers.Select(browser => browser.Node));
        Assert.Equal("c1", result.Document.MergedOn);
        Assert.Empty(result.Document.Notes);
        Assert.All(result.Document.Browsers, browser => Assert.InRange(browser.Clock.WorstBoundNanos!.Value, 1_000, 10_000_000));
        Assert.All(result.Document.Nodes.Where(node => node.Name is "n1" or "n2"), node => Assert.Equal(ClockRelation.Measured, node.Clock.Relation));
    }

    [Fact]
    public void A_coordinator_may_die_between_admitting_a_session_and_opening_it() => Complete(CoordinatorDies(Moment.At("session-admitted/1")));

    [Fact]
    public void A_coordinator_may_die_while_browsers_get_ready() => Complete(CoordinatorDies(Moment.At("session-opened/1", Second / 2)));

    [Fact]
    public void A_coordinator_may_die_while_browsers_start() => Complete(CoordinatorDies(Moment.At("browser-ready/1", Second)));

    [Fact]
    public void A_coordinator_may_die_in_the_window()
    {
        var result = Complete(CoordinatorDies(Moment.At("window-opened/1", Second)));

        Assert.Equal("c2", result.Document!.MergedOn);
        Assert.Equal("c1", result.Document.Timeline.Node);
        Assert.Contains("The coordinator on c2 went on with it", Assert.Single(result.Document.Notes));
        Assert.Equal("checkout", Assert.Single(result.Document.Markers).Label);
        Assert.InRange((result.Document.WindowClosedAt - result.Document.WindowOpenedAt)!.Value, 9.9 * Second, 10.1 * Second);
    }

    [Fact]
    public void A_marker_whose_instant_nobody_was_in_office_for_is_missing_and_that_is_said()
    {
        var result = Complete(new ClusterFault.CoordinatorDies(Moment.At("window-opened/1", 3 * Second), Vacant: 2 * Second));

        Assert.Empty(result.Document!.Markers);
        Assert.Contains(result.Document.Notes, note => note.StartsWith("The marker checkout@4s may be missing", StringComparison.Ordinal));
    }

    [Fact]
    public void A_window_ends_when_it_was_to_end_though_nobody_is_in_office_then()
    {
        var result = Complete(new ClusterFault.CoordinatorDies(Moment.At("window-opened/1", 2 * Second), Vacant: 30 * Second));

        Assert.InRange((result.Document!.WindowClosedAt - result.Document.WindowOpenedAt)!.Value, 9.9 * Second, 11.5 * Second);
    }

    [Fact]
    public void A_session_of_which_nobody_knows_that_it_began_is_complete_when_its_browsers_recorded_it_to_the_end()
    {
        var result = Complete(new ClusterFault.CoordinatorDies(Moment.At("browser-ready/1", Second), Vacant: 30 * Second));

        Assert.InRange((result.Document!.WindowClosedAt - result.Document.WindowOpenedAt)!.Value, 9.9 * Second, 11.5 * Second);
        Assert.NotNull(result.Document.Skew.StartAckMicros);
    }

    [Fact]
    public void A_coordinator_may_die_while_the_window_ends() => Complete(CoordinatorDies(Moment.At("window-opened/1", 9.96 * Second)));

    [Fact]
    public void A_coordinator_may_die_while_browsers_flush() => Complete(CoordinatorDies(Moment.At("window-closed/1", Second)));

    [Fact]
    public void A_coordinator_may_die_while_traces_are_collected() => Complete(CoordinatorDies(Moment.At("browser-ended/1")));

    [Fact]
    public void A_coordinator_may_die_while_traces_are_merged()
    {
        var result = Complete(CoordinatorDies(Moment.At("clocks-aligned/1")));

        Assert.Equal("c2", result.Document!.MergedOn);
    }

    [Fact]
    public void A_coordinator_may_die_before_it_tells_of_the_outcome() => Complete(CoordinatorDies(Moment.At("session-ended/1")));

    [Fact]
    public void One_coordinator_after_the_other_may_die()
    {
        var result = Complete(
            new ClusterFault.CoordinatorDies(Moment.At("session-opened/1", Second / 2), Second, Returns: 2 * Second),
            new ClusterFault.CoordinatorDies(Moment.At("window-opened/1", Second), Second, Returns: 2 * Second),
            new ClusterFault.CoordinatorDies(Moment.At("window-closed/1", Second), Second, Returns: 2 * Second),
            new ClusterFault.CoordinatorDies(Moment.At("browser-ended/1", Second / 10), Second));

        Assert.Equal(5, result.Epochs);
    }

    [Fact]
    public void A_coordinator_that_does_not_know_of_its_successor_is_obeyed_by_nobody()
    {
        var result = Complete(new ClusterFault.CoordinatorIsOusted(Moment.At("window-opened/1", Second), Beside: 8 * Second));

        Assert.Equal(2, result.Epochs);
        Assert.NotEqual(0, result.Stale);
    }

    [Fact]
    public void A_coordinator_that_was_about_to_open_a_session_when_it_was_ousted_does_not_open_it() =>
        Complete(new ClusterFault.CoordinatorIsOusted(Moment.At("session-admitted/1"), Beside: 8 * Second));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_node_that_is_put_out_while_it_records_hands_in_when_it_is_back(bool sharesFolder)
    {
        var result = Complete(sharesFolder, new ClusterFault.NodeIsCutOff(Moment.At("window-opened/1", Second), "n2", For: 15 * Second));

        Assert.Equal(1, result.Epochs);
    }

    [Fact]
    public void A_node_whose_process_dies_loses_its_browsers_and_nobody_elses()
    {
        var result = Kept(new ClusterFault.NodeDies(Moment.At("window-opened/1", Second), "n2", Returns: 5 * Second));

        Assert.Equal(SessionOutcome.Partial, result.Document!.Outcome);
        Assert.Equal(
            [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.NodeLost, BrowserOutcome.NodeLost],
            result.Document.Browsers.Select(browser => browser.Outcome!.Value));
    }

    [Fact]
    public void A_node_that_is_told_to_stop_ends_its_recordings_early_and_hands_them_in()
    {
        var result = Kept(new ClusterFault.NodeDrains(Moment.At("window-opened/1", 5 * Second), "n2"));

        Assert.Equal(SessionOutcome.Complete, result.Document!.Outcome);
        Assert.All(result.Document.Browsers, browser => Assert.Equal(browser.Node == "n2" ? ["it was ended early: its node was told to stop"] : [], browser.Warnings));
    }

    [Fact]
    public void A_journal_that_is_away_keeps_no_browser_from_recording() => Complete(new ClusterFault.JournalIsAway(Moment.At("window-opened/1", 2 * Second), For: 12 * Second));

    [Theory]
    [InlineData("session-admitted/1")]
    [InlineData("browser-ready/1")]
    [InlineData("window-opened/1")]
    [InlineData("window-closed/1")]
    public void What_is_lost_on_the_way_is_said_again(string from) => Complete(new ClusterFault.MessagesAreLost(Moment.At(from), "n1", For: 8 * Second, Share: 0.5));

    private static ClusterFault.CoordinatorDies CoordinatorDies(Moment when) => new(when, Vacant: 1.5 * Second);

    private static ClusterResult Kept(params ClusterFault[] faults) => Kept(sharesFolder: false, faults);

    private static ClusterResult Kept(bool sharesFolder, ClusterFault[] faults)
    {
        var result = ClusterSimulation.Run(new ClusterScenario { Session = Session, SharesFolder = sharesFolder, Faults = faults });
        Assert.True(result.BrokenPromises.Count == 0, $"{result}");
        return result;
    }

    private static ClusterResult Complete(params ClusterFault[] faults) => Complete(sharesFolder: false, faults);

    private static ClusterResult Complete(bool sharesFolder, params ClusterFault[] faults)
    {
        var result = Kept(sharesFolder, faults);
        Assert.True(result.Document!.Outcome is SessionOutcome.Complete, $"{result}");
        return result;
    }
}
