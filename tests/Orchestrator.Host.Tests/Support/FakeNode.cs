using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Views;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Support;

/// <summary>A node whose cluster is what the test says, and whose sessions do what the test tells them.</summary>
internal sealed class FakeNode(string folder, string name = "node-1") : INodeServices
{
    private readonly List<string> _asked = [];

    public string NodeName => name;
    public string SessionsFolder => Path.Combine(folder, "sessions");
    public string SpoolsFolder => Path.Combine(folder, "spools");

    /// <summary>Where the coordinator is; default: here.</summary>
    public Func<Uri?> Coordinator { get; set; } = () => null;

    public string? WhyNotReady { get; set; }
    public Func<SessionPlan, Exception?> Refuses { get; set; } = _ => null;
    public List<SessionPlan> Opened { get; } = [];
    public Dictionary<string, SessionDocument> Documents { get; } = [];
    public List<SessionSummary> History { get; } = [];
    public List<JournalEntry> Events { get; } = [];

    /// <summary>What open sessions show: a follower gets the latest, then each that comes.</summary>
    public Dictionary<string, SessionFeed> Feeds { get; } = [];

    /// <summary>What was asked of sessions: <c>end ID</c>, <c>abort ID REASON</c>, <c>mark ID LABEL</c>.</summary>
    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (_asked) return [.. _asked];
        }
    }

    /// <summary>Called, and not waited for, with each session that was opened.</summary>
    public Func<SessionPlan, Task> OnOpened { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called with each of these, after it was noted.</summary>
    public Action<string> OnAsked { get; set; } = _ => { };

    public ClusterStatus Cluster { get; set; } = new("node-1", 3, [Node("node-1"), Node("node-2")], []);

    public static NodeStatus Node(string name, int capacity = 4, int recording = 0) => new()
    {
        Name = name,
        Address = $"akka.tcp://orchestrator@{name}:4053",
        Http = new Uri($"http://{name}:8080"),
        Roles = ["coordinator", "browsers"],
        State = NodeStatus.Up,
        Version = "0.1.0",
        Protocol = 1,
        Capacity = capacity,
        Recording = recording,
        Clock = new NodeClockStatus(ClockRelation.Measured, 42_000, -1_000_000),
    };

    public bool IsReady(out string? why) => (why = WhyNotReady) is null;

    public Task<Uri?> FindCoordinatorAsync(CancellationToken cancellationToken) => Task.FromResult(Coordinator());

    public Task OpenAsync(SessionPlan plan, CancellationToken cancellationToken)
    {
        if (Refuses(plan) is { } refusal) throw refusal;
        Opened.Add(plan);
        Documents[plan.SessionId] = Support.Documents.Opened(plan);
        Feeds[plan.SessionId] = new SessionFeed();
        Feeds[plan.SessionId].Show(View(plan, SessionPhase.Preparing));
        _ = OnOpened(plan);
        return Task.CompletedTask;
    }

    public Task EndAsync(string sessionId, CancellationToken cancellationToken) => AskAsync(sessionId, $"end {sessionId}");

    public Task AbortAsync(string sessionId, string reason, CancellationToken cancellationToken) => AskAsync(sessionId, $"abort {sessionId} {reason}");

    public Task MarkAsync(string sessionId, string label, CancellationToken cancellationToken) => AskAsync(sessionId, $"mark {sessionId} {label}");

    public async IAsyncEnumerable<SessionView> WatchAsync(string sessionId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!Feeds.TryGetValue(sessionId, out var feed)) throw new SessionNotOpenException($"session {sessionId} is not open");
        await foreach (var view in feed.FollowAsync(cancellationToken)) yield return view;
    }

    public Task<IReadOnlyList<SessionSummary>> ListSessionsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SessionSummary>>(History);

    public Task<SessionDocument?> ReadSessionAsync(string sessionId, CancellationToken cancellationToken) => Task.FromResult(Documents.GetValueOrDefault(sessionId));

    public Task<IReadOnlyList<JournalEntry>> ReadEventsAsync(string sessionId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<JournalEntry>>(Documents.ContainsKey(sessionId) ? Events : []);

    public Task<ClusterStatus> StatusAsync(CancellationToken cancellationToken) => Task.FromResult(Cluster);

    public static SessionView View(SessionPlan plan, SessionPhase phase) => new(
        plan.SessionId, phase, phase >= SessionPhase.Window ? DateTimeOffset.UnixEpoch : null, plan.Window.Duration,
        [.. plan.Targets.Select(target => new BrowserView(target.Name, phase.ToString(), null, 0, 0, null, null, null))]);

    /// <summary>The session is over, with this document; its files are to be in <see cref="SessionsFolder"/> already.</summary>
    public void Over(SessionDocument document)
    {
        Documents[document.SessionId] = document;
        if (Feeds.Remove(document.SessionId, out var feed)) feed.End();
    }

    private Task AskAsync(string sessionId, string asked)
    {
        if (!Feeds.ContainsKey(sessionId)) throw new SessionNotOpenException($"session {sessionId} is not open");
        lock (_asked) _asked.Add(asked);
        OnAsked(asked);
        return Task.CompletedTask;
    }
}

/// <summary>The views of one session, for any number of followers.</summary>
internal sealed class SessionFeed
{
    private readonly Lock _gate = new();
    private readonly List<Channel<SessionView>> _followers = [];
    private readonly List<TaskCompletionSource> _followed = [NotYet()];
    private SessionView? _latest;
    private bool _isOver;

    /// <summary>Done when somebody follows.</summary>
    public Task IsFollowed => FollowedAsync(times: 1);

    /// <summary>Done when somebody has begun to follow for so many times.</summary>
    public Task FollowedAsync(int times)
    {
        lock (_gate) return _followed[times - 1].Task;
    }

    public void Show(SessionView view)
    {
        lock (_gate)
        {
            _latest = view;
            foreach (var follower in _followers) follower.Writer.TryWrite(view);
        }
    }

    public void End()
    {
        lock (_gate)
        {
            _isOver = true;
            foreach (var follower in _followers) follower.Writer.TryComplete();
        }
    }

    public IAsyncEnumerable<SessionView> FollowAsync(CancellationToken cancellationToken)
    {
        var channel = Channel.CreateUnbounded<SessionView>();
        lock (_gate)
        {
            if (_latest is not null) channel.Writer.TryWrite(_latest);
            if (_isOver) channel.Writer.Complete();
            _followers.Add(channel);
            _followed[^1].SetResult();
            _followed.Add(NotYet());
        }

        return channel.Reader.ReadAllAsync(cancellationToken);
    }

    private static TaskCompletionSource NotYet() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
