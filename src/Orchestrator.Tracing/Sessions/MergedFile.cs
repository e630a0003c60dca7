using System.Text.Json.Serialization;

namespace Orchestrator.Tracing.Sessions;

/// <summary>What is to be made of a session's traces.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MergeChoice>))]
[Flags]
public enum MergeChoice
{
    [JsonStringEnumMemberName("none")] None = 0,

    /// <summary><c>trace.tar</c>, an archive for Perfetto.</summary>
    [JsonStringEnumMemberName("perfetto")] Perfetto = 1,

    /// <summary><c>trace.json.gz</c>, Chrome JSON for DevTools' Performance panel.</summary>
    [JsonStringEnumMemberName("json")] Json = 2,

    [JsonStringEnumMemberName("both")] Both = Perfetto | Json,
}

/// <summary>A merged file on disk.</summary>
/// <param name="Format"><c>perfetto</c> or <c>json</c>.</param>
/// <param name="File">Its name in the session's folder.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of all its bytes, lower-case hex.</param>
public sealed record MergedFile(string Format, string File, long Bytes, string Sha256);
