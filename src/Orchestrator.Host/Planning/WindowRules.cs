using Orchestrator.Host.CommandLine;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Planning;

/// <summary>What happens between start and end.</summary>
internal static class WindowRules
{
    public static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan DefaultMarkEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    public static WindowPlan Read(RecordOptions options, UsageErrors errors)
    {
        var duration = DurationOptions.Read("--duration", options.Duration, DefaultDuration, TimeSpan.FromMilliseconds(100), Day, errors);
        var markEvery = DurationOptions.Read("--mark-every", options.MarkEvery, DefaultMarkEvery, TimeSpan.FromMilliseconds(10), Day, errors);
        var marks = new List<PlannedMarker>();
        foreach (var text in options.Marks)
        {
            if (ReadAt("--mark", text, "LABEL@OFFSET, such as checkout@3s", duration, errors) is not var (label, offset)) continue;
            var mark = new PlannedMarker(label, offset);
            if (WindowMoments.LabelProblem(label) is { } problem) errors.Add("--mark", text, problem);
            else if (marks.Contains(mark)) errors.Add("--mark", text, "given twice");
            else marks.Add(mark);
        }

        var dumps = new List<PlannedMemoryDump>();
        foreach (var text in options.MemoryDumps)
        {
            if (ReadAt("--memory-dump", text, "LEVEL@OFFSET, such as light@2s", duration, errors) is not var (level, offset)) continue;
            var known = Choices.DumpLevels.FirstOrDefault(choice => string.Equals(choice.Word, level, StringComparison.OrdinalIgnoreCase)).Value;
            if (known is null) errors.Add("--memory-dump", text, $"the level {UsageErrors.Shown(level)} is {Choices.Unknown(level, Choices.DumpLevels)}");
            else dumps.Add(new PlannedMemoryDump(known, offset));
        }

        if (options.MemoryDumpDeterministic is true && options.MemoryDumps.Count == 0)
            errors.Add("--memory-dump-deterministic: there is no memory dump that it could apply to; add --memory-dump LEVEL@OFFSET");
        return new WindowPlan
        {
            Duration = duration,
            MarkEvery = markEvery,
            Markers = [.. marks.OrderBy(mark => mark.Offset)],
            MemoryDumps = [.. dumps.OrderBy(dump => dump.Offset)],
            MemoryDumpDeterministic = options.MemoryDumpDeterministic ?? false,
        };
    }

    public static PhaseTimeouts ReadTimeouts(RecordOptions options, UsageErrors errors)
    {
        var least = TimeSpan.FromMilliseconds(100);
        return new PhaseTimeouts(
            DurationOptions.Read("--prepare-timeout", options.PrepareTimeout, TimeSpan.FromSeconds(30), least, Day, errors),
            DurationOptions.Read("--start-timeout", options.StartTimeout, TimeSpan.FromSeconds(15), least, Day, errors),
            DurationOptions.Read("--flush-timeout", options.FlushTimeout, TimeSpan.FromMinutes(2), least, Day, errors));
    }

    private static (string What, TimeSpan Offset)? ReadAt(string option, string text, string form, TimeSpan duration, UsageErrors errors)
    {
        if (WindowMoments.Read(text, form, duration, out var what, out var offset) is not { } problem) return (what, offset);
        errors.Add(option, text, problem);
        return null;
    }
}
