using Orchestrator.TestKit.Simulations;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Clusters;

/// <summary>What the product promises of a session on a cluster, whatever befalls its machines, its network and its journal.</summary>
internal static class ClusterPromises
{
    // A node that was put out needs some time to join anew, and to be asked.
    private static readonly TimeSpan JoinsWithin = TimeSpan.FromSeconds(5);

    /// <param name="events">The session's journal.</param>
    /// <param name="session">What follows from it; null: there is none.</param>
    /// <param name="aligned">The session's folder, read once more; null when no trace is in it.</param>
    public static IEnumerable<string> Broken(
        ClusterScenario scenario, SimulatedCluster cluster, IReadOnlyList<SessionEvent> events, TraceSession? session, AlignedSession? aligned) =>
        session is null
            ? scenario.Recording.All(node => cluster.Machines[node].IsThere) ? ["No session was opened, and every node was there for it."] : []
            : OneOutcomeEach(cluster, events, session)
                .Concat(OneCoordinatorAtATime(events))
                .Concat(WhoLivedThroughIsComplete(scenario, cluster, session, WasTakenOverEarly(events)))
                .Concat(NothingIsHalfWritten(scenario, session))
                .Concat(RecordedOnce(cluster, session))
                .Concat(cluster.Network.Fencing.Broken)
                .Concat(ClocksAreTrue(cluster, session, aligned))
                .Concat(SpoolsAreReleased(scenario, cluster, session))
                .Concat(ToldWhatIsKept(session))
                .Concat(cluster.Complaints.Concat(cluster.Network.Complaints).Select(complaint => $"An actor logged an error: {complaint}."))
                .Concat(cluster.Time.Strays > 0 ? [$"The run cannot be repeated: {cluster.Time.Strays} times something left the simulation's thread."] : []);

    private static IEnumerable<string> OneOutcomeEach(SimulatedCluster cluster, IReadOnlyList<SessionEvent> events, TraceSession session)
    {
        var outcomes = events.Count(one => one is SessionEvent.Ended);
        if (outcomes != 1) yield return $"The session's journal has {outcomes} outcomes; it had {cluster.LatestEnd} of its time.";
        else if (events[^1] is not SessionEvent.Ended) yield return $"After the session's outcome came {events[^1].GetType().Name}.";
        if (outcomes == 1 && cluster.ClosedAfter is null) yield return "The session has its outcome, and its coordinator does not know.";
        var told = events.OfType<SessionEvent.BrowserEnded>().CountBy(ended => ended.Report.Browser).ToDictionary();
        foreach (var browser in session.Browsers.Select(browser => browser.Target.Name))
        {
            if (told.GetValueOrDefault(browser) is not 1 and var count) yield return $"The session's journal has {count} outcomes of {browser}.";
        }
    }

    private static IEnumerable<string> OneCoordinatorAtATime(IReadOnlyList<SessionEvent> events)
    {
        var epochs = events.Select(one => one switch { SessionEvent.Opened opened => opened.Epoch, SessionEvent.TakenOver taken => taken.Epoch, _ => null }).OfType<long>().ToList();
        // The same coordinator may take it over again, after it had lost its journal.
        if (!epochs.SequenceEqual(epochs.Order())) yield return $"The session was taken over by a coordinator whose successor had it: {string.Join(", ", epochs)}.";
    }

    /// <summary>Before its window was open: a session that is to begin waits for no node that does not get through to say that it is there.</summary>
    private static bool WasTakenOverEarly(IReadOnlyList<SessionEvent> events) =>
        events.TakeWhile(one => one is not SessionEvent.WindowOpened).Any(one => one is SessionEvent.TakenOver);

    private static IEnumerable<string> WhoLivedThroughIsComplete(ClusterScenario scenario, SimulatedCluster cluster, TraceSession session, bool wasTakenOverEarly)
    {
        var survivors = session.Browsers.Where((_, place) => LivedThrough(scenario, cluster, session, place, wasTakenOverEarly)).ToList();
        if (survivors.Count == 0 || session.IsOpen) yield break;
        if (session.GivenUp is { } givenUp) yield return $"The session was given up, and {survivors.Count} browsers were well: {givenUp.Reason}.";
        foreach (var browser in survivors)
        {
            if (browser.Report is not { Outcome: BrowserOutcome.Complete, Trace: { IsWhole: true } trace })
            {
                yield return $"{browser.Target.Name} and its node {browser.Target.Node} were well all the time, and it ended {browser.Report?.Outcome}: {browser.Report?.Reason}.";
                continue;
            }

            var file = new FileInfo(Path.Combine(session.Plan.OutputFolder, trace.Path));
            if (!file.Exists) yield return $"{trace.Path} was reported and is not in the session's folder.";
            else if (file.Length != trace.Bytes || Promises.HashOf(file) != trace.Sha256) yield return $"{trace.Path} does not hold the bytes that were reported.";
        }
    }

