using System.Text.Json.Serialization;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Verbs;

/// <summary>What <c>merge --json</c> prints.</summary>
/// <param name="Folder">Where the merged files are.</param>
internal sealed record MergeJson(
    string Folder, IReadOnlyList<MergedFile> Merged, IReadOnlyList<string> Reports, IReadOnlyList<MergedSessionJson> Sessions, IReadOnlyList<ProblemJson> Problems,
    IReadOnlyList<string> UnmetClocks)
{
    [JsonPropertyOrder(-1)] public int Schema { get; } = 1;

    public static MergeJson Of(MergedSessions merged) => new(
        merged.Plan.OutputFolder, merged.Files, merged.Reports,
        [.. merged.Sessions.Select(session => new MergedSessionJson(
            session.Session.SessionId, session.Session.Folder,
            [.. session.Browsers.Zip(session.ClockFacts).Select(pair => new MergedBrowserJson(pair.Item1.Recorded.Name, pair.Item1.HasTrace, pair.Item2))]))],
        [.. merged.Problems.Select(problem => new ProblemJson(problem.Folder, problem.Problem.File, problem.Problem.Problem))],
        merged.UnmetClocks);
}

internal sealed record MergedSessionJson(string SessionId, string Folder, IReadOnlyList<MergedBrowserJson> Browsers);

/// <param name="Merged">False: it has no trace that can be used.</param>
internal sealed record MergedBrowserJson(string Name, bool Merged, ClockFacts Clock);

internal sealed record ProblemJson(string Folder, string File, string Problem);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(MergeJson))]
internal sealed partial class MergeJsonContext : JsonSerializerContext;
