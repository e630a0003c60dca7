using System.Text.Json.Serialization;

namespace Orchestrator.Tracing.Merging;

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

/// <summary>How far a long piece of work is.</summary>
/// <param name="Doing">What is being done, such as <c>merging b2 into trace.tar</c>.</param>
/// <param name="BytesDone">Of the bytes on disk that have to be read for it.</param>
/// <param name="BytesTotal">All of them.</param>
public readonly record struct MergeProgress(string Doing, long BytesDone, long BytesTotal);