    /// <summary>Nothing befell the browser or its node that could cost its trace.</summary>
    private static bool LivedThrough(ClusterScenario scenario, SimulatedCluster cluster, TraceSession session, int place, bool wasTakenOverEarly)
    {
        var node = cluster.Machines[session.Browsers[place].Target.Node!];
        if (cluster.Browsers[place].Conditions.Faults.Count > 0) return false;
        // Who coordinates and records dies as one.
        if (node.Coordinates && node.Lives > 1) return false;
        if (node.Coordinates && node.Process is { IsDead: true }) return false;
        return scenario.Faults.All(fault => fault switch
        {
            ClusterFault.NodeDies dies => dies.Node != node.Name,
            ClusterFault.NodeDrains drains => drains.Node != node.Name,
            ClusterFault.NodeIsCutOff cut => cut.Node != node.Name || ComesBackInTime(scenario, cut),
            ClusterFault.MessagesAreLost lost => lost.Node != node.Name || !wasTakenOverEarly,
            _ => true,
        });
    }

    /// <summary>It was cut off while it recorded, and is back before others have waited long enough for it.</summary>
    private static bool ComesBackInTime(ClusterScenario scenario, ClusterFault.NodeIsCutOff cut) =>
        cut.When.Manifest == "window-opened/1" && cut.When.Plus + cut.For + JoinsWithin < scenario.Session.Duration + TimeSpan.FromSeconds(20);

    private static IEnumerable<string> NothingIsHalfWritten(ClusterScenario scenario, TraceSession session)
    {
        if (session.IsOpen || !Directory.Exists(session.Plan.OutputFolder)) yield break;
        // In a folder that all share, what was growing when its node died has nobody who could say that it grows no more.
        var excused = session.Browsers.Where(browser => scenario.SharesFolder && browser.Report is { Outcome: BrowserOutcome.NodeLost }).Select(browser => browser.Target.Name).ToList();
        foreach (var growing in Directory.EnumerateFiles(session.Plan.OutputFolder, "*" + WholeFile.GrowingSuffix, SearchOption.AllDirectories).Select(file => Path.GetFileName(file)))
        {
            if (!excused.Any(name => growing.StartsWith($"{name}.", StringComparison.Ordinal))) yield return $"{growing} was left half written, under a name that says that it still grows.";
        }
    }

    /// <summary>A take-over touches no recording.</summary>
    private static IEnumerable<string> RecordedOnce(SimulatedCluster cluster, TraceSession session)
    {
        foreach (var (browser, ended) in cluster.Browsers.Zip(session.Browsers))
        {
            var (starts, ends) = (browser.CommandCounts.GetValueOrDefault("Tracing.start"), browser.CommandCounts.GetValueOrDefault("Tracing.end"));
            if (starts > 1 || ends > 1) yield return $"{browser.Id} was told to start {starts} times and to end {ends} times.";
            if (ended.Report is { Outcome: BrowserOutcome.Complete } && (starts, ends) is not (1, 1)) yield return $"{browser.Id} is complete, and was told to start {starts} times and to end {ends} times.";
        }
    }

    private static IEnumerable<string> ClocksAreTrue(SimulatedCluster cluster, TraceSession session, AlignedSession? aligned)
    {
        if (aligned is null || session is not { WindowOpened: { } opened, WindowClosed: { } closed }) yield break;
        var timeline = cluster.Machines[session.Timeline.Node].Clock;
        foreach (var (browser, recorded) in cluster.Browsers.Zip(aligned.Browsers))
        {
            if (ClockTruth.Of(recorded.Clock, browser.Conditions.Clock, True(timeline, opened.TimelineNanos), True(timeline, closed.TimelineNanos), timeline) is { IsOutside: true } truth)
                yield return $"The clock of {browser.Id} is up to {truth.WorstErrorNanos} ns off, and that is more than its bound.";
        }
    }

    private static long True(SimulatedClock clock, long shown) => (long)((shown - clock.Offset.Ticks * 100) / (1 + clock.RatePpm / 1e6));

    private static IEnumerable<string> SpoolsAreReleased(ClusterScenario scenario, SimulatedCluster cluster, TraceSession session)
    {
        // Only who closed a session knows what can go; when that one is gone, too, the rest stays for spool-retention.
        if (session.IsOpen || cluster.TermsAtTheEnd != cluster.Terms.Count) yield break;
        // What the session did not get is kept where it is, and so is all that is with it.
        var keep = SessionDecisions.Untaken(session).Select(browser => session.Find(browser)!.Target.Node).ToHashSet();
        foreach (var machine in cluster.Machines.Values.Where(machine => machine is { IsThere: true, Lives: 1 } && !keep.Contains(machine.Name) && WasAlwaysThere(scenario, machine.Name)))
        {
            if (machine.Spools.Held().Count > 0) yield return $"{machine.Name} still has its spool a minute after the session's end.";
        }
    }

    private static bool WasAlwaysThere(ClusterScenario scenario, string node) => !scenario.Faults.Any(fault => fault switch
    {
        ClusterFault.NodeIsCutOff cut => cut.Node == node,
        ClusterFault.NodeDies dies => dies.Node == node,
        _ => false,
    });

    private static IEnumerable<string> ToldWhatIsKept(TraceSession session)
    {
        if (session.IsOpen) yield break;
        var file = Path.Combine(session.Plan.OutputFolder, RecordedSessions.DocumentName);
        if (!File.Exists(file)) yield return "There is no session.json.";
        else if (!File.ReadAllBytes(file).AsSpan().SequenceEqual(SessionDocument.Of(session).ToUtf8())) yield return "session.json says something else than the session's journal.";
    }
}
