using Orchestrator.Host.CommandLine;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Planning;

/// <summary>What happens between start and end.</summary>
internal static class WindowRules
{
    public static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan DefaultMarkEvery = TimeSpan.FromSeconds(1);

    private const int LongestLabel = 100;
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    public static WindowPlan Read(RecordOptions options, UsageErrors errors)
    {
        var duration = Durations.Read("--duration", options.Duration, DefaultDuration, TimeSpan.FromMilliseconds(100), Day, errors);
        var markEvery = Durations.Read("--mark-every", options.MarkEvery, DefaultMarkEvery, TimeSpan.FromMilliseconds(10), Day, errors);
        var marks = new List<PlannedMarker>();
        foreach (var text in options.Marks)
        {
            if (ReadAt("--mark", text, "LABEL@OFFSET, such as checkout@3s", duration, errors) is not var (label, offset)) continue;
            var mark = new PlannedMarker(label, offset);
            if (LabelProblem(label) is { } problem) errors.Add("--mark", text, problem);
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
            Durations.Read("--prepare-timeout", options.PrepareTimeout, TimeSpan.FromSeconds(30), least, Day, errors),
            Durations.Read("--start-timeout", options.StartTimeout, TimeSpan.FromSeconds(15), least, Day, errors),
            Durations.Read("--flush-timeout", options.FlushTimeout, TimeSpan.FromMinutes(2), least, Day, errors));
    }

    private static (string What, TimeSpan Offset)? ReadAt(string option, string text, string form, TimeSpan duration, UsageErrors errors)
    {
        // The last '@': a label may have one of its own.
        var at = text.LastIndexOf('@');
        if (at < 0)
        {
            errors.Add(option, text, $"not of the form {form}");
            return null;
        }

        if (!Durations.TryParse(text[(at + 1)..], out var offset))
        {
            errors.Add(option, text, $"after the '@' stands no duration; write {form}");
            return null;
        }

        // The window's last instant belongs to the end: no browser takes anything after it.
        if (offset < duration) return (text[..at], offset);
        errors.Add(option, text, $"the offset is not within the window, which lasts {Durations.Format(duration)}; lengthen --duration or shorten the offset");
        return null;
    }

    private static string? LabelProblem(string label)
    {
        if (string.IsNullOrWhiteSpace(label)) return "the label is empty; write LABEL@OFFSET";
        if (label.Length > LongestLabel) return $"the label has {label.Length} characters; at most {LongestLabel} are allowed";
        return label.Any(char.IsControl) ? "the label has control characters in it" : null;
    }
}
