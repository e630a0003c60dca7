using System.Globalization;
using Orchestrator.TestKit.Hocon;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>A value of a scenario file on its way to its type: each way complains and gives null where it is not of it.</summary>
/// <param name="Line">Of its key, or of its own beginning in a list.</param>
internal sealed partial record ScenarioFileValue(string Path, int Line, HoconNode Node, ScenarioFileFindings Findings)
{
    public static readonly TimeSpan Day = TimeSpan.FromHours(24);

    public void Complain(string problem) =>
        Findings.Add(Line, Path, Node is HoconText { Text: var text } ? $"{ScenarioFileFindings.Shown(text)} is {problem}" : $"this is {problem}");

    public string? AsText()
    {
        if (Node is HoconText { Text: var text }) return text;
        Findings.Add(Line, Path, $"one value is wanted, and this is a {(Node is HoconList ? "list" : "block")}");
        return null;
    }

    public int? AsWhole(int least, int most)
    {
        if (AsText() is not { } text) return null;
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)) Complain("not a whole number");
        else if (value < least || value > most) Complain(string.Create(CultureInfo.InvariantCulture, $"out of range; {least} to {most} is allowed"));
        else return (int)value;
        return null;
    }

    public double? AsNumber(double least, double most)
    {
        if (AsText() is not { } text) return null;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value)) Complain("not a number");
        else if (value < least || value > most) Complain(string.Create(CultureInfo.InvariantCulture, $"out of range; {least} to {most} is allowed"));
        else return value;
        return null;
    }

    /// <summary>0 to 1, or in percent.</summary>
    public double? AsShare()
    {
        if (AsText() is not { } text) return null;
        var isPercent = text.EndsWith('%');
        if (!double.TryParse(isPercent ? text[..^1] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
            Complain("not a share; write a number from 0 to 1, or 0% to 100%");
        else if (value < 0 || value > (isPercent ? 100 : 1)) Complain("out of range; 0 to 1, or 0% to 100%, is allowed");
        else return isPercent ? value / 100 : value;
        return null;
    }

    /// <summary>Bytes.</summary>
    public int? AsSize(int least, int most)
    {
        if (AsText() is not { } text) return null;
        (string Unit, int Bytes)[] units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1), ("", 1)];
        var (unit, bytes) = units.First(candidate => text.EndsWith(candidate.Unit, StringComparison.Ordinal));
        if (!decimal.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) || Math.Abs(value) > int.MaxValue)
            Complain("not a size; write a whole number of bytes, or one with KiB, MiB or GiB");
        else if (value * bytes < least || value * bytes > most) Complain($"out of range; {Size(least)} to {Size(most)} is allowed");
        else return (int)(value * bytes);
        return null;
    }

    public TimeSpan? AsDuration(TimeSpan least, TimeSpan most)
    {
        if (AsText() is not { } text) return null;
        var isNegative = text.StartsWith('-');
        if (!Durations.TryParse(isNegative ? text[1..] : text, out var duration)) Complain("not a duration; write a number and us, ms, s, m or h, such as 500ms");
        else if ((isNegative ? -duration : duration) is var value && (value < least || value > most)) Complain($"out of range; {Durations.Format(least)} to {Durations.Format(most)} is allowed");
        else return value;
        return null;
    }

    public T? AsChoice<T>(params IReadOnlyList<(string Word, T Value)> choices) where T : struct
    {
        if (AsText() is not { } text) return null;
        foreach (var (word, value) in choices)
        {
            if (word == text) return value;
        }

        Complain($"not one of {string.Join(", ", choices.Select(choice => choice.Word))}");
        return null;
    }

    /// <summary>A list of at least so many.</summary>
    /// <param name="example">How it is written.</param>
    public IReadOnlyList<ScenarioFileValue>? AsList(string example, int least = 0)
    {
        if (Node is not HoconList { Items: var items}) Complain($"no list; write {example}");
        else if (items.Count < least) Complain($"an empty list; write {example}, or leave the key out");
        else return [.. items.Select((item, place) => new ScenarioFileValue(string.Create(CultureInfo.InvariantCulture, $"{Path}[{place}]"), item.Line, item, Findings))];
        return null;
    }

    public ScenarioFileBlock? AsBlock()
    {
        if (Node is HoconObject block) return new ScenarioFileBlock(Path, Line, block, Findings);
        Complain("no block; write { … }");
        return null;
    }

    private static string Size(int bytes) => bytes switch
    {
        > 0 when bytes % (1 << 20) == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20}MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes}B"),
    };
}
