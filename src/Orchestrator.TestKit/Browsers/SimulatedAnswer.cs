using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.TestKit.Browsers;

/// <summary>What a handler does with a command. One command can be answered by several in turn: <see cref="Then"/>.</summary>
public sealed class SimulatedAnswer
{
    private readonly Func<SimulatedRequest, Task> _do;

    private SimulatedAnswer(Func<SimulatedRequest, Task> action, bool inBackground = false)
    {
        _do = action;
        InBackground = inBackground;
    }

    /// <summary>Nothing, ever: the browser hangs on this command, and goes on with others.</summary>
    public static SimulatedAnswer Nothing { get; } = new(_ => Task.CompletedTask);

    /// <summary>What the browser does by itself.</summary>
    public static SimulatedAnswer Own { get; } = new(r =>
    {
        r.Connection.Browser.Behave(r);
        return Task.CompletedTask;
    });

    /// <summary>The WebSocket is closed with a handshake.</summary>
    public static SimulatedAnswer Close { get; } = new(r => r.Connection.CloseAsync());

    /// <summary>The connection is reset when all that was sent before has gone.</summary>
    public static SimulatedAnswer Drop { get; } = new(r => r.Connection.SendAsync(Frame.Of(FrameKind.Reset)));

    /// <summary>It waits for something and must not hold up the commands that follow.</summary>
    internal bool InBackground { get; }

    public static SimulatedAnswer Result(JsonObject? result = null) => Result(result?.ToJsonString() ?? "{}");

    /// <param name="json">An object.</param>
    public static SimulatedAnswer Result(string json) => new(r => r.Connection.SendAsync($"{{\"id\":{r.Id},\"result\":{json}{Session(r)}}}"));

    /// <param name="data">What Chromium adds for some errors, such as which parameter is wrong.</param>
    public static SimulatedAnswer Error(int code, string message, string? data = null) => new(r =>
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (data is not null)
            error["data"] = data;
        return r.Connection.SendAsync($"{{\"id\":{r.Id},\"error\":{error.ToJsonString()}{Session(r)}}}");
    });

    /// <summary>A message of exactly these bytes, whatever they are.</summary>
    public static SimulatedAnswer Raw(ReadOnlyMemory<byte> message) => new(r => r.Connection.SendAsync(message));

    /// <inheritdoc cref="Raw(ReadOnlyMemory{byte})"/>
    public static SimulatedAnswer Raw(string message) => Raw(Encoding.UTF8.GetBytes(message));

    /// <summary>The beginning of a message whose end never comes: the connection is reset.</summary>
    public static SimulatedAnswer DropWithin(string beginning) => new(async r =>
    {
        await r.Connection.SendPartAsync(Encoding.UTF8.GetBytes(beginning), endOfMessage: false);
        await r.Connection.SendAsync(Frame.Of(FrameKind.Reset));
    });

    public static SimulatedAnswer Event(string method, JsonObject? parameters = null) => Event(method, parameters?.ToJsonString() ?? "{}");

    /// <param name="parameters">An object in JSON.</param>
    public static SimulatedAnswer Event(string method, string parameters) => new(r => r.Connection.SendEventAsync(method, parameters, r.SessionId));

    /// <summary>Whatever else a test wants to do.</summary>
    public static SimulatedAnswer Do(Func<SimulatedRequest, Task> action) => new(action);

    /// <summary>This answer when the task has completed; commands that come in meanwhile are answered meanwhile.</summary>
    public SimulatedAnswer After(Task task) => new(
        async r =>
        {
            await task;
            await _do(r);
        },
        inBackground: true);

    /// <summary>This answer, then that one.</summary>
    public SimulatedAnswer Then(SimulatedAnswer next) => new(
        async r =>
        {
            await _do(r);
            await next._do(r);
        },
        InBackground || next.InBackground);

    internal Task PerformAsync(SimulatedRequest request) => _do(request);

    private static string Session(SimulatedRequest r) => r.SessionId is null ? "" : $",\"sessionId\":\"{r.SessionId}\"";
}
