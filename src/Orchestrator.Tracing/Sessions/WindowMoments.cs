namespace Orchestrator.Tracing.Sessions;

/// <summary>What is to happen within a window as people write it: <c>WHAT@OFFSET</c>, as in <c>checkout@3s</c>.</summary>
public static class WindowMoments
{
    private const int LongestLabel = 100;

    /// <summary>Reads one.</summary>
    /// <param name="form">How it is to be written, with an example.</param>
    /// <param name="duration">Of the window.</param>
    /// <returns>What is wrong with it; null: nothing.</returns>
    public static string? Read(string text, string form, TimeSpan duration, out string what, out TimeSpan offset)
    {
        (what, offset) = ("", TimeSpan.Zero);
        // The last '@': a label may have one of its own.
        var at = text.LastIndexOf('@');
        if (at < 0) return $"not of the form {form}";
        if (!Durations.TryParse(text[(at + 1)..], out offset)) return $"after the '@' stands no duration; write {form}";
        // The window's last instant belongs to the end: no browser takes anything after it.
        if (offset >= duration) return $"the offset is not within the window, which lasts {Durations.Format(duration)}; lengthen the window or shorten the offset";
        what = text[..at];
        return null;
    }

    /// <summary>What is wrong with a marker's label; null: nothing.</summary>
    public static string? LabelProblem(string label)
    {
        if (string.IsNullOrWhiteSpace(label)) return "the label is empty; write LABEL@OFFSET";
        if (label.Length > LongestLabel) return $"the label has {label.Length} characters; at most {LongestLabel} are allowed";
        return label.Any(char.IsControl) ? "the label has control characters in it" : null;
    }
}
