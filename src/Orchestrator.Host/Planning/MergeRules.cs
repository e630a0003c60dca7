using Orchestrator.Host.CommandLine;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Planning;

/// <summary>What is made of the traces, and how well their clocks must be known.</summary>
internal static class MergeRules
{
    public static readonly IReadOnlyList<(string Word, MergeChoice Value)> Choices =
        [("perfetto", MergeChoice.Perfetto), ("json", MergeChoice.Json), ("both", MergeChoice.Both), ("none", MergeChoice.None)];

    public static MergeChoice Read(string? text, TraceFormat format, UsageErrors errors)
    {
        var fits = format is TraceFormat.Proto ? MergeChoice.Perfetto : MergeChoice.Json;
        var choice = Planning.Choices.Read("--merge", text, Choices, errors);
        if (choice is MergeChoice.Json && format is TraceFormat.Proto)
            errors.Add("--merge", text!, "Chrome JSON is made from JSON recordings; add --format json, or leave --merge out for the archive that ui.perfetto.dev opens");
        if (choice is MergeChoice.Perfetto && format is TraceFormat.Json)
            errors.Add("--merge", text!, "the archive is made from proto recordings; leave --merge out: ui.perfetto.dev opens trace.json.gz as well");
        // Both, as far as there are recordings of both.
        return choice is null or MergeChoice.Both ? fits : choice.Value;
    }

    /// <summary>Null: any error will do.</summary>
    public static TimeSpan? ReadMaxClockError(string? text, UsageErrors errors) => text is null
        ? null
        : DurationOptions.Read("--max-clock-error", text, TimeSpan.FromMicroseconds(200), TimeSpan.FromMicroseconds(1), TimeSpan.FromSeconds(10), errors);
}
