using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Wire;
using Orchestrator.TestKit.Simulations;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Clusters;

/// <summary>Runs a session on a simulated cluster, and holds what came of it against what was true.</summary>
internal static class ClusterSimulation
{
    /// <summary>All of it happens on the calling thread.</summary>
    /// <param name="folder">Where the machines' disks are to stay; null: they are thrown away.</param>
    public static ClusterResult Run(ClusterScenario scenario, string? folder = null)
    {
        using var scratch = folder is null ? new ScratchFolder(scenario.Session) : null;
        var cluster = new SimulatedCluster(scenario, folder ?? Path.Combine(scratch!.Path, "cluster"));
        cluster.Run();
        IReadOnlyList<SessionEvent> events =
            [.. cluster.Journal.EventsOf(SessionActor.PersistenceIdOf(SessionOf.Id)).Select(one => SessionEventSerializer.Read(one.Bytes.Span, one.Manifest))];
        var session = events.Where(one => one is not SessionEvent.NotOpened).Aggregate<SessionEvent, TraceSession?>(null, TraceSession.Apply);
        var document = session is null ? null : SessionDocument.Of(session);
        return new ClusterResult
        {
            Scenario = scenario,
            Document = document,
            Events = events,
            Transcript = cluster.Journal.Transcript(),
            Epochs = cluster.Terms.Count,
            Stale = cluster.Network.Fencing.Stale,
            Took = cluster.ClosedAfter,
            BrokenPromises = [.. ClusterPromises.Broken(scenario, cluster, events, session, Aligned(document))],
        };
    }

    private static AlignedSession? Aligned(SessionDocument? document) => document is null || document.Browsers.All(browser => browser.File is null)
        ? null
        : Task.Run(() => SessionAlignment.AlignAsync(RecordedSessions.Of(document), checkHashes: false, progress: null, CancellationToken.None)).GetAwaiter().GetResult();
}

/// <summary>What came of a session on a simulated cluster.</summary>
internal sealed record ClusterResult
{
    public required ClusterScenario Scenario { get; init; }

    /// <summary>Null: no session was opened.</summary>
    public required SessionDocument? Document { get; init; }

    /// <summary>The session's journal.</summary>
    public required IReadOnlyList<SessionEvent> Events { get; init; }

    /// <summary>The whole journal, an event a line.</summary>
    public required string Transcript { get; init; }

    /// <summary>How many coordinators came into office.</summary>
    public required int Epochs { get; init; }

    /// <summary>How many commands came to nodes that knew a successor of who gave them.</summary>
    public required int Stale { get; init; }

    /// <summary>From the cluster's beginning to the session's being closed; null: it was not.</summary>
    public required TimeSpan? Took { get; init; }

    /// <summary>Each a sentence: there must be none.</summary>
    public required IReadOnlyList<string> BrokenPromises { get; init; }

    public override string ToString() =>
        $"seed {Scenario.Session.Seed}, {Scenario.Coordinators} coordinators, a window of {Scenario.Session.Duration}{(Scenario.SharesFolder ? ", one folder" : "")}, {string.Join("; ", Scenario.Faults)}: {Document?.Outcome?.ToString() ?? "no outcome"}"
        + $" ({string.Join(", ", Document?.Browsers.Select(browser => $"{browser.Name} on {browser.Node}: {browser.Outcome} {browser.Reason}") ?? [])})"
        + $"{Environment.NewLine}{string.Join(Environment.NewLine, BrokenPromises)}{Environment.NewLine}{string.Join(' ', Events.Select(one => one.GetType().Name))}";
}
