using Orchestrator.Actors.Coordination;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>What the product promises of every session, whatever befalls it.</summary>
internal static class Promises
{
    public static IEnumerable<string> Broken(SimulatedWorld world, TraceSession session, IReadOnlyList<SimulatedBrowserResult> browsers) =>
        OneOutcomeEach(world, session)
            .Concat(BytesOnDisk(session))
            .Concat(browsers.Where(browser => browser is { ClockIsEven: true, IsOutsideOfBound: true })
                .Select(browser => $"The clock of {browser.Name} ran evenly, and its true offset lies outside of its bound."))
            .Concat(ToldWhatIsKept(world, session))
            .Concat(world.Processes.SelectMany(process => process.Complaints).Select(complaint => $"An actor logged an error: {complaint}."))
            .Concat(world.Strays > 0 ? [$"The run cannot be repeated: {world.Strays} times something left the simulation's thread."] : []);

    private static IEnumerable<string> OneOutcomeEach(SimulatedWorld world, TraceSession session)
    {
        var events = world.Journal.EventsOf(SessionActor.PersistenceIdOf(session.Plan.SessionId));
        var ended = events.Count(one => one.Manifest.StartsWith("session-ended/", StringComparison.Ordinal));
        if (ended != 1) yield return $"The session's journal has {ended} outcomes; it ran for {world.LatestEnd} of its time at most.";
        var told = events.Count(one => one.Manifest.StartsWith("browser-ended/", StringComparison.Ordinal));
        var outstanding = session.Outstanding.Select(browser => browser.Target.Name).ToList();
        if (outstanding.Count > 0) yield return $"No outcome was persisted of {outstanding.Count} browsers: {string.Join(", ", outstanding.Take(10))}.";
        if (told > session.Browsers.Count - outstanding.Count) yield return $"The journal has {told} outcomes of {session.Browsers.Count - outstanding.Count} browsers.";
    }

    /// <summary>Every byte that was reported is there. That they are the right ones, by their hash, is what the alignment checks.</summary>
    private static IEnumerable<string> BytesOnDisk(TraceSession session)
    {
        foreach (var browser in session.Browsers)
        {
            if (browser.Report?.Trace is not { } trace) continue;
            var file = new FileInfo(Path.Combine(session.Plan.OutputFolder, trace.Path));
            if (!file.Exists) yield return $"{trace.Path} was reported and is not there.";
            else if (file.Length != trace.Bytes) yield return $"{trace.Path} was reported with {trace.Bytes} bytes and has {file.Length}.";
        }

        foreach (var growing in Directory.EnumerateFiles(session.Plan.OutputFolder, "*" + WholeFile.GrowingSuffix, SearchOption.AllDirectories))
        {
            if (!session.IsOpen) yield return $"{Path.GetFileName(growing)} was left half written under no name that says so.";
        }
    }

    /// <summary>Whoever asked for the session was told what the journal says, and session.json says it, too.</summary>
    private static IEnumerable<string> ToldWhatIsKept(SimulatedWorld world, TraceSession session)
    {
        if (session.IsOpen || world.Processes is not [.., { Answer: SessionProtocol.Closed closed }]) yield break;
        var kept = SessionDocument.Of(session).ToUtf8();
        if (!closed.Document.ToUtf8().AsSpan().SequenceEqual(kept)) yield return "Whoever asked for the session was told something else than what its journal says.";
        if (closed.Problem is { } problem) yield return $"A file that tells of the session could not be written: {problem}.";
        else if (!File.ReadAllBytes(Path.Combine(session.Plan.OutputFolder, RecordedSessions.DocumentName)).AsSpan().SequenceEqual(kept))
            yield return "session.json says something else than the session's journal.";
    }
}
