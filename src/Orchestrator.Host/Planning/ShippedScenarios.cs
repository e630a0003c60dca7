using Orchestrator.Host.CommandLine;

namespace Orchestrator.Host.Planning;

/// <summary>The scenarios that ship with the product, in the folder <c>scenarios</c> beside the executable.</summary>
internal static class ShippedScenarios
{
    /// <summary>Each one's name, and what it is about.</summary>
    public static readonly IReadOnlyList<(string Name, string About)> All =
    [
        ("calm", "500 browsers on 20 nodes, nothing goes wrong"),
        ("drifting-clocks", "clocks that drift, are set, and sleep"),
        ("dying-browsers", "one browser in ten crashes, hangs or is never there"),
        ("slow-network", "far away, and the way there takes longer than the way back"),
        ("everything-at-once", "all of it, and more, with 1,000 browsers"),
        ("reference", "every key with its default, commented: to copy from"),
    ];

    /// <summary>The file that a value of <c>--scenario</c> names: one of these when it is one's name, else a path.</summary>
    public static string PathOf(string value, string folder) =>
        All.Any(scenario => scenario.Name == value) ? Path.Combine(folder, $"{value}.conf") : value;

    /// <summary>What to say beside that a file does not exist, if it may have been meant as a name; else empty.</summary>
    public static string Hint(string value)
    {
        if (value.Contains('/', StringComparison.Ordinal) || value.Contains('.', StringComparison.Ordinal)) return "";
        var names = All.Select(scenario => scenario.Name).ToList();
        return Spelling.Nearest(value, names) is { } near ? $"; did you mean {near}?" : $"; scenarios that ship are {string.Join(", ", names)}";
    }
}
