using System.Text.RegularExpressions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>What was found while a scenario file was read: every complaint, and which keys there may be.</summary>
internal sealed partial class ScenarioFileFindings(string file)
{
    private const int LongestValueShown = 120;

    private readonly List<ScenarioError> _errors = [];
    private readonly HashSet<string> _keys = [];

    public string File => file;

    public IReadOnlyList<ScenarioError> Errors => [.. _errors.OrderBy(error => error.Line)];

    public IReadOnlySet<string> Keys => _keys;

    public void Add(int line, string path, string problem) => _errors.Add(new ScenarioError(file, line, path, problem));

    /// <summary>There may be a key of this path.</summary>
    public void Know(string path) => _keys.Add(Index().Replace(path, "[]"));

    /// <summary>A value as it is shown in a line: in quotes, on one line, not endless.</summary>
    public static string Shown(string value)
    {
        var text = string.Concat((value.Length > LongestValueShown ? value[..LongestValueShown] : value).Select(one => char.IsControl(one) ? '?' : one));
        return value.Length > LongestValueShown ? $"'{text}…'" : $"'{text}'";
    }

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Index();
}
