using System.Text.Json.Serialization;

namespace Orchestrator.Actors.Browsers;

/// <summary>
/// One clock sync marker of one browser: the marker's instant on the browser's clock, which its trace holds, lies
/// between these two on the node's.
/// </summary>
/// <param name="SyncId">As it stands in the trace.</param>
/// <param name="SentNanos">Just before the command was sent; nanoseconds of the node's monotonic clock.</param>
/// <param name="AnsweredNanos">When the answer had come.</param>
public sealed record MarkerBracket(string SyncId, long SentNanos, long AnsweredNanos);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = false)]
[JsonSerializable(typeof(IReadOnlyList<MarkerBracket>))]
internal sealed partial class MarkerBracketJsonContext : JsonSerializerContext;
