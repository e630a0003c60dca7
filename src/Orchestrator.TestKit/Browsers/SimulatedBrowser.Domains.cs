using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Orchestrator.TestKit.Browsers;

/// <summary>The Browser, Target and Page domains, and how answers are written.</summary>
public sealed partial class SimulatedBrowser
{
    /// <summary>What <c>/json/version</c> answers.</summary>
    internal JsonObject VersionJson(Uri browserUrl) => new()
    {
        ["Browser"] = Product,
        ["Protocol-Version"] = "1.3",
        ["User-Agent"] = UserAgent,
        ["V8-Version"] = "15.6.75.27",
        ["webSocketDebuggerUrl"] = browserUrl.OriginalString,
    };

    internal string UserAgent => $"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Headless{Product} Safari/537.36";

    private void Behave(SimulatedConnection connection, in Command command)
    {
        if (command.SessionId is { } session && (_sessions is null || !_sessions.TryGetValue(session, out var attached) || attached.Connection != connection))
        {
            AnswerError(connection, command, -32001, "Session with given id not found.");
            return;
        }

        var method = command.Method;
        if (method.StartsWith("Tracing."u8) || method.StartsWith("IO."u8))
            BehaveTracing(connection, command);
        else if (method.SequenceEqual("Browser.getVersion"u8))
            Answer(connection, command, new JsonObject { ["protocolVersion"] = "1.3", ["product"] = Product, ["revision"] = "@0000000000000000000000000000000000000000", ["userAgent"] = UserAgent, ["jsVersion"] = "15.6.75.27" });
        else if (method.SequenceEqual("Browser.close"u8))
            Close(connection, command);
        else if (method.SequenceEqual("Browser.crash"u8))
            Die();
        else if (method.SequenceEqual("Target.getTargets"u8))
            Answer(connection, command, new JsonObject { ["targetInfos"] = new JsonArray([.. _targets.Select(t => t.ToJson(IsAttached(t)))]) });
        else if (method.SequenceEqual("Target.createTarget"u8))
            CreateTarget(connection, command);
        else if (method.SequenceEqual("Target.attachToTarget"u8))
            AttachToTarget(connection, command);
        else if (method.SequenceEqual("Target.activateTarget"u8))
            WithTarget(connection, command, static (_, _) => "{}");
        else if (method.SequenceEqual("Target.closeTarget"u8))
            WithTarget(connection, command, CloseTarget);
        else if (method.StartsWith("Page."u8) && PageOf(connection, command) is { } page)
            BehavePage(connection, command, page);
        else
            AnswerError(connection, command, -32601, $"'{Encoding.UTF8.GetString(method)}' wasn't found");
    }

    private void Close(SimulatedConnection connection, in Command command)
    {
        Answer(connection, command, "{}"u8);
        Die();
    }

    private void CreateTarget(SimulatedConnection connection, in Command command)
    {
        var target = new SimulatedTarget($"PAGE{++_ids:0000}", command.Text("url"u8) is { Length: > 0 } url ? url : "about:blank");
        _targets = [.. _targets, target];
        Answer(connection, command, new JsonObject { ["targetId"] = target.Id });
    }

    private void AttachToTarget(SimulatedConnection connection, in Command command) => WithTarget(connection, command, (target, asking) =>
    {
        var session = $"SESSION{++_ids:0000}";
        (_sessions ??= []).Add(session, new PageSession(asking, target.Id));
        var parameters = new JsonObject { ["sessionId"] = session, ["targetInfo"] = target.ToJson(attached: true), ["waitingForDebugger"] = false };
        PostEvent(asking, "Target.attachedToTarget", parameters.ToJsonString(), null);
        return $"{{\"sessionId\":\"{session}\"}}";
    });

    private string CloseTarget(SimulatedTarget target, SimulatedConnection asking)
    {
        _targets = [.. _targets.Where(t => t != target)];
        foreach (var (session, _) in _sessions?.Where(s => s.Value.TargetId == target.Id).ToArray() ?? []) _sessions!.Remove(session);
        return "{\"success\":true}";
    }

    private void WithTarget(SimulatedConnection connection, in Command command, Func<SimulatedTarget, SimulatedConnection, string> answer)
    {
        if (command.Text("targetId"u8) is not { } id)
            AnswerMissing(connection, command, "targetId");
        else if (_targets.Find(t => t.Id == id) is { } target)
            Answer(connection, command, Encoding.UTF8.GetBytes(answer(target, connection)));
        else
            AnswerError(connection, command, -32602, "No target with given id found");
    }

