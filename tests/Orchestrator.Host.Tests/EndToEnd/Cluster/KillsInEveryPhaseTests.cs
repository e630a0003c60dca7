using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.EndToEnd.Cluster;

/// <summary>
/// Whoever dies, whenever: the session ends, once, with the outcome that it must have, and says why. One browser is enough for it, so
/// that it shows what becomes of the others.
/// </summary>
[Collection(EndToEndCollection.Name)]
public sealed class KillsInEveryPhaseTests(KillsInEveryPhase kills) : IClassFixture<KillsInEveryPhase>
{
    /// <summary>Who is killed, when, and how the session must end, and its browsers: on the coordinator's node, on another, on the third (whose browser keeps it waiting).</summary>
    public static TheoryData<Victim, Moment, SessionOutcome, BrowserOutcome[]> Cases => new()
    {
        // A browser takes its own trace with it, until its node has that.
        { Victim.Browser, Moment.Prepare, SessionOutcome.Partial, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Refused] },
        { Victim.Browser, Moment.Start, SessionOutcome.Partial, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.ConnectionLost] },
        { Victim.Browser, Moment.Window, SessionOutcome.Partial, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.ConnectionLost] },
        { Victim.Browser, Moment.End, SessionOutcome.Partial, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.ConnectionLost] },
        { Victim.Browser, Moment.Flush, SessionOutcome.Partial, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.ConnectionLost] },
        { Victim.Browser, Moment.Collect, SessionOutcome.Complete, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete] },
        { Victim.Browser, Moment.Merge, SessionOutcome.Complete, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete] },

        // A node that stays away takes its browsers' traces with it, until they are where they are merged.
        { Victim.Node, Moment.Prepare, SessionOutcome.Partial, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.NodeLost] },
        { Victim.Node, Moment.Start, SessionOutcome.Partial, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.NodeLost] },
        { Victim.Node, Moment.Window, SessionOutcome.Partial, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.NodeLost] },
        { Victim.Node, Moment.End, SessionOutcome.Partial, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.NodeLost] },
        { Victim.Node, Moment.Flush, SessionOutcome.Partial, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.NodeLost] },
        { Victim.Node, Moment.Collect, SessionOutcome.Partial, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.NodeLost] },
        { Victim.Node, Moment.Merge, SessionOutcome.Complete, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete] },

        // The coordinator's node takes with it what it was recording itself. What had ended is in its spool, and it comes back.
        { Victim.CoordinatorsNode, Moment.Prepare, SessionOutcome.Partial, [BrowserOutcome.NodeLost, BrowserOutcome.Complete, BrowserOutcome.Complete] },
        { Victim.CoordinatorsNode, Moment.Start, SessionOutcome.Partial, [BrowserOutcome.NodeLost, BrowserOutcome.Complete, BrowserOutcome.Complete] },
        { Victim.CoordinatorsNode, Moment.Window, SessionOutcome.Partial, [BrowserOutcome.NodeLost, BrowserOutcome.Complete, BrowserOutcome.Complete] },
        { Victim.CoordinatorsNode, Moment.End, SessionOutcome.Complete, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete] },
        { Victim.CoordinatorsNode, Moment.Flush, SessionOutcome.Complete, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete] },
        { Victim.CoordinatorsNode, Moment.Collect, SessionOutcome.Complete, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete] },
        { Victim.CoordinatorsNode, Moment.Merge, SessionOutcome.Complete, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete] },

        // Without a journal nothing is told, and nothing is lost.
        { Victim.Journal, Moment.Prepare, SessionOutcome.Complete, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete] },
        { Victim.Journal, Moment.Start, SessionOutcome.Complete, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete] },
        { Victim.Journal, Moment.Window, SessionOutcome.Complete, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete] },
        { Victim.Journal, Moment.End, SessionOutcome.Complete, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete] },
        { Victim.Journal, Moment.Flush, SessionOutcome.Complete, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete] },
        { Victim.Journal, Moment.Collect, SessionOutcome.Complete, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete] },
        { Victim.Journal, Moment.Merge, SessionOutcome.Complete, [BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete] },
    };

    [ClusterTheory]
    [MemberData(nameof(Cases))]
    public async Task A_kill_costs_what_it_must_and_nothing_else(Victim victim, Moment moment, SessionOutcome outcome, BrowserOutcome[] browsers)
    {
        var (document, events, recorded) = await kills.KillAsync(victim, moment);

        Assert.Equal(browsers, document.Browsers.Select(browser => browser.Outcome!.Value));
        Assert.Equal(outcome, document.Outcome);
        // None is silent.
        Assert.All(document.Browsers.Where(browser => !browser.Outcome!.Value.Delivered()), browser => Assert.False(string.IsNullOrEmpty(browser.Reason), $"{browser.Name} says nothing"));
        Assert.Equal(outcome is SessionOutcome.Complete, document.Reason is null);
        if (victim is Victim.CoordinatorsNode) Assert.Contains(document.Notes, note => note.Contains("went on with it", StringComparison.Ordinal));
        // Whatever was recorded whole is in the merged file.
        Assert.Single(document.Merged);
        Assert.All(document.Browsers.Where(browser => browser.Outcome!.Value.Delivered()), browser => Assert.DoesNotContain(document.MergeProblems, problem => problem.Contains(browser.Name, StringComparison.Ordinal)));
        // None doubles.
        Assert.Equal(1, events.Count(happened => happened.Manifest.StartsWith("session-ended", StringComparison.Ordinal)));
        Assert.Equal(3, events.Count(happened => happened.Manifest.StartsWith("browser-ended", StringComparison.Ordinal)));
        Assert.All(recorded, browser => Assert.True(browser.Requests.Count(request => request.Method == "Tracing.start") <= 1));
        Assert.All(recorded, browser => Assert.True(browser.Requests.Count(request => request.Method == "Tracing.end") <= 1));
    }
}
