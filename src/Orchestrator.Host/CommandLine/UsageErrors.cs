using System.Globalization;
using System.Text;

namespace Orchestrator.Host.CommandLine;

/// <summary>Everything that is wrong with a command line: collected to the end, told at once, before anything is started.</summary>
internal sealed class UsageErrors
{
    private const int LongestValueShown = 120;

    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public bool Any => _lines.Count > 0;

    public void Add(string line) => _lines.Add(line);

    /// <param name="problem">What is wrong, what is allowed and what to do; begins in lower case, ends without a full stop.</param>
    public void Add(string option, string value, string problem) => _lines.Add($"{option} {Shown(value)}: {problem.TrimEnd('.')}");

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
