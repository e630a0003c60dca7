using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Clocks;
using Orchestrator.Actors.Clustering;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Views;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Hosting;

/// <summary>A node of a cluster in this process: the same actors as <see cref="LocalOrchestrator"/>'s, with others of their kind elsewhere.</summary>
public sealed class ClusterOrchestrator : INodeServices, IAsyncDisposable
{
    // The coordinator is asked within this process; it answers at once unless its journal keeps it waiting.
    private static readonly TimeSpan AskPatience = TimeSpan.FromSeconds(15);

    // A history of a hundred thousand sessions takes some ten seconds.
    private static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan RejoinPause = TimeSpan.FromSeconds(5);

    // Joining takes some seconds where there is somebody to join.
    private static readonly TimeSpan MemberPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(2);

    private readonly NodeOptions _options;
    private readonly OrchestratorSettings _settings;
    private readonly Config _config;
    private readonly IReadOnlyList<Setup> _setups;
    private readonly TimeProvider _time;
    private readonly NodeClock _clock;
    private readonly SpoolFolders _spools;
    private readonly BrowserLauncher _launcher = new();

    // What was read of the clock stays true whatever becomes of a membership.
    private readonly ReferenceClocks _references;
    private readonly TaskCompletionSource<string> _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _opening = new(1, 1);
    private volatile ClusterMembership? _membership;
    private readonly CancellationTokenSource _over = new();
    private readonly Action<string> _say;
    private volatile bool _isStopping;
    private SessionHistory? _history;
    private Task _living = Task.CompletedTask;
    private Uri? _http;

    /// <param name="config">The user's settings over the reference, all checked.</param>
    /// <param name="setups">What the actor system needs beside its configuration.</param>
    /// <param name="say">Told what the operator should know, a line each.</param>
    public ClusterOrchestrator(NodeOptions options, OrchestratorSettings settings, Config config, IReadOnlyList<Setup> setups, TimeProvider time, Action<string> say)
    {
        (_options, _settings, _config, _setups, _time, _say) = (options, settings, config, setups, time, say);
        _clock = new NodeClock(time, settings.NodeName);
        _references = new ReferenceClocks(_clock);
        SessionsFolder = settings.SharedFolder.Length > 0 ? settings.SharedFolder : Path.Combine(options.DataFolder, "sessions");
        SpoolsFolder = Path.Combine(options.DataFolder, "spools");
        _spools = new SpoolFolders(SpoolsFolder);
    }

    public string NodeName => _clock.Timeline.Node;

    public string SessionsFolder { get; }

    public string SpoolsFolder { get; }

    /// <summary>Of the cluster's port.</summary>
    public string Address => Membership.Address;

    /// <summary>Completes with the reason when this node must not be in the cluster that it has joined.</summary>
    public Task<string> Refused => _refused.Task;

    private ClusterMembership Membership => _membership ?? throw new CoordinatorUnavailableException("this node has not joined its cluster");

    /// <summary>Opens the cluster's port and begins to join.</summary>
    /// <param name="http">This node's HTTP base address as others reach it; null where it has none.</param>
    public void Start(Uri? http)
    {
        _http = http;
        _membership = Join(isLeaving: false, isFirst: true);
        _living = LiveAsync();
    }

