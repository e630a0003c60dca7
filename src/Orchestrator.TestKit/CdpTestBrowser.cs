using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Orchestrator.TestKit;

/// <summary>A page of the browser.</summary>
public sealed record CdpTestTarget(string Id, string Url, string Title = "", string Type = "page")
{
    internal JsonObject ToJson(bool attached) => new()
    {
        ["targetId"] = Id,
        ["type"] = Type,
        ["title"] = Title,
        ["url"] = Url,
        ["attached"] = attached,
        ["canAccessOpener"] = false,
    };

    internal JsonObject ToListJson(Uri webSocket) => new()
    {
        ["id"] = Id,
        ["type"] = Type,
        ["title"] = Title,
        ["url"] = Url,
        ["webSocketDebuggerUrl"] = webSocket.OriginalString,
    };
}

/// <summary>
/// What is behind a <see cref="CdpTestServer"/>: a browser that behaves as Chromium 156 was seen to, one recording at a time, with faults to
/// switch on. A handler of a test (<see cref="On"/>) comes before the browser's own behaviour.
/// </summary>
public sealed partial class CdpTestBrowser
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, Func<CdpTestRequest, CdpTestAnswer>> _handlers = new();
    private readonly ConcurrentQueue<CdpTestRequest> _requests = new();
    private readonly Dictionary<string, (CdpTestConnection Connection, string TargetId)> _sessions = [];
    private readonly List<CdpTestTarget> _targets = [new("PAGE0001", "about:blank")];
    private Func<CdpTestRequest, CdpTestAnswer>? _anyHandler;
    private int _ids = 1;

    internal CdpTestBrowser()
    {
    }

    /// <summary>Stands in the browser endpoint's path.</summary>
    public string Id { get; set; } = "00000000-0000-4000-8000-000000000001";

    public string Product { get; set; } = "Chrome/156.0.8078.79";

    /// <summary>What HTTP answers instead of the truth, by path: a server that is no browser, for instance.</summary>
    public ConcurrentDictionary<string, (int Status, string Body)> HttpAnswers { get; } = new();

    /// <summary>The commands that came in, in their order.</summary>
    public IReadOnlyCollection<CdpTestRequest> Requests => _requests;

    /// <summary>The pages; never empty unless a client closed them all.</summary>
    public IReadOnlyList<CdpTestTarget> Targets
    {
        get
        {
            lock (_gate)
                return [.. _targets];
        }
    }

    /// <summary>Answers a command in a test's own way. Called in the connection's order; not before the previous command is answered, unless that one waits (<see cref="CdpTestAnswer.After"/>).</summary>
    /// <param name="handler">Null: the browser's own behaviour after all.</param>
    public CdpTestBrowser On(string method, Func<CdpTestRequest, CdpTestAnswer?> handler)
    {
        _handlers[method] = request => handler(request) ?? Behave(request);
        return this;
    }

    /// <summary>Answers every command that has no handler of its own in a test's way.</summary>
    /// <inheritdoc cref="On" path="/param"/>
    public CdpTestBrowser OnAny(Func<CdpTestRequest, CdpTestAnswer?> handler)
    {
        _anyHandler = request => handler(request) ?? Behave(request);
        return this;
    }

    internal JsonObject VersionJson(Uri browserUrl) => new()
    {
        ["Browser"] = Product,
        ["Protocol-Version"] = "1.3",
        ["webSocketDebuggerUrl"] = browserUrl.OriginalString,
    };

    internal CdpTestAnswer Handle(CdpTestRequest request)
    {
        _requests.Enqueue(request);
        return _handlers.TryGetValue(request.Method, out var handler) ? handler(request) : _anyHandler?.Invoke(request) ?? Behave(request);
    }

    /// <summary>A connection is gone, and with it its sessions, its recording and its streams.</summary>
    internal void Forget(CdpTestConnection connection)
    {
        lock (_gate)
        {
            foreach (var (session, _) in _sessions.Where(s => s.Value.Connection == connection).ToArray())
                _sessions.Remove(session);
            ForgetTracing(connection);
        }
    }

    private CdpTestAnswer Behave(CdpTestRequest request)
    {
        lock (_gate)
        {
            if (request.SessionId is { } session && !_sessions.ContainsKey(session))
                return CdpTestAnswer.Error(-32001, "Session with given id not found.");
            return request.Method switch
            {
                "Browser.getVersion" => CdpTestAnswer.Result(new JsonObject
                {
                    ["protocolVersion"] = "1.3",
                    ["product"] = Product,
                    ["revision"] = "@0000000000000000000000000000000000000000",
                    ["userAgent"] = $"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) {Product} Safari/537.36",
                    ["jsVersion"] = "15.6.75.27",
                }),
                "Browser.close" => CdpTestAnswer.Result().Then(CdpTestAnswer.Drop),
                "Browser.crash" => CdpTestAnswer.Drop,
                "Target.getTargets" => CdpTestAnswer.Result(new JsonObject { ["targetInfos"] = new JsonArray([.. _targets.Select(t => t.ToJson(_sessions.Any(s => s.Value.TargetId == t.Id)))]) }),
                "Target.createTarget" => CreateTarget(request.Text("url") is { Length: > 0 } url ? url : "about:blank"),
                "Target.attachToTarget" => AttachToTarget(request),
                "Target.activateTarget" => WithTarget(request, _ => CdpTestAnswer.Result()),
                "Target.closeTarget" => WithTarget(request, target =>
                {
                    _targets.Remove(target);
                    return CdpTestAnswer.Result("{\"success\":true}");
                }),
                "Page.enable" => CdpTestAnswer.Result(),
                "Page.navigate" => Navigate(request),
                "Page.getFrameTree" => CdpTestAnswer.Result(new JsonObject { ["frameTree"] = new JsonObject { ["frame"] = FrameJson(TargetOf(request)) } }),
                _ => BehaveTracing(request) ?? CdpTestAnswer.Error(-32601, $"'{request.Method}' wasn't found"),
            };
        }
    }

    private CdpTestAnswer CreateTarget(string url)
    {
        var target = new CdpTestTarget($"PAGE{++_ids:0000}", url);
        _targets.Add(target);
        return CdpTestAnswer.Result(new JsonObject { ["targetId"] = target.Id });
    }

    private CdpTestAnswer AttachToTarget(CdpTestRequest request) => WithTarget(request, target =>
    {
        var session = $"SESSION{++_ids:0000}";
        _sessions[session] = (request.Connection, target.Id);
        return CdpTestAnswer
            .Event("Target.attachedToTarget", new JsonObject { ["sessionId"] = session, ["targetInfo"] = target.ToJson(attached: true), ["waitingForDebugger"] = false })
            .Then(CdpTestAnswer.Result(new JsonObject { ["sessionId"] = session }));
    });

    private CdpTestAnswer WithTarget(CdpTestRequest request, Func<CdpTestTarget, CdpTestAnswer> answer) =>
        _targets.Find(t => t.Id == request.Text("targetId")) is { } target ? answer(target) : CdpTestAnswer.Error(-32602, "No target with given id found");

    private CdpTestAnswer Navigate(CdpTestRequest request)
    {
        var target = TargetOf(request);
        var index = _targets.IndexOf(target);
        if (index >= 0)
            _targets[index] = target with { Url = request.Text("url") ?? target.Url };
        return CdpTestAnswer.Result(new JsonObject { ["frameId"] = target.Id, ["loaderId"] = $"LOADER{++_ids:0000}" })
            .Then(CdpTestAnswer.Event("Page.loadEventFired", new JsonObject { ["timestamp"] = NowMicros() / 1e6 }));
    }

    private CdpTestTarget TargetOf(CdpTestRequest request)
    {
        var id = request.SessionId is { } session ? _sessions[session].TargetId : request.Connection.Path[(request.Connection.Path.LastIndexOf('/') + 1)..];
        return _targets.Find(t => t.Id == id) ?? _targets[0];
    }

    private static JsonObject FrameJson(CdpTestTarget target) => new() { ["id"] = target.Id, ["loaderId"] = "LOADER0000", ["url"] = target.Url, ["securityOrigin"] = "://", ["mimeType"] = "text/html" };
}