    private void BehavePage(SimulatedConnection connection, in Command command, SimulatedTarget page)
    {
        var method = command.Method;
        if (method.SequenceEqual("Page.enable"u8))
        {
            if (command.SessionId is { } session) _sessions![session].HearsPage = true;
            else connection.HearsPage = true;
            Answer(connection, command, "{}"u8);
        }
        else if (method.SequenceEqual("Page.getFrameTree"u8))
        {
            Answer(connection, command, new JsonObject { ["frameTree"] = new JsonObject { ["frame"] = new JsonObject { ["id"] = page.Id, ["loaderId"] = "LOADER0000", ["url"] = page.Url, ["domainAndRegistry"] = "", ["securityOrigin"] = "://", ["mimeType"] = "text/html" } } });
        }
        else if (method.SequenceEqual("Page.navigate"u8))
        {
            var url = command.Text("url"u8) ?? page.Url;
            _targets = [.. _targets.Select(t => t.Id == page.Id ? t with { Url = url } : t)];
            Answer(connection, command, new JsonObject { ["frameId"] = page.Id, ["loaderId"] = $"LOADER{++_ids:0000}", ["isDownload"] = false });
            if (command.SessionId is { } session ? _sessions![session].HearsPage : connection.HearsPage)
                PostEvent(connection, "Page.loadEventFired", new JsonObject { ["timestamp"] = Conditions.Clock.At(Agenda.Now) / 1e9 }.ToJsonString(), command.SessionId);
        }
        else
        {
            AnswerError(connection, command, -32601, $"'{Encoding.UTF8.GetString(method)}' wasn't found");
        }
    }

    /// <summary>Null: the command came neither by a page's endpoint nor in a page's session.</summary>
    private SimulatedTarget? PageOf(SimulatedConnection connection, in Command command)
    {
        var id = command.SessionId is { } session ? _sessions![session].TargetId
            : connection.IsPage ? connection.Path[(connection.Path.LastIndexOf('/') + 1)..] : null;
        return id is null ? null : _targets.Find(t => t.Id == id);
    }

    private bool IsAttached(SimulatedTarget target) =>
        _sessions?.Values.Any(s => s.TargetId == target.Id) is true || _connections.Exists(c => c.IsPage && c.Path.EndsWith(target.Id, StringComparison.Ordinal));

    private void Answer(SimulatedConnection connection, in Command command, JsonObject result) => Answer(connection, command, JsonSerializer.SerializeToUtf8Bytes(result));

    /// <param name="result">An object in JSON.</param>
    private void Answer(SimulatedConnection connection, in Command command, ReadOnlySpan<byte> result)
    {
        var room = System.Buffers.ArrayPool<byte>.Shared.Rent(result.Length + 96 + 3 * (command.SessionId?.Length ?? 0));
        Utf8.TryWrite(room, $"{{\"id\":{command.Id},\"result\":", out var length);
        result.CopyTo(room.AsSpan(length));
        length += result.Length;
        length += CloseAnswer(room.AsSpan(length), command.SessionId);
        PostAnswer(connection, Frame.Rented(room, length));
    }

    /// <summary>The end of an answer: the session that it belongs to, and the bracket.</summary>
    private static int CloseAnswer(Span<byte> room, string? sessionId)
    {
        int length;
        if (sessionId is null) Utf8.TryWrite(room, $"}}", out length);
        else Utf8.TryWrite(room, $",\"sessionId\":\"{sessionId}\"}}", out length);
        return length;
    }

    // Chromium counts in its own binary form, of which the outside takes eight bytes.
    private void AnswerMissing(SimulatedConnection connection, in Command command, string parameter) =>
        AnswerError(connection, command, -32602, "Invalid parameters", $"Failed to deserialize params.{parameter} - BINDINGS: mandatory field missing at position {Math.Max(8, 6 + command.Params.Length)}");

    private void AnswerError(SimulatedConnection connection, in Command command, int code, string message, string? data = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (data is not null) error["data"] = data;
        PostAnswer(connection, Frame.Text($"{{\"id\":{command.Id},\"error\":{error.ToJsonString()}{(command.SessionId is null ? "" : $",\"sessionId\":\"{command.SessionId}\"")}}}"));
    }
}
