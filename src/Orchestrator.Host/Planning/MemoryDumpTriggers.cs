using System.Text.Json;

namespace Orchestrator.Host.Planning;

/// <summary>
/// What Chromium asks of a memory dump config. The protocol leaves the object open, but a trigger without a mode or an
/// interval ends the whole browser (seen on Chromium 156): such a config is an error before anything starts.
/// </summary>
internal static class MemoryDumpTriggers
{
    private static readonly string[] Types = ["periodic_interval", "explicitly_triggered", "summary_only"];
    private static readonly string[] Levels = [.. Choices.DumpLevels.Select(level => level.Word)];

    public static IEnumerable<string> Problems(JsonElement config)
    {
        // Chromium turns camelCase into snake_case, so that it knows both.
        if (Field(config, "allowedDumpModes", "allowed_dump_modes") is { } modes
            && (modes.ValueKind is not JsonValueKind.Array || modes.EnumerateArray().Any(mode => !IsOneOf(mode, Levels))))
            yield return $"allowedDumpModes is not a list of {string.Join(", ", Levels)}";
        if (Field(config, "triggers", "triggers") is not { } triggers) yield break;
        if (triggers.ValueKind is not JsonValueKind.Array)
        {
            yield return "triggers is not a list";
            yield break;
        }

        foreach (var (index, trigger) in triggers.EnumerateArray().Index())
        {
            foreach (var problem in TriggerProblems(trigger)) yield return $"triggers[{index}]{problem}";
        }
    }

    private static IEnumerable<string> TriggerProblems(JsonElement trigger)
    {
        if (trigger.ValueKind is not JsonValueKind.Object)
        {
            yield return " is not an object";
            yield break;
        }

        if (Field(trigger, "mode", "mode") is not { } mode || !IsOneOf(mode, Levels)) yield return $".mode is not one of {string.Join(", ", Levels)}";
        if (Field(trigger, "minTimeBetweenDumpsMs", "min_time_between_dumps_ms") is { } least)
        {
            if (!IsPositive(least)) yield return ".minTimeBetweenDumpsMs is not a whole number of at least 1";
            if (Field(trigger, "type", "type") is not { } type || !IsOneOf(type, Types)) yield return $".type is not one of {string.Join(", ", Types)}";
        }
        else if (Field(trigger, "periodicIntervalMs", "periodic_interval_ms") is not { } interval || !IsPositive(interval))
        {
            yield return ".periodicIntervalMs is not a whole number of at least 1";
        }
    }

    private static JsonElement? Field(JsonElement of, string camel, string snake) =>
        of.TryGetProperty(snake, out var field) || of.TryGetProperty(camel, out field) ? field : null;

    private static bool IsOneOf(JsonElement text, string[] words) => text.ValueKind is JsonValueKind.String && words.Contains(text.GetString());

    private static bool IsPositive(JsonElement number) => number.ValueKind is JsonValueKind.Number && number.TryGetInt32(out var value) && value > 0;
}
