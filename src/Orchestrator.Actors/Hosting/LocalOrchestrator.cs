using Akka.Actor;
using Akka.Configuration;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Security;
using Orchestrator.Actors.Views;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Hosting;

/// <summary>
/// The orchestrator in this process, with no port open: the same actors as in a cluster, over the journal of one data folder.
/// </summary>
public sealed class LocalOrchestrator : IAsyncDisposable
{
    // Stopping actors kills browsers, and a browser that hangs takes its time.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);

    private readonly ActorSystem _system;
    private readonly IActorRef _coordinator;
    private readonly DataFolder _data;
    private readonly BrowserLauncher _launcher;
    private readonly SessionHistory _history;

    private LocalOrchestrator(ActorSystem system, IActorRef coordinator, DataFolder data, BrowserLauncher launcher, SessionHistory history) =>
        (_system, _coordinator, _data, _launcher, _history) = (system, coordinator, data, launcher, history);

    /// <summary>Sessions found open at start whose process is dead, with the outcome they got.</summary>
    public IReadOnlyList<SessionDocument> RecoveredSessions { get; private set; } = [];

    /// <summary>Reads the user's configuration over the reference (HOCON).</summary>
    /// <param name="userHocon">Null: the reference alone.</param>
    /// <param name="errors">Every unknown key and every value out of range; empty when the result may be used.</param>
    public static Config ReadConfiguration(string? userHocon, out IReadOnlyList<string> errors)
    {
        Config user;
        try
        {
            user = userHocon is null ? Config.Empty : ConfigurationFactory.ParseString(userHocon);
            OrchestratorSettings.Read(user.WithFallback(ReferenceConfiguration.Settings()), out errors);
            errors = [.. errors, .. NodeTraffic.AkkaTlsErrors(user)];
        }
        catch (Exception unreadable)
        {
            // The parser throws several kinds of exception for text that is no HOCON.
            user = Config.Empty;
            errors = [$"it is not HOCON: {unreadable.Message}"];
        }

        return user;
    }

    /// <summary>Opens the journal of <paramref name="dataFolder"/> (made when missing) and gives every session that a dead process left open its outcome.</summary>
    /// <exception cref="JournalUnavailableException">The journal cannot be opened or written; says why and what to do.</exception>
    public static async Task<LocalOrchestrator> StartAsync(string dataFolder, Config configuration, TimeProvider time, CancellationToken cancellationToken)
    {
        var data = DataFolder.Open(dataFolder);
        var config = ReferenceConfiguration.Local(configuration, data.JournalFile);
        var settings = OrchestratorSettings.Read(config, out _);
        var system = ActorSystem.Create("orchestrator", config);
        var clock = new NodeClock(time, settings.NodeName);
        var launcher = new BrowserLauncher();
        var connector = BrowserConnector.OverWebSockets(launcher, settings, time);
        var coordinator = system.ActorOf(CoordinatorActor.Props(clock, settings), "coordinator");
        var node = system.ActorOf(NodeActor.Props(connector, clock, time, settings), "node");
        coordinator.Tell(new SessionProtocol.RegisterNode(settings.NodeName, node));
        try
        {
            var orchestrator = new LocalOrchestrator(system, coordinator, data, launcher, await SessionHistory.OpenAsync(system, cancellationToken));
            await orchestrator.RecoverAsync(cancellationToken);
            return orchestrator;
        }
        catch (Exception failure)
        {
            await StopAsync(system, coordinator, launcher);
            if (failure is not TimeoutException) throw;
            throw new JournalUnavailableException(
                $"The journal in {dataFolder} does not open. Is another process holding it, or the disk full? The log may say more.", failure);
        }
    }

