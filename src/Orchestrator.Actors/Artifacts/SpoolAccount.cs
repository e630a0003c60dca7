using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Artifacts;

/// <summary><c>spool.json</c>: what a node knows of its part of a session, so that it can hand it in after it was killed, too.</summary>
public sealed record SpoolAccount
{
    public const string FileName = "spool.json";

    public int Schema { get; init; } = 1;
    public required string SessionId { get; init; }

    /// <summary>The browsers that this node records.</summary>
    public required IReadOnlyList<string> Browsers { get; init; }

    /// <summary>What their traces are called behind their names.</summary>
    public required string FileExtension { get; init; }

    /// <summary>Where the recordings are; null: beside this.</summary>
    public string? Folder { get; init; }

    /// <summary>Reports of those that have ended.</summary>
    public IReadOnlyList<BrowserReport> Ended { get; init; } = [];

    /// <summary>How the node's clock lay to those that it was asked by; null where nothing was known when this was written.</summary>
    public NodeProtocol.ClockAccount? Clock { get; init; }

    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, SpoolJsonContext.Default.SpoolAccount);

    /// <exception cref="JsonException">The bytes are no spool's account.</exception>
    public static SpoolAccount Parse(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize(utf8, SpoolJsonContext.Default.SpoolAccount) ?? throw new JsonException("A spool's account is an object, not null.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SpoolAccount))]
internal sealed partial class SpoolJsonContext : JsonSerializerContext;
