using System.Text.Json.Serialization;
using Orchestrator.Host.Planning;
using Orchestrator.Host.Views;
using Orchestrator.TestKit.Simulations;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Verbs;

/// <summary>What <c>simulate --json</c> prints.</summary>
/// <param name="Outcomes">How many browsers ended how.</param>
/// <param name="OutsideOfBound">Browsers whose clock ran evenly, and whose bound does not hold the truth: there must be none.</param>
/// <param name="UnseenJumps">Browsers whose clock did not, where no marker shows it, and left its bound.</param>
/// <param name="Messages">By kind, in its alphabetical order.</param>
/// <param name="Recovered">The process was killed, and another one gave the session its outcome.</param>
/// <param name="Repeat">The command that does the same once more.</param>
/// <param name="Recorded">What <c>--record</c> left; null without it.</param>
internal sealed record SimulateJson(
    string Scenario, int Seed, int Browsers, int Nodes, double DurationMicros, string SessionId, string Outcome, string? Reason,
    IReadOnlyDictionary<string, int> Outcomes, QuantilesJson? StartSkew, QuantilesJson? ClockBound, QuantilesJson? ClockError, IReadOnlyList<string> OutsideOfBound, IReadOnlyList<string> UnseenJumps,
    IReadOnlyDictionary<string, long> Messages, IReadOnlyList<string> BrokenPromises, bool Recovered, double VirtualMicros, double RealMicros, double? SpeedUp, string Repeat, MergeJson? Recorded)
{
    [JsonPropertyOrder(-1)] public int Schema { get; } = 1;

    public static SimulateJson Of(SimulationResult result, SimulationPlan plan, MergedSessions? merged) => new(
        result.Scenario.Name, result.Scenario.Seed, result.Scenario.Browsers, result.Scenario.Nodes, result.Scenario.Duration.TotalMicroseconds,
        result.Document.SessionId, Figures.Outcome(result.Document.Outcome), result.Document.Reason,
        result.Outcomes.OrderBy(pair => pair.Key).ToDictionary(pair => pair.Key.Name(), pair => pair.Value),
        QuantilesJson.Of(result.StartSkew), QuantilesJson.Of(result.ClockBound), QuantilesJson.Of(result.ClockError), result.OutsideOfBound, result.UnseenJumps,
        new SortedDictionary<string, long>(result.Messages.ToDictionary(), StringComparer.Ordinal), result.BrokenPromises,
        result.Recovered, result.VirtualTime.TotalMicroseconds, result.RealTime.TotalMicroseconds, SimulationReport.SpeedUp(result) is { } times ? Math.Round(times, 1) : null, plan.Repeat,
        merged is null ? null : MergeJson.Of(merged));
}

internal sealed record QuantilesJson(double P50Micros, double P99Micros, double MaxMicros)
{
    public static QuantilesJson? Of(Quantiles? quantiles) => quantiles is { } known
        ? new QuantilesJson(known.P50.TotalMicroseconds, known.P99.TotalMicroseconds, known.Max.TotalMicroseconds)
        : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SimulateJson))]
internal sealed partial class SimulateJsonContext : JsonSerializerContext;
