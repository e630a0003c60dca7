using Akka.Configuration;
using Orchestrator.TestKit.Simulations;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Verification;

namespace Orchestrator.TestKit.Tests.Simulations;

public sealed class SimulationTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(20);

    [Fact]
    public void The_same_scenario_gives_the_same_journal_byte_by_byte_and_another_seed_another()
    {
        var scenario = Scenario.Of(20).OnNodes(3).Drifting(200).Dying(0.2)
            .Suffering(0.2, (random, _) => new Fault.SlowFlush(TimeSpan.FromSeconds(random.Next(10))));

        var (first, again, other) = (scenario.Record(Window), scenario.Record(Window), scenario.Seeded(2).Record(Window));

        Assert.Equal(first.Journal, again.Journal);
        Assert.NotEqual(first.Journal, other.Journal);
        Assert.Equal(first.Browsers, again.Browsers);
    }

    [Theory]
    [InlineData(TraceFormat.Proto, TraceCompression.None, TraceTransfer.Stream)]
    [InlineData(TraceFormat.Proto, TraceCompression.Gzip, TraceTransfer.Stream)]
    [InlineData(TraceFormat.Json, TraceCompression.None, TraceTransfer.Stream)]
    [InlineData(TraceFormat.Json, TraceCompression.Gzip, TraceTransfer.Stream)]
    [InlineData(TraceFormat.Json, TraceCompression.None, TraceTransfer.Events)]
    public async Task A_folder_that_is_kept_passes_every_check_of_a_real_one(TraceFormat format, TraceCompression compression, TraceTransfer transfer)
    {
        using var kept = new KeptFolder();
        var scenario = Scenario.Of(4).Marking("half", Window / 2) with { Duration = Window, Format = format, Compression = compression, Transfer = transfer };

        var result = Simulation.Run(scenario, kept.Session);

        Assert.Empty(result.BrokenPromises);
        Assert.Equal(SessionOutcome.Complete, result.Outcome);
        var verified = await SessionVerification.VerifyAsync(RecordedSessions.Read(kept.Session), progress: null, CancellationToken.None);
        Assert.All(verified.Checks, check => Assert.True(check.Ok, $"{check.File} {check.What}: {check.Detail}"));
        Assert.All(result.Document.Browsers, browser => Assert.InRange(browser.Markers, 2 * 5, 400));
        Assert.All(result.Browsers, browser => Assert.InRange(browser.ClockBound!.Value, TimeSpan.FromMicroseconds(10), TimeSpan.FromMilliseconds(1)));
        Assert.Equal("half", Assert.Single(result.Document.Markers).Label);
    }

    [Fact]
    public void Messages_of_the_coordinator_grow_with_the_nodes_and_not_with_the_browsers()
    {
        static Dictionary<string, long> Sent(int browsers, int nodes) =>
            Scenario.Of(browsers).OnNodes(nodes).Record(Window).Messages
                .Where(kind => kind.Key.StartsWith("node ", StringComparison.Ordinal) && kind.Key is not ("node Progress" or "node BrowsersEnded"))
                .ToDictionary(kind => kind.Key, kind => kind.Value);

        var few = Sent(browsers: 10, nodes: 5);

        Assert.Equal(few, Sent(browsers: 200, nodes: 5));
        Assert.Equal(few.ToDictionary(kind => kind.Key, kind => kind.Value * 2), Sent(browsers: 200, nodes: 10));
        Assert.Equal(5, few["node Start"]);
        Assert.Equal(5, few["node End"]);
    }

    [Fact]
    public void The_users_settings_are_those_of_the_simulated_process()
    {
        var settings = ConfigurationFactory.ParseString("orchestrator { burst-markers = 0, burst-most-markers = 0 }");

        var result = Simulation.Run(Scenario.Of(2) with { Duration = Window }, settings: settings);

        // Those of the cadence are left.
        Assert.All(result.Document.Browsers, browser => Assert.InRange(browser.Markers, 1, 2));
    }

    [Fact]
    public void A_scenario_that_cannot_be_is_refused_with_everything_that_is_wrong()
    {
        var scenario = Scenario.Of(3).OnNodes(5).Drifting(5000).Suffering(new Fault.DataLoss(), "b99") with { Duration = TimeSpan.Zero };

        var refused = Assert.Throws<ArgumentException>(() => Simulation.Run(scenario));

        Assert.Equal(4, scenario.Problems().Count);
        Assert.All(["nodes is 5", "5000 ppm", "no browser b99", "the window lasts"], part => Assert.Contains(part, refused.Message));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Fault.CloseMidStream(7));
    }

    [Fact]
    public void Browsers_are_spread_over_the_nodes_evenly()
    {
        var result = Scenario.Of(23).OnNodes(5).Record(Window);

        var perNode = result.Document.Browsers.CountBy(browser => browser.Node!).Select(node => node.Value).Order();
        Assert.Equal([4, 4, 5, 5, 5], perNode);
    }

    [Fact]
    public void A_step_of_a_clock_is_found_and_claimed_by_nobody_to_be_known()
    {
        var result = Scenario.Of(10).Stepping(share: 1, at: new Delay.Constant(TimeSpan.FromSeconds(10)), by: TimeSpan.FromMilliseconds(250)).Record(Window);

        Assert.Empty(result.BrokenPromises);
        Assert.All(result.Document.Browsers, browser => Assert.NotEmpty(browser.Clock.Findings));
    }

    [Theory]
    [MemberData(nameof(Fates))]
    public void Each_fault_has_its_outcome_and_leaves_the_others_alone(string _, Fault fault, BrowserOutcome outcome)
    {
        // So that an oversized frame need not be of hundreds of megabytes.
        var settings = ConfigurationFactory.ParseString("orchestrator.max-message-size = 4MiB");

        var result = Simulation.Run(Scenario.Of(3).Suffering(fault, "b2") with { Duration = Window }, settings: settings);

        Assert.Empty(result.BrokenPromises);
        Assert.Equal(outcome, result.Browsers[1].Outcome);
        Assert.Equal([BrowserOutcome.Complete, BrowserOutcome.Complete], new[] { result.Browsers[0].Outcome!.Value, result.Browsers[2].Outcome!.Value });
    }

    public static TheoryData<string, Fault, BrowserOutcome> Fates()
    {
        var second = TimeSpan.FromSeconds(1);
        var fates = new (Fault, BrowserOutcome)[]
        {
            (new Fault.RefuseConnection(), BrowserOutcome.Refused),
            (new Fault.RefuseStart(), BrowserOutcome.Refused),
            (new Fault.Hang(TimeSpan.Zero), BrowserOutcome.FlushTimedOut),
            (new Fault.Hang(5 * second), BrowserOutcome.FlushTimedOut),
            (new Fault.Kill(5 * second), BrowserOutcome.ConnectionLost),
            (new Fault.SlowFlush(30 * second), BrowserOutcome.Complete),
            (new Fault.SlowFlush(TimeSpan.FromHours(1)), BrowserOutcome.FlushTimedOut),
            (new Fault.LoseTracingComplete(), BrowserOutcome.FlushTimedOut),
            (new Fault.CloseMidStream(0.5), BrowserOutcome.ConnectionLost),
            (new Fault.GarbageFrame(5 * second), BrowserOutcome.Corrupt),
            (new Fault.OversizedFrame(5 * second, 8 << 20), BrowserOutcome.Corrupt),
            (new Fault.DuplicateAnswers(1), BrowserOutcome.Complete),
            (new Fault.LateAnswers(0.5, second), BrowserOutcome.Complete),
            (new Fault.DataLoss(), BrowserOutcome.CompleteWithLoss),
        };
        var data = new TheoryData<string, Fault, BrowserOutcome>();
        foreach (var (fault, outcome) in fates) data.Add(fault.ToString(), fault, outcome);
        return data;
    }
}
