using System.Text.Json;

namespace Orchestrator.TestKit.Browsers;

/// <summary>A command that came in.</summary>
/// <param name="Connection">Where it came in: a handler may send events or close there.</param>
/// <param name="Params">An empty object if the command had none.</param>
public sealed record SimulatedRequest(SimulatedConnection Connection, int Id, string Method, JsonElement Params, string? SessionId)
{
    /// <summary>The message as it came, for the browser's own behaviour behind a handler's.</summary>
    internal byte[] Message { get; init; } = [];

    /// <summary>A parameter's text, or null.</summary>
    public string? Text(string name) => Params.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A parameter's whole number, or null.</summary>
    public long? Number(string name) => Params.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    public bool Has(string name) => Params.TryGetProperty(name, out _);
}