    /// <summary>Runs one session to its outcome. <paramref name="onChange"/> is called, one at a time, when something has changed.</summary>
    /// <param name="end">Cancelled: the window ends early, everything is flushed and kept.</param>
    /// <param name="abort">Cancelled: the session is given up; outcome <c>aborted</c>.</param>
    /// <exception cref="IOException">The session's folder cannot be made.</exception>
    /// <exception cref="JournalUnavailableException">The outcome could not be persisted.</exception>
    public async Task<SessionDocument> RecordAsync(SessionPlan plan, Action<SessionView> onChange, CancellationToken end, CancellationToken abort)
    {
        SessionFolder.Create(plan.OutputFolder);
        using var claim = _data.TryClaim(plan.SessionId)
            ?? throw new IOException($"A session {plan.SessionId} is open in another process.");
        var watcher = _system.ActorOf(SessionWatcher.Props(onChange));
        try
        {
            var closed = _coordinator.Ask<object>(new SessionProtocol.Open(plan, watcher), Timeout.InfiniteTimeSpan, CancellationToken.None);
            await using var onEnd = end.Register(() => _coordinator.Tell(new SessionProtocol.EndNow(plan.SessionId)));
            await using var onAbort = abort.Register(() => _coordinator.Tell(new SessionProtocol.Abort(plan.SessionId, "given up on request")));
            return Document(await closed);
        }
        finally
        {
            _system.Stop(watcher);
        }
    }

    /// <summary>All sessions of the journal, oldest first; those that are open have no outcome.</summary>
    public Task<IReadOnlyList<SessionSummary>> ListSessionsAsync(CancellationToken cancellationToken) => _history.ListAsync().WaitAsync(cancellationToken);

    /// <summary>The sessions whose id is, or begins with, <paramref name="id"/>.</summary>
    public async Task<IReadOnlyList<SessionSummary>> FindSessionsAsync(string id, CancellationToken cancellationToken)
    {
        var all = await ListSessionsAsync(cancellationToken);
        return all.Where(session => session.SessionId == id) is var exact && exact.Any()
            ? [.. exact]
            : [.. all.Where(session => session.SessionId.StartsWith(id, StringComparison.Ordinal))];
    }

    /// <summary>What the journal tells of a session; null when there is none of this id.</summary>
    public async Task<SessionDocument?> ReadSessionAsync(string sessionId, CancellationToken cancellationToken) =>
        await _history.FindAsync(sessionId).WaitAsync(cancellationToken) is { } session ? SessionDocument.Of(session) : null;

    /// <summary>The session's events, in order.</summary>
    public Task<IReadOnlyList<JournalEntry>> ReadEventsAsync(string sessionId, CancellationToken cancellationToken) =>
        _history.EventsAsync(sessionId).WaitAsync(cancellationToken);

    public ValueTask DisposeAsync() => new(StopAsync(_system, _coordinator, _launcher));

    private static async Task StopAsync(ActorSystem system, IActorRef coordinator, BrowserLauncher launcher)
    {
        // The sessions before the node: one that sees its node go tells its journal that the node was lost.
        await ((Task)coordinator.GracefulStop(StopPatience)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await system.Terminate().WaitAsync(StopPatience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        system.Dispose();
        launcher.Dispose();
    }

    private async Task RecoverAsync(CancellationToken cancellationToken)
    {
        var recovered = new List<SessionDocument>();
        foreach (var open in (await ListSessionsAsync(cancellationToken)).Where(session => session.Outcome is null))
        {
            using var claim = _data.TryClaim(open.SessionId);
            if (claim is null) continue;
            var answer = await _coordinator.Ask<object>(new SessionProtocol.Recover(open.SessionId), Timeout.InfiniteTimeSpan, cancellationToken);
            // Another process may have been quicker between the list and the claim.
            if (answer is SessionProtocol.Closed closed) recovered.Add(closed.Document);
        }

        RecoveredSessions = recovered;
    }

    private static SessionDocument Document(object answer) => answer switch
    {
        SessionProtocol.Closed { Problem: null } closed => closed.Document,
        SessionProtocol.Closed closed => throw new IOException(
            $"Session {closed.Document.SessionId} ended {closed.Document.Outcome}, and the journal knows it; a file in {closed.Document.Folder} could not be written: {closed.Problem}"),
        SessionProtocol.Refused refused => throw new JournalUnavailableException($"Session {refused.SessionId}: {refused.Reason}.", null),
        _ => throw new InvalidOperationException($"The coordinator answered {answer}."),
    };
}

/// <summary>The journal cannot be opened, read or written.</summary>
public sealed class JournalUnavailableException(string message, Exception? cause) : Exception(message, cause);
