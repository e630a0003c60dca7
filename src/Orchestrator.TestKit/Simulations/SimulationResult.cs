using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>What came of a simulated session, beside what was true in its world.</summary>
public sealed record SimulationResult
{
    public required Scenario Scenario { get; init; }

    /// <summary>What a user would read in session.json.</summary>
    public required SessionDocument Document { get; init; }

    /// <summary>Each browser, in the order of their numbers.</summary>
    public required IReadOnlyList<SimulatedBrowserResult> Browsers { get; init; }

    /// <summary>How many messages of each kind were sent: <c>node Start</c>, <c>browser Mark</c>, <c>CDP Tracing.start</c>, …</summary>
    public required IReadOnlyDictionary<string, long> Messages { get; init; }

    /// <summary>Promises of the product that did not hold, each a sentence: there must be none.</summary>
    public required IReadOnlyList<string> BrokenPromises { get; init; }

    /// <summary>The session's journal, an event a line, with its folder called FOLDER; the same for the same scenario.</summary>
    public required string Journal { get; init; }

    /// <summary>The process was killed, and another one gave the session its outcome.</summary>
    public required bool Recovered { get; init; }

    /// <summary>From the simulation's beginning to the session's outcome, in the simulation's time.</summary>
    public required TimeSpan VirtualTime { get; init; }

    /// <summary>The same on the wall.</summary>
    public required TimeSpan RealTime { get; init; }

    /// <summary>The session's outcome; null when it got none, which is a broken promise.</summary>
    public SessionOutcome? Outcome => Document.Outcome;

    /// <summary>How many browsers ended how; only those that occurred.</summary>
    public IReadOnlyDictionary<BrowserOutcome, int> Outcomes =>
        Browsers.Where(browser => browser.Outcome is not null).CountBy(browser => browser.Outcome!.Value).ToDictionary();

    /// <summary>How much later than the first browser each one carried out <c>Tracing.start</c>, in true time; null when none did.</summary>
    public Quantiles? StartSkew => Quantiles.Of([.. Browsers.Select(browser => browser.StartedAfter).OfType<TimeSpan>()]);

    /// <summary>The widest bound of each browser's clock over the window; null when none is known.</summary>
    public Quantiles? ClockBound => Quantiles.Of([.. Browsers.Select(browser => browser.ClockBound).OfType<TimeSpan>()]);

    /// <summary>The farthest that each browser's aligned clock is from the truth in the window; null when none is known.</summary>
    public Quantiles? ClockError => Quantiles.Of([.. Browsers.Select(browser => browser.ClockError).OfType<TimeSpan>()]);

    /// <summary>Browsers whose clock ran evenly, and whose truth leaves the bound somewhere in the window: there must be none.</summary>
    public IReadOnlyList<string> OutsideOfBound =>
        [.. Browsers.Where(browser => browser is { ClockIsEven: true, IsOutsideOfBound: true }).Select(browser => browser.Name)];

    /// <summary>Browsers that started more than this after the first, the latest first.</summary>
    public IReadOnlyList<string> LaterThan(TimeSpan after) =>
        [.. Browsers.Where(browser => browser.StartedAfter > after).OrderByDescending(browser => browser.StartedAfter).Select(browser => browser.Name)];

    /// <summary>Browsers that ended so.</summary>
    public IReadOnlyList<string> That(BrowserOutcome outcome) =>
        [.. Browsers.Where(browser => browser.Outcome == outcome).Select(browser => browser.Name)];

    /// <summary>The session and all that is promised of it, in a sentence for a failed assertion.</summary>
    public override string ToString() =>
        $"{Scenario.Name}, seed {Scenario.Seed}: {Outcome?.ToString() ?? "no outcome"}; {string.Join(", ", Outcomes.Select(outcome => $"{outcome.Value} {outcome.Key}"))}"
        + (BrokenPromises.Count == 0 ? "" : $"; broken: {string.Join(" ", BrokenPromises)}");
}

/// <summary>One browser of a simulation: what was reported of it, beside what was true.</summary>
public sealed record SimulatedBrowserResult
{
    public required string Name { get; init; }

    /// <summary>Null when it got none, which is a broken promise.</summary>
    public required BrowserOutcome? Outcome { get; init; }

    public required string? Reason { get; init; }

    /// <summary>How much later than the first it carried out <c>Tracing.start</c>, in true time; null when it did not.</summary>
    public required TimeSpan? StartedAfter { get; init; }

    /// <summary>The widest bound of its clock over the window; null where nothing is certain somewhere in it.</summary>
    public required TimeSpan? ClockBound { get; init; }

    /// <summary>The farthest that its aligned clock is from the truth in the window; null where it is not aligned.</summary>
    public required TimeSpan? ClockError { get; init; }

    /// <summary>Its clock neither jumped nor stood still while it recorded. What a bound claims, it claims of such clocks alone: a jump that is smaller than the markers' brackets are wide leaves no trace in them.</summary>
    public required bool ClockIsEven { get; init; }

    /// <summary>Somewhere in the window the truth lies outside of the bound that is claimed there.</summary>
    public required bool IsOutsideOfBound { get; init; }
}

/// <summary>Durations over many browsers.</summary>
public sealed record Quantiles(TimeSpan P50, TimeSpan P99, TimeSpan Max)
{
    /// <summary>By nearest rank; null of none.</summary>
    public static Quantiles? Of(IReadOnlyCollection<TimeSpan> values)
    {
        if (values.Count == 0) return null;
        var sorted = values.Order().ToList();
        TimeSpan At(double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];
        return new Quantiles(At(0.5), At(0.99), sorted[^1]);
    }
}

/// <summary>How far a simulation is.</summary>
/// <param name="Phase">What the session does: <c>preparing</c>, <c>window</c>, …</param>
/// <param name="VirtualTime">Since the simulation's beginning.</param>
/// <param name="Ended">Browsers that have their outcome.</param>
public sealed record SimulationProgress(SessionPhase Phase, TimeSpan VirtualTime, int Ended, int Browsers);
