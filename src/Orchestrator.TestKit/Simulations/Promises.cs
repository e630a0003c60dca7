using System.Security.Cryptography;
using Orchestrator.Actors.Coordination;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>What the product promises of every session, whatever befalls it.</summary>
internal static class Promises
{
    /// <param name="events">The session's journal.</param>
    /// <param name="session">What follows from it.</param>
    /// <param name="aligned">The session's folder, read once more; null when no trace is in it.</param>
    public static IEnumerable<string> Broken(
        SimulatedWorld world, IReadOnlyList<SessionEvent> events, TraceSession session, AlignedSession? aligned, IReadOnlyList<SimulatedBrowserResult> browsers) =>
        OneOutcomeEach(world, events, session)
            .Concat(BytesOnDisk(session))
            .Concat(browsers.Where(browser => browser is { ClockIsEven: true, IsOutsideOfBound: true })
                .Select(browser => $"The clock of {browser.Name} ran evenly, and its true offset lies outside of its bound."))
            .Concat(ClocksAsTheFilesSay(session, aligned))
            .Concat(TruthInReportedBounds(session, browsers))
            .Concat(ToldWhatIsKept(world, session))
            .Concat(world.Processes.SelectMany(process => process.Complaints).Select(complaint => $"An actor logged an error: {complaint}."))
            .Concat(world.Strays > 0 ? [$"The run cannot be repeated: {world.Strays} times something left the simulation's thread."] : []);

    private static IEnumerable<string> OneOutcomeEach(SimulatedWorld world, IReadOnlyList<SessionEvent> events, TraceSession session)
    {
        var outcomes = events.Count(one => one is SessionEvent.Ended);
        if (outcomes != 1) yield return $"The session's journal has {outcomes} outcomes; it ran for {world.LatestEnd} of its time at most.";
        var told = events.OfType<SessionEvent.BrowserEnded>().CountBy(ended => ended.Report.Browser).ToDictionary();
        foreach (var browser in session.Browsers.Select(browser => browser.Target.Name))
        {
            if (told.GetValueOrDefault(browser) is not 1 and var count) yield return $"The session's journal has {count} outcomes of {browser}.";
        }
    }

    private static IEnumerable<string> BytesOnDisk(TraceSession session)
    {
        foreach (var trace in session.Browsers.Select(browser => browser.Report?.Trace).OfType<TraceFile>())
        {
            var file = new FileInfo(Path.Combine(session.Plan.OutputFolder, trace.Path));
            if (!file.Exists) yield return $"{trace.Path} was reported and is not there.";
            else if (file.Length != trace.Bytes) yield return $"{trace.Path} was reported with {trace.Bytes} bytes and has {file.Length}.";
            else if (HashOf(file) != trace.Sha256) yield return $"{trace.Path} does not hold the bytes that were reported.";
        }

        if (session.IsOpen) yield break;
        foreach (var growing in Directory.EnumerateFiles(session.Plan.OutputFolder, "*" + WholeFile.GrowingSuffix, SearchOption.AllDirectories))
            yield return $"{Path.GetFileName(growing)} was left half written, under a name that says that it still grows.";
    }

    internal static string HashOf(FileInfo file)
    {
        using var bytes = file.OpenRead();
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    /// <summary>The numbers that stand in session.json, held against the truth and not against another reckoning.</summary>
    private static IEnumerable<string> TruthInReportedBounds(TraceSession session, IReadOnlyList<SimulatedBrowserResult> browsers)
    {
        foreach (var browser in browsers.Where(browser => browser is { ClockIsEven: true, ClockError: not null }))
        {
            // A result's durations are rounded up to whole ticks.
            if (session.Clocks.GetValueOrDefault(browser.Name)?.WorstBoundNanos is { } told && browser.ClockError!.Value.Ticks * 100 > told + 100)
                yield return $"The clock of {browser.Name} was up to {browser.ClockError.Value.TotalMicroseconds} µs off, and session.json says that it is {told / 1000.0} µs at most.";
        }
    }

    /// <summary>What the session told of the clocks is what who opens its folder later finds.</summary>
    private static IEnumerable<string> ClocksAsTheFilesSay(TraceSession session, AlignedSession? aligned)
    {
        if (aligned is null || session.Clocks.Count == 0) yield break;
        foreach (var (browser, found) in session.Browsers.Select(browser => browser.Target.Name).Zip(aligned.ClockFacts))
        {
            var told = session.Clocks.GetValueOrDefault(browser);
            if ((told?.OffsetNanos, told?.BoundNanos, told?.WorstBoundNanos) != (found.OffsetNanos, found.BoundNanos, found.WorstBoundNanos))
                yield return $"The clock of {browser} was told to lie {told?.OffsetNanos} ± {told?.BoundNanos} ns off, and its files say {found.OffsetNanos} ± {found.BoundNanos}.";
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
