using System.Globalization;
using Orchestrator.Host.CommandLine;

namespace Orchestrator.Host.Planning;

/// <summary>Values out of a list, and numbers: what the browser would take without a word, wrong as it may be.</summary>
internal static class Choices
{
    public static IReadOnlyList<(string Word, Cdp.Protocol.RecordMode Value)> RecordModes { get; } =
    [
        ("recordUntilFull", Cdp.Protocol.RecordMode.RecordUntilFull), ("recordContinuously", Cdp.Protocol.RecordMode.RecordContinuously),
        ("recordAsMuchAsPossible", Cdp.Protocol.RecordMode.RecordAsMuchAsPossible), ("echoToConsole", Cdp.Protocol.RecordMode.EchoToConsole),
    ];

    public static IReadOnlyList<(string Word, Cdp.Protocol.TracingBackend Value)> Backends { get; } =
        [("auto", Cdp.Protocol.TracingBackend.Auto), ("chrome", Cdp.Protocol.TracingBackend.Chrome), ("system", Cdp.Protocol.TracingBackend.System)];

    public static IReadOnlyList<(string Word, string Value)> DumpLevels { get; } = [("background", "background"), ("light", "light"), ("detailed", "detailed")];

    /// <summary>The value that was named, case apart; null when none was, or with an error added.</summary>
    public static T? Read<T>(string option, string? text, IReadOnlyList<(string Word, T Value)> choices, UsageErrors errors)
        where T : struct
    {
        if (text is null) return null;
        foreach (var (word, value) in choices)
        {
            if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase)) return value;
        }

        errors.Add(option, text, Unknown(text, choices));
        return null;
    }

    /// <summary>What to say of a value that is not in the list.</summary>
    public static string Unknown<T>(string text, IReadOnlyList<(string Word, T Value)> choices)
    {
        var words = choices.Select(choice => choice.Word).ToList();
        var allowed = $"not one of {string.Join(", ", words)}";
        return Spelling.Nearest(text, words) is { } near ? $"{allowed}; did you mean {near}?" : allowed;
    }

    /// <summary>The whole number that was given; null when none was, or with an error added.</summary>
    /// <param name="unit">What is counted; empty: nothing.</param>
    public static int? Number(string option, string? text, int least, int most, string unit, UsageErrors errors)
    {
        if (text is null) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        errors.Add(option, text, string.Create(CultureInfo.InvariantCulture, $"not a whole number{(unit.Length > 0 ? " of " : "")}{unit} from {least} to {most}"));
        return null;
    }
}
