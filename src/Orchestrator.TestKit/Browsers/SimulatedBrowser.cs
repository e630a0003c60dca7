using System.Collections.Concurrent;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Browsers;

/// <summary>
/// A browser that behaves as Chromium 156 was seen to, in a world of its own: its clock, its delays, what it records, what goes wrong.
/// It is reached in memory (<see cref="ConnectAsync(Orchestrator.Cdp.CdpConnectionOptions?, CancellationToken)"/>) or over a real
/// WebSocket (<see cref="SimulatedBrowserServer"/>); it does not know which. A handler of a test (<see cref="On"/>) comes before the
/// browser's own behaviour. All members may be used from any thread.
/// </summary>
public sealed partial class SimulatedBrowser
{
    private static readonly string[] s_categories =
    [
        "__metadata", "benchmark", "blink", "blink.user_timing", "cc", "devtools.timeline", "disabled-by-default-devtools.screenshot",
        "disabled-by-default-devtools.timeline", "disabled-by-default-memory-infra", "loading", "navigation", "toplevel", "v8",
    ];

    private readonly TimeProvider _time;
    private readonly List<SimulatedConnection> _connections = [];
    private Dictionary<string, PageSession>? _sessions;
    private List<SimulatedTarget> _targets = [new("PAGE0001", "about:blank")];
    private ConcurrentDictionary<string, Func<SimulatedRequest, SimulatedAnswer?>>? _handlers;
    private ConcurrentQueue<SimulatedRequest>? _requests;
    private Func<SimulatedRequest, SimulatedAnswer?>? _anyHandler;
    private int _ids = 1;

    /// <param name="conditions">Null: <see cref="BrowserConditions.Ideal"/>.</param>
    /// <param name="time">The true time of the browser's world, and its timers; null: the system's.</param>
    public SimulatedBrowser(BrowserConditions? conditions = null, TimeProvider? time = null)
    {
        Conditions = conditions ?? BrowserConditions.Ideal;
        _time = time ?? TimeProvider.System;
        Agenda = new Agenda(_time, Perform);
    }

    /// <summary>Its world. What is changed holds for what begins afterwards.</summary>
    public BrowserConditions Conditions { get; set; }

    /// <summary>Stands in the browser endpoint's path.</summary>
    public string Id { get; set; } = "00000000-0000-4000-8000-000000000001";

    public string Product { get; set; } = "Chrome/156.0.8078.79";

    /// <summary>The categories that it lists; the default is a handful of Chromium's 289.</summary>
    public IReadOnlyList<string> Categories { get; set; } = s_categories;

    /// <summary>How often <c>getCategories</c> is answered with nothing first, as a browser does that has only just started.</summary>
    public int EmptyCategoryAnswers { get; set; }

    /// <summary>What HTTP answers instead of the truth, by path: a server that is no browser, for instance.</summary>
    public ConcurrentDictionary<string, (int Status, string Body)> HttpAnswers => field ??= new();

    /// <summary>The first exception of a test's own handler, which ended the connection that it was to answer; null: none threw.</summary>
    public Exception? HandlerFailure { get; internal set; }

    /// <summary>Whether the commands that come in are kept; default: no, as there may be millions.</summary>
    public bool KeepsRequests
    {
        get;
        set
        {
            _requests ??= value ? new() : null;
            field = value;
        }
    }

    /// <summary>The commands that came in while they were kept (<see cref="KeepsRequests"/>), in their order.</summary>
    public IReadOnlyCollection<SimulatedRequest> Requests => _requests ?? [];

    /// <summary>The pages; never empty unless a client closed them all.</summary>
    public IReadOnlyList<SimulatedTarget> Targets
    {
        get
        {
            using (Agenda.Enter()) return [.. _targets];
        }
    }

    /// <summary>The connections that are open now.</summary>
    public IReadOnlyList<SimulatedConnection> Connections
    {
        get
        {
            using (Agenda.Enter()) return [.. _connections];
        }
    }

    /// <summary>What it does next, and the lock of all that it is.</summary>
    internal Agenda Agenda { get; }

    /// <summary>The time of its world, for the wall clock in its traces.</summary>
    internal DateTimeOffset UtcNow => _time.GetUtcNow();

    /// <summary>Answers a command in a test's own way. Called in the connection's order; not before the previous command is answered, unless that one waits (<see cref="SimulatedAnswer.After"/>).</summary>
    /// <param name="handler">Null: the browser's own behaviour after all.</param>
    public SimulatedBrowser On(string method, Func<SimulatedRequest, SimulatedAnswer?> handler)
    {
        (_handlers ??= new())[method] = handler;
        return this;
    }

    /// <summary>Answers every command that has no handler of its own in a test's way.</summary>
    /// <inheritdoc cref="On" path="/param"/>
    public SimulatedBrowser OnAny(Func<SimulatedRequest, SimulatedAnswer?> handler)
    {
        _anyHandler = handler;
        return this;
    }

    /// <summary>Adds a fault to its world.</summary>
    public SimulatedBrowser With(Fault fault)
    {
        Conditions = Conditions with { Faults = [.. Conditions.Faults, fault] };
        return this;
    }

    /// <summary>Has it record something else.</summary>
    public SimulatedBrowser With(TraceContent content)
    {
        Conditions = Conditions with { Content = content };
        return this;
    }

    /// <summary>Resets every connection; new ones are still taken.</summary>
    public void DropConnections()
    {
        using (Agenda.Enter())
        {
            foreach (var connection in _connections.ToArray()) connection.Cut();
        }
    }

    internal SimulatedAnswer AnswerOf(SimulatedRequest request) =>
        (_handlers?.GetValueOrDefault(request.Method) ?? _anyHandler)?.Invoke(request) ?? SimulatedAnswer.Own;

    /// <summary>The browser's own behaviour behind a handler's.</summary>
    internal void Behave(SimulatedRequest request)
    {
        using (Agenda.Enter())
        {
            if (request.Connection.IsOpen && Command.TryRead(request.Message, out var command, out _)) Behave(request.Connection, command);
        }
    }

    /// <summary>A connection is there. Under the lock.</summary>
    internal void Accept(SimulatedConnection connection) => _connections.Add(connection);

    /// <summary>A connection is gone, and with it its sessions, its recording and its streams. Under the lock.</summary>
    internal void Forget(SimulatedConnection connection)
    {
        if (!connection.IsOpen) return;
        connection.Ended();
        _connections.Remove(connection);
        foreach (var (session, _) in _sessions?.Where(s => s.Value.Connection == connection).ToArray() ?? []) _sessions!.Remove(session);
        ForgetTracing(connection);
    }

    /// <summary>Whether such a path leads to it or one of its pages.</summary>
    internal bool Knows(string path)
    {
        using (Agenda.Enter()) return path == BrowserPath || _targets.Exists(t => path == $"/devtools/page/{t.Id}");
    }

    internal string BrowserPath => $"/devtools/browser/{Id}";

    private bool IsScripted(ReadOnlySpan<byte> method) => _anyHandler is not null
        || (_handlers is { } handlers && handlers.ContainsKey(System.Text.Encoding.UTF8.GetString(method)));

    private sealed class PageSession(SimulatedConnection connection, string targetId)
    {
        public SimulatedConnection Connection => connection;

        public string TargetId => targetId;

        public bool HearsPage { get; set; }
    }
}
