using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Actors.Hosting;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Api;

/// <summary>What goes over the HTTP API, besides what has a form of its own: session.json and the journal's events.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip, Converters = [typeof(PhaseNames)])]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(SessionAccepted))]
[JsonSerializable(typeof(FollowedSession))]
[JsonSerializable(typeof(FollowedEnd))]
[JsonSerializable(typeof(IReadOnlyList<Artifact>))]
[JsonSerializable(typeof(ClusterStatus))]
[JsonSerializable(typeof(MarkerRequest))]
[JsonSerializable(typeof(AbortRequest))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>Writes quotes and the like as they are: these are sentences that people read, and never part of a page.</summary>
    public static ApiJson Sentences => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>Phases as the API spells them: <c>preparing</c>, <c>window</c>, …</summary>
internal sealed class PhaseNames() : JsonStringEnumConverter<SessionPhase>(JsonNamingPolicy.CamelCase);

/// <summary>The answer to a session that was opened.</summary>
/// <param name="Browsers">How many take part.</param>
/// <param name="Notes">What is allowed but may surprise.</param>
internal sealed record SessionAccepted(string SessionId, int Browsers, IReadOnlyList<string> Notes);

/// <summary>A file of a session.</summary>
/// <param name="Name">Relative to the session's folder, with forward slashes.</param>
/// <param name="Sha256">Lower-case hex; null where the session does not say it.</param>
internal sealed record Artifact(string Name, long Bytes, string? Sha256);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MarkerRequest([property: JsonRequired] string Label);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AbortRequest(string? Reason = null);

/// <summary>The same, for people who read it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true, Converters = [typeof(PhaseNames)])]
[JsonSerializable(typeof(ClusterStatus))]
internal sealed partial class IndentedJson : JsonSerializerContext;
