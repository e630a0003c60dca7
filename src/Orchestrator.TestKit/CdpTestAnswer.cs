using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.TestKit;

/// <summary>What a handler does with a command. One command can be answered by several in turn: <see cref="Then"/>.</summary>
public sealed class CdpTestAnswer
{
    private readonly Func<CdpTestRequest, Task> _do;

    private CdpTestAnswer(Func<CdpTestRequest, Task> action, bool inBackground = false)
    {
        _do = action;
        InBackground = inBackground;
    }

    /// <summary>Nothing, ever: the browser hangs on this command, and goes on with others.</summary>
    public static CdpTestAnswer Nothing { get; } = new(_ => Task.CompletedTask);

    /// <summary>The WebSocket is closed with a handshake.</summary>
    public static CdpTestAnswer Close { get; } = new(r => r.Connection.CloseAsync());

    /// <summary>The TCP connection is reset.</summary>
    public static CdpTestAnswer Drop { get; } = new(r =>
    {
        r.Connection.Drop();
        return Task.CompletedTask;
    });

    /// <summary>It waits for something and must not hold up the commands that follow.</summary>
    internal bool InBackground { get; }

    public static CdpTestAnswer Result(JsonObject? result = null) => Result(result?.ToJsonString() ?? "{}");

    /// <param name="json">An object.</param>
    public static CdpTestAnswer Result(string json) => new(r => r.Connection.SendAsync($"{{\"id\":{r.Id},\"result\":{json}{Session(r)}}}"));

    /// <param name="data">What Chromium adds for some errors, such as which parameter is wrong.</param>
    public static CdpTestAnswer Error(int code, string message, string? data = null) => new(r =>
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (data is not null)
            error["data"] = data;
        return r.Connection.SendAsync($"{{\"id\":{r.Id},\"error\":{error.ToJsonString()}{Session(r)}}}");
    });

    /// <summary>A message of exactly these bytes, whatever they are.</summary>
    public static CdpTestAnswer Raw(ReadOnlyMemory<byte> message) => new(r => r.Connection.SendAsync(message));

    /// <inheritdoc cref="Raw(ReadOnlyMemory{byte})"/>
    public static CdpTestAnswer Raw(string message) => Raw(Encoding.UTF8.GetBytes(message));

    /// <summary>The beginning of a message whose end never comes: the TCP connection is reset.</summary>
    public static CdpTestAnswer DropWithin(string beginning) => new(async r =>
    {
        await r.Connection.SendPartAsync(Encoding.UTF8.GetBytes(beginning), endOfMessage: false);
        r.Connection.Drop();
    });

    public static CdpTestAnswer Event(string method, JsonObject? parameters = null) =>
        new(r => r.Connection.SendEventAsync(method, parameters?.ToJsonString() ?? "{}", r.SessionId));

    /// <summary>Whatever else a test wants to do.</summary>
    public static CdpTestAnswer Do(Func<CdpTestRequest, Task> action) => new(action);

    /// <summary>This answer when the task has completed; commands that come in meanwhile are answered meanwhile.</summary>
    public CdpTestAnswer After(Task task) => new(
        async r =>
        {
            await task;
            await _do(r);
        },
        inBackground: true);

    /// <summary>This answer, then that one.</summary>
    public CdpTestAnswer Then(CdpTestAnswer next) => new(
        async r =>
        {
            await _do(r);
            await next._do(r);
        },
        InBackground || next.InBackground);

    internal Task PerformAsync(CdpTestRequest request) => _do(request);

    private static string Session(CdpTestRequest r) => r.SessionId is null ? "" : $",\"sessionId\":\"{r.SessionId}\"";
}
