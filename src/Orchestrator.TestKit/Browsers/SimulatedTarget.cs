using System.Text.Json.Nodes;

namespace Orchestrator.TestKit.Browsers;

/// <summary>A page of the browser.</summary>
public sealed record SimulatedTarget(string Id, string Url, string Title = "", string Type = "page")
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
        ["description"] = "",
        ["id"] = Id,
        ["title"] = Title,
        ["type"] = Type,
        ["url"] = Url,
        ["webSocketDebuggerUrl"] = webSocket.OriginalString,
    };
}