    /// <summary>Completes when this node is a member and has heard from a coordinator.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        while (!IsReady(out _)) await Task.Delay(TimeSpan.FromMilliseconds(50), _time, cancellationToken);
    }

    public bool IsReady(out string? why)
    {
        why = _membership switch
        {
            null => "this node has not joined its cluster",
            _ when _isStopping => "this node is about to stop",
            { Refused: { } reason } => $"the coordinator refuses this node: {reason}",
            { IsUp: false } => "this node is not a member of its cluster yet",
            { Coordinator: null } => "no coordinator is in office",
            _ => null,
        };
        return why is null;
    }

    /// <summary>
    /// Leaves the cluster in order: ends what is recorded here, hands over the coordinator, waits until what was recorded has been
    /// fetched. The only coordinator ends its sessions first.
    /// </summary>
    /// <param name="hurry">Cancelled: leaves at once.</param>
    public async Task StopAsync(CancellationToken hurry)
    {
        _isStopping = true;
        if (_membership is not { } membership) return;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(hurry);
        patience.CancelAfter(_settings.DrainTimeout);
        try
        {
            if (membership.Office is { } office && !membership.HasOtherCoordinators)
            {
                await office.Ask<ClusterProtocol.Drained>(ClusterProtocol.Drain.Instance, Timeout.InfiniteTimeSpan, patience.Token);
            }
            else
            {
                membership.EndRecordings("its node was told to stop");
                if (membership.Coordinates)
                {
                    await membership.LeaveAsync().WaitAsync(patience.Token);
                    // What was recorded here is handed in to the next coordinator by a member that does not coordinate.
                    if (_spools.Held().Count > 0) _membership = membership = await JoinAgainAsync(isLeaving: true, patience.Token);
                }

                if (_spools.Held().Count > 0) await membership.QuietAsync(andTaken: true, patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // What was not fetched stays in the spools, and is handed in when this node is started again.
        }

        if (membership.System.WhenTerminated.IsCompleted) return;
        try
        {
            using var leaving = new CancellationTokenSource(TimeSpan.FromSeconds(15), _time);
            await membership.LeaveAsync().WaitAsync(leaving.Token);
        }
        catch (OperationCanceledException)
        {
            // The others find out by themselves.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        await _over.CancelAsync();
        if (_membership is { } membership) await membership.DisposeAsync();
        await _living;
        _over.Dispose();
        _launcher.Dispose();
        _opening.Dispose();
    }

    public Task<Uri?> FindCoordinatorAsync(CancellationToken cancellationToken)
    {
        if (Membership.Coordinator is not { } coordinator) throw new CoordinatorUnavailableException("no coordinator is in office");
        if (coordinator.Coordinator == NodeName) return Task.FromResult<Uri?>(null);
        return Task.FromResult<Uri?>(coordinator.Http ?? throw new CoordinatorUnavailableException($"the coordinator is on {coordinator.Coordinator}, which serves no HTTP"));
    }

    public async Task OpenAsync(SessionPlan plan, CancellationToken cancellationToken)
    {
        switch (await AskOnceAsync(new SessionProtocol.Open(plan, ActorRefs.Nobody), plan.SessionId, cancellationToken))
        {
            case SessionProtocol.Refused refused:
                throw refused.IsForNow ? new CoordinatorUnavailableException(refused.Reason) : new SessionRefusedException(refused.Reason);
            case SessionProtocol.Unknown unknown:
                throw new AnswerMissingException($"session {unknown.SessionId} may be open or not: {unknown.Reason}");
        }
    }

    public Task EndAsync(string sessionId, CancellationToken cancellationToken) => TellSessionAsync(new SessionProtocol.EndNow(sessionId), sessionId, cancellationToken);

    public Task AbortAsync(string sessionId, string reason, CancellationToken cancellationToken) =>
        TellSessionAsync(new SessionProtocol.Abort(sessionId, reason), sessionId, cancellationToken);

    public Task MarkAsync(string sessionId, string label, CancellationToken cancellationToken) =>
        TellSessionAsync(new SessionProtocol.Mark(sessionId, label), sessionId, cancellationToken, isOnce: true);

    public async IAsyncEnumerable<SessionView> WatchAsync(string sessionId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var views = Channel.CreateBounded<SessionView>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        var (membership, office) = Office();
        var watcher = membership.System.ActorOf(ViewStreamActor.Props(office, sessionId, views.Writer));
        try
        {
            await foreach (var view in views.Reader.ReadAllAsync(cancellationToken)) yield return view;
        }
        finally
        {
            membership.System.Stop(watcher);
        }
    }

    public Task<IReadOnlyList<SessionSummary>> ListSessionsAsync(CancellationToken cancellationToken) => ReadAsync(history => history.ListAsync(), cancellationToken);

    public async Task<SessionDocument?> ReadSessionAsync(string sessionId, CancellationToken cancellationToken) =>
        await ReadAsync(history => history.FindAsync(sessionId), cancellationToken) is { } session ? SessionDocument.Of(session) : null;

    public Task<IReadOnlyList<JournalEntry>> ReadEventsAsync(string sessionId, CancellationToken cancellationToken) =>
        ReadAsync(history => history.EventsAsync(sessionId), cancellationToken);

    public async Task<ClusterStatus> StatusAsync(CancellationToken cancellationToken) =>
        (ClusterStatus)await AskAsync(ClusterProtocol.TellStatus.Instance, cancellationToken);

    /// <param name="isFirst">False: this process has been a member before.</param>
    private ClusterMembership Join(bool isLeaving, bool isFirst)
    {
        var membership = new ClusterMembership(
            _options, _settings, _config, _setups, _spools, _launcher, _clock, _references, _time, _http, isLeaving, refused: reason => _refused.TrySetResult(reason));
        var self = membership.Cluster.SelfAddress;
        var seeds = _options.Seeds.Select(seed => new Address(self.Protocol, self.System, seed.Host, seed.Port)).ToList();
        // Who has been a member goes back to the others, whether or not it was told of them when it started: it must not form a cluster of
        // its own beside theirs, as Akka's first seed does when it reaches nobody.
        if (!isFirst)
        {
            seeds = [.. seeds.Union(Membership.Others)];
            if (seeds.Exists(seed => !seed.Equals(self))) seeds.RemoveAll(self.Equals);
        }

        membership.Cluster.JoinSeedNodes(seeds.Count > 0 ? seeds : [self]);
        return membership;
    }

    /// <summary>Joins anew whenever the cluster has put this node out.</summary>
    private async Task LiveAsync()
    {
        try
        {
            while (true)
            {
                await Membership.System.WhenTerminated;
                await ForgetHistoryAsync();
                if (_isStopping) return;
                var membership = _membership = await JoinAgainAsync(isLeaving: false, _over.Token);
                await UntilMemberAsync(membership);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    /// <summary>
    /// Where all nodes were put out, each waits for a member, and there is none. The first seed may begin a new cluster then, but only
    /// when it reaches every other node that it knows: behind a partition there may be the one that it was put out of.
    /// </summary>
    private async Task UntilMemberAsync(ClusterMembership membership)
    {
        var self = membership.Cluster.SelfAddress;
        var isFirstSeed = _options.Seeds is [var first, ..] && first == new HostAndPort(self.Host, self.Port ?? 0);
        while (!membership.IsUp && !membership.System.WhenTerminated.IsCompleted)
        {
            await Task.WhenAny(membership.System.WhenTerminated, Task.Delay(MemberPatience, _time, _over.Token));
            _over.Token.ThrowIfCancellationRequested();
            if (membership.IsUp || membership.System.WhenTerminated.IsCompleted) return;
            var others = _options.Seeds.Select(seed => new Address(self.Protocol, self.System, seed.Host, seed.Port)).Where(seed => !seed.Equals(self)).ToList();
            var away = new List<Address>();
            foreach (var other in others)
            {
                if (!await IsReachedAsync(other)) away.Add(other);
            }

            if (away.Count > 0) _say($"this node was put out of its cluster, and is no member again yet; it does not reach {string.Join(", ", away)}");
            else if (isFirstSeed) membership.Cluster.JoinSeedNodes([self, .. others]);
        }
    }

    private async Task<bool> IsReachedAsync(Address node)
    {
        using var patience = new CancellationTokenSource(ConnectPatience, _time);
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(node.Host, node.Port ?? 0, patience.Token);
            return true;
        }
        catch (Exception unreachable) when (unreachable is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The port that was this node's may be taken meanwhile, or its address gone with a network: it is tried until it can be had.</summary>
    private async Task<ClusterMembership> JoinAgainAsync(bool isLeaving, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return Join(isLeaving, isFirst: false);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                _say($"the cluster's port cannot be opened again, and is tried once more: {failure.GetBaseException().Message}");
                await Task.Delay(RejoinPause, _time, cancellationToken);
            }
        }
    }

    private (ClusterMembership Membership, IActorRef Office) Office()
    {
        var membership = Membership;
        return membership.Office is { } office ? (membership, office) : throw new CoordinatorUnavailableException("the coordinator is not on this node");
    }

    private async Task<object> AskAsync(object question, CancellationToken cancellationToken)
    {
        try
        {
            return await Office().Office.Ask<object>(question, AskPatience, cancellationToken);
        }
        catch (AskTimeoutException late)
        {
            throw new CoordinatorUnavailableException("the coordinator does not answer; its journal may be away", late);
        }
    }

    /// <summary>What must not be done twice, and may have been done although no answer came.</summary>
    private async Task<object> AskOnceAsync(object question, string sessionId, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(question, cancellationToken);
        }
        catch (CoordinatorUnavailableException late) when (late.InnerException is AskTimeoutException)
        {
            throw new AnswerMissingException($"{late.Message}; whether session {sessionId} heard of it is not known", late);
        }
    }

    private async Task TellSessionAsync(object message, string sessionId, CancellationToken cancellationToken, bool isOnce = false)
    {
        switch (isOnce ? await AskOnceAsync(message, sessionId, cancellationToken) : await AskAsync(message, cancellationToken))
        {
            case SessionProtocol.NotOpen:
                throw new SessionNotOpenException($"session {sessionId} is not open");
            case SessionProtocol.Refused { IsForNow: true } later:
                throw new CoordinatorUnavailableException($"session {sessionId}: {later.Reason}");
            case SessionProtocol.Refused refused:
                throw new SessionNotOpenException($"session {sessionId}: {refused.Reason}");
        }
    }

    private async Task<T> ReadAsync<T>(Func<SessionHistory, Task<T>> read, CancellationToken cancellationToken)
    {
        var history = await HistoryAsync(cancellationToken);
        try
        {
            return await read(history).WaitAsync(ReadPatience, _time, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new JournalUnavailableException("The journal cannot be read at the moment; try again.", failure);
        }
    }

    private async Task<SessionHistory> HistoryAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            return _history ??= await SessionHistory.OpenAsync(Membership.System, cancellationToken);
        }
        catch (TimeoutException away)
        {
            throw new CoordinatorUnavailableException("the journal does not answer", away);
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task ForgetHistoryAsync()
    {
        await _opening.WaitAsync();
        _history = null;
        _opening.Release();
    }
}
