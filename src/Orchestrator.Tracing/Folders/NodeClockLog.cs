using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Folders;

/// <summary>
/// <c>nodes/NODE.clock.json</c>: what was measured of one node's clock, so that what was recorded on it can be put on the session's time
/// line. A node whose clock is the time line's own needs none.
/// </summary>
public sealed record NodeClockLog
{
    public const string Folder = "nodes";
    public const string Suffix = ".clock.json";

    public int Schema { get; init; } = 1;
    public required string SessionId { get; init; }
    public required string Node { get; init; }

    /// <summary>The clock that was read: the node's, on which its browsers' logs are told.</summary>
    public required Timeline Clock { get; init; }

    /// <summary>What it was read against: the coordinator's clock; of a session that was taken over, each coordinator's.</summary>
    public IReadOnlyList<NodeClockReference> References { get; init; } = [];

    /// <summary>Whether a node of this name can have a file.</summary>
    public static bool IsName(string node) =>
        node.Length > 0 && node is not ("." or "..") && node.IndexOfAny(['/', '\\', '\0']) < 0;

    /// <summary>The file of a node's log, relative to the session's folder.</summary>
    /// <exception cref="ArgumentException">The name leads elsewhere; <see cref="IsName"/> asks.</exception>
    public static string FileOf(string node) =>
        IsName(node) ? $"{Folder}/{node}{Suffix}" : throw new ArgumentException($"'{node}' is no name of a file.", nameof(node));

    /// <summary>As compact UTF-8 JSON.</summary>
    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, NodeClockLogJsonContext.Default.NodeClockLog);

    /// <exception cref="JsonException">The bytes are no clock log.</exception>
    public static NodeClockLog Parse(ReadOnlySpan<byte> utf8)
    {
        var log = JsonSerializer.Deserialize(utf8, NodeClockLogJsonContext.Default.NodeClockLog)
            ?? throw new JsonException("A clock log holds an object, not null.");
        FromOutside.CheckTimeline(log.Clock);
        return log with { References = [.. FromOutside.List(log.References, "references").Select(Checked)] };
    }

    private static NodeClockReference Checked(NodeClockReference reference)
    {
        FromOutside.CheckTimeline(reference.Clock);
        return reference with { Brackets = FromOutside.List(reference.Brackets, "brackets") };
    }
}

/// <param name="Clock">The clock that the node's was read against.</param>
/// <param name="Brackets">In any order.</param>
public sealed record NodeClockReference(Timeline Clock, IReadOnlyList<NodeClockBracket> Brackets);

/// <summary>One reading of the node's clock, nanoseconds.</summary>
/// <param name="SentNanos">Just before the node was asked; on the reference's clock.</param>
/// <param name="NodeNanos">What the node's clock showed.</param>
/// <param name="AnsweredNanos">When the answer had come; on the reference's clock.</param>
public sealed record NodeClockBracket(long SentNanos, long NodeNanos, long AnsweredNanos)
{
    public static NodeClockBracket Of(ClockBracket bracket) => new(bracket.SentNanos, bracket.ClockNanos, bracket.AnsweredNanos);

    public ClockBracket ToBracket() => new(NodeNanos, SentNanos, AnsweredNanos);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NodeClockLog))]
internal sealed partial class NodeClockLogJsonContext : JsonSerializerContext;
