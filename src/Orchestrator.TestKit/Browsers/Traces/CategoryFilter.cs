using System.IO.Enumeration;

namespace Orchestrator.TestKit.Browsers.Traces;

/// <summary>
/// Which categories a recording takes: exact names before patterns with '*', included before excluded (Perfetto's
/// TrackEventInternal::IsCategoryEnabled), and <c>disabled-by-default-</c> only for those who name it.
/// </summary>
internal sealed class CategoryFilter(IReadOnlyList<string> included, IReadOnlyList<string> excluded, bool takesOthers)
{
    private const string Disabled = "disabled-by-default-";

    /// <summary>A config that says nothing.</summary>
    public static CategoryFilter Default { get; } = new([], [], takesOthers: true);

    /// <summary>Chromium's trace config: who names categories wants no others.</summary>
    public static CategoryFilter Of(IReadOnlyList<string> included, IReadOnlyList<string> excluded) => new(included, excluded, included.Count == 0);

    /// <summary>The deprecated filter: <c>a,b,-c</c>.</summary>
    public static CategoryFilter Parse(string filter)
    {
        var names = filter.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return Of([.. names.Where(name => name[0] != '-')], [.. names.Where(name => name[0] == '-').Select(name => name[1..])]);
    }

    public bool Takes(string category)
    {
        if (included.Contains(category, StringComparer.Ordinal)) return true;
        if (excluded.Contains(category, StringComparer.Ordinal)) return false;
        if (Matches(included, category)) return true;
        if (Matches(excluded, category)) return false;
        return takesOthers && !category.StartsWith(Disabled, StringComparison.Ordinal);
    }

    private static bool Matches(IReadOnlyList<string> patterns, string category)
    {
        var isDisabled = category.StartsWith(Disabled, StringComparison.Ordinal);
        foreach (var pattern in patterns)
        {
            if (!pattern.Contains('*', StringComparison.Ordinal) || (isDisabled && !pattern.StartsWith(Disabled, StringComparison.Ordinal))) continue;
            if (FileSystemName.MatchesSimpleExpression(pattern, category, ignoreCase: false)) return true;
        }

        return false;
    }
}
