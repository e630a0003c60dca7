using System.Text.Json;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Wire;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>Puts what the product reported beside what was true.</summary>
internal static class SimulationAccount
{
    private static readonly Dictionary<Type, string> Kinds = new()
    {
        [typeof(NodeProtocol)] = "node",
        [typeof(BrowserProtocol)] = "browser",
        [typeof(SessionProtocol)] = "session",
    };

    public static SimulationResult Of(Scenario scenario, SimulatedWorld world, long beganNanos, TimeSpan realTime, CancellationToken cancellationToken)
    {
        IReadOnlyList<SessionEvent> events =
            [.. world.Journal.EventsOf(SessionActor.PersistenceIdOf(SessionOf.Id)).Select(one => SessionEventSerializer.Read(one.Bytes.Span, one.Manifest))];
        var session = events.Aggregate<SessionEvent, TraceSession?>(null, TraceSession.Apply)
            ?? throw new InvalidOperationException("The session was never opened: its journal is empty.");
        var document = SessionDocument.Of(session);
        var aligned = Aligned(document, cancellationToken);
        var first = world.Browsers.Min(browser => browser.StartedAtNanos);
        var results = session.Browsers.Select((browser, place) =>
        {
            var clock = world.Browsers[place].Conditions.Clock;
            // A recorded trace tells of another session's clock.
            var isOwn = scenario.Content is TraceContent.Generated;
            var truth = isOwn && session is { WindowOpened: { } opened, WindowClosed: { } closed } && aligned is not null
                ? ClockTruth.Of(aligned.Browsers[place].Clock, clock, opened.TimelineNanos, closed.TimelineNanos)
                : default;
            return new SimulatedBrowserResult
            {
                Name = browser.Target.Name,
                Outcome = browser.Report?.Outcome,
                Reason = browser.Report?.Reason,
                StartedAfter = Time(world.Browsers[place].StartedAtNanos - first),
                ClockBound = Time(truth.WorstBoundNanos),
                ClockError = Time(truth.WorstErrorNanos),
                ClockIsEven = clock.IsEven(world.Browsers[place].StartedAtNanos ?? 0, world.EndedAtNanos),
                IsOutsideOfBound = truth.IsOutside,
            };
        }).ToList();
        return new SimulationResult
        {
            Scenario = scenario,
            Document = document,
            Browsers = results,
            Messages = Messages(world),
            BrokenPromises = [.. Promises.Broken(world, events, session, aligned, results)],
            // Where it was recorded to is no part of what happened.
            Journal = world.Journal.Transcript().Replace(JsonEncodedText.Encode(document.Folder).ToString(), "FOLDER", StringComparison.Ordinal),
            Recovered = world.Processes is [_, { Answer: SessionProtocol.Closed }],
            VirtualTime = TimeSpan.FromTicks((world.EndedAtNanos - beganNanos) / 100),
            RealTime = realTime,
        };
    }

    /// <summary>The session's folder once more, as who opens it later finds it; null when there is nothing in it.</summary>
    private static AlignedSession? Aligned(SessionDocument document, CancellationToken cancellationToken) =>
        document.Browsers.All(browser => browser.File is null)
            ? null
            : Task.Run(() => SessionAlignment.AlignAsync(RecordedSessions.Of(document), checkHashes: false, progress: null, cancellationToken), cancellationToken)
                .GetAwaiter().GetResult();

    private static SortedDictionary<string, long> Messages(SimulatedWorld world)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        void Add(string kind, long count) => counts[kind] = counts.GetValueOrDefault(kind) + count;
        foreach (var (type, count) in world.Processes.SelectMany(process => process.Sent))
        {
            if (type.DeclaringType is { } protocol && Kinds.TryGetValue(protocol, out var whose)) Add($"{whose} {type.Name}", count);
        }

        foreach (var (method, count) in world.Browsers.SelectMany(browser => browser.CommandCounts)) Add($"CDP {method}", count);
        return counts;
    }

    private static TimeSpan? Time(long? nanos) => nanos is { } known ? TimeSpan.FromTicks((known + 99) / 100) : null;
}
