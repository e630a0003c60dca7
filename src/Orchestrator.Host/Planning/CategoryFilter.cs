using Orchestrator.Host.CommandLine;

namespace Orchestrator.Host.Planning;

/// <summary>Which categories are recorded, as <c>--categories a,b,-c</c> says it.</summary>
internal sealed record CategoryFilter(IReadOnlyList<string> Included, IReadOnlyList<string> Excluded)
{
    public const string MemoryInfra = "disabled-by-default-memory-infra";
    public const string Screenshot = "disabled-by-default-devtools.screenshot";

    private const string DisabledByDefault = "disabled-by-default-";

    /// <summary>
    /// What DevTools' Performance panel needs for threads, frames, layout, paint, scripts, loading and user timing, without
    /// what costs much: no JavaScript samples, no stacks, no screenshots, and no <c>toplevel</c>, which tells every task a
    /// second time and made up more than half of the events.
    /// </summary>
    public static CategoryFilter Default { get; } = new(
        [
            "devtools.timeline", "disabled-by-default-devtools.timeline", "disabled-by-default-devtools.timeline.frame",
            "v8", "v8.execute", "blink.console", "blink.user_timing", "loading", "navigation", "latencyInfo", "interactions",
        ],
        ["*"]);

    /// <summary>The list as it would be typed.</summary>
    public override string ToString() => string.Join(',', Excluded.Select(name => "-" + name).Concat(Included));

    /// <summary>The categories of a list; every item that is none is an error.</summary>
    public static CategoryFilter Parse(string option, string text, UsageErrors errors)
    {
        var included = new List<string>();
        var excluded = new List<string>();
        foreach (var item in text.Split(','))
        {
            var list = item.StartsWith('-') ? excluded : included;
            var name = item.StartsWith('-') ? item[1..] : item;
            if (item == "-") errors.Add(option, text, "a '-' stands alone; write -NAME to exclude a category");
            else if (Problem(name) is { } problem) errors.Add(option, text, problem);
            else if (!list.Contains(name)) list.Add(name);
        }

        foreach (var name in included.Intersect(excluded).ToList())
            errors.Add(option, text, $"{UsageErrors.Shown(name)} is both included and excluded; name it once");
        return new CategoryFilter(included, excluded);
    }

    /// <summary>Why this is no name of a category, nor the beginning of one with a '*'; null when it is.</summary>
    public static string? Problem(string name)
    {
        if (name.Length == 0) return "an item is empty; separate categories with single commas";
        if (name.Any(char.IsWhiteSpace)) return $"{UsageErrors.Shown(name)} has a space in it; separate categories with commas alone";
        if (name.StartsWith('-')) return $"{UsageErrors.Shown(name)} begins with '-', which no category does";
        var foreign = name.FirstOrDefault(letter => !char.IsAsciiLetterOrDigit(letter) && !"._-:*".Contains(letter));
        if (foreign != default) return $"{UsageErrors.Shown(name)} has a '{foreign}' in it; categories are made of letters, digits and . _ - :";
        // Observed on Chromium 156, and so in perfetto's NameMatchesPattern: it compares what stands before the first '*',
        // so that '*level' would record everything.
        var star = name.IndexOf('*');
        return star < 0 || star == name.Length - 1 ? null : $"{UsageErrors.Shown(name)} has a '*' before its end; the browser reads only what stands before a '*'";
    }

    /// <summary>
    /// Whether a category that is disabled by default is recorded: only its own name or a pattern that begins with
    /// <c>disabled-by-default-</c> turns it on; a plain <c>*</c> does not.
    /// </summary>
    public bool TurnsOn(string disabledByDefault) => Included.Any(pattern =>
        pattern == disabledByDefault
        || (pattern.StartsWith(DisabledByDefault, StringComparison.Ordinal) && pattern.EndsWith('*') && disabledByDefault.StartsWith(pattern[..^1], StringComparison.Ordinal)));
}
