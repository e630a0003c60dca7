using System.Globalization;
using Orchestrator.Tracing.Clocks;

namespace Orchestrator.Tracing.Sessions;

/// <summary>Whether the clocks of a session are known as well as the user asked for.</summary>
public static class ClockRequirement
{
    /// <summary>
    /// One sentence for each browser with a trace whose bound is wider than <paramref name="mostNanos"/> somewhere in the window, or
    /// that has none.
    /// </summary>
    public static IReadOnlyList<string> Unmet(SessionDocument document, long mostNanos) =>
        [.. document.Browsers.Where(browser => browser.File is not null).Select(browser => Unmet(browser.Name, browser.Clock, mostNanos)).OfType<string>()];

    /// <summary>Null: it is known well enough over the whole window.</summary>
    public static string? Unmet(string browser, ClockFacts clock, long mostNanos)
    {
        string Micros(long nanos) => string.Create(CultureInfo.InvariantCulture, $"{nanos / 1000.0:0.#} µs");
        if (clock.Relation is ClockRelation.Unaligned) return $"the clock of {browser} is unaligned";
        if (clock.WorstBoundNanos is not { } worst) return $"the clock of {browser} stepped, and for a while nothing is certain of it";
        return worst > mostNanos ? $"the clock of {browser} is known to within {Micros(worst)}, not within {Micros(mostNanos)}" : null;
    }
}
