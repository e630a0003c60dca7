using System.Globalization;
using System.Text;

namespace Orchestrator.Host.CommandLine;

/// <summary>Everything that is wrong with a command line: collected to the end, told at once, before anything is started.</summary>
internal sealed class UsageErrors
{
    private const int LongestValueShown = 120;

    private readonly List<UsageError> _all = [];

    public IReadOnlyList<UsageError> All => _all;

    public IReadOnlyList<string> Lines => [.. _all.Select(error => error.Line)];

    public bool Any => _all.Count > 0;

    public void Add(string line) => _all.Add(new UsageError(null, null, line));

    /// <param name="value">Null where there is none to show.</param>
    /// <param name="problem">What is wrong, what is allowed and what to do; begins in lower case, ends without a full stop.</param>
    public void Add(string option, string? value, string problem) => _all.Add(new UsageError(option, value, problem.TrimEnd('.')));

    /// <summary>A value as it is shown in a line: in quotes, on one line, not endless.</summary>
    public static string Shown(string value)
    {
        var text = new StringBuilder("'");
        foreach (var character in value.Length > LongestValueShown ? value[..LongestValueShown] : value)
        {
            if (char.IsControl(character)) text.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}");
            else text.Append(character);
        }

        return text.Append(value.Length > LongestValueShown ? "…'" : "'").ToString();
    }
}

/// <param name="Option">Such as <c>--duration</c>; null where it is about more than one, or none.</param>
/// <param name="Value">As it was typed; null where there is none.</param>
internal sealed record UsageError(string? Option, string? Value, string Problem)
{
    public string Line => Option is null ? Problem : Value is null ? $"{Option}: {Problem}" : $"{Option} {UsageErrors.Shown(Value)}: {Problem}";
}
