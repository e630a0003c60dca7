using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>What came of a simulated session, beside what was true in its world.</summary>
public sealed record SimulationResult
{
    public required Scenario Scenario { get; init; }

    /// <summary>What a user would read in session.json.</summary>
    public required SessionDocument Document { get; init; }

    /// <summary>How many browsers ended how; only those that occurred.</summary>
    public required IReadOnlyDictionary<BrowserOutcome, int> Outcomes { get; init; }

    /// <summary>How much later than the first browser each one carried out <c>Tracing.start</c>, in true time; null when none did.</summary>
    public required Quantiles? StartSkew { get; init; }

    /// <summary>The bounds that were reported for the browsers' clocks in the middle of the window; null when there is none.</summary>
    public required Quantiles? ClockBound { get; init; }

    /// <summary>How far the reported offsets there are from the truth; null when there is none.</summary>
    public required Quantiles? ClockError { get; init; }

    /// <summary>Browsers whose true offset lies outside of the reported bound: there must be none.</summary>
    public required IReadOnlyList<string> OutsideOfBound { get; init; }

    /// <summary>How many messages of each kind were sent: <c>node Start</c>, <c>browser Mark</c>, <c>CDP Tracing.start</c>, …</summary>
    public required IReadOnlyDictionary<string, long> Messages { get; init; }

    /// <summary>Promises of the product that did not hold, each a sentence: there must be none.</summary>
    public required IReadOnlyList<string> BrokenPromises { get; init; }

    /// <summary>From the simulation's beginning to the session's outcome, in the simulation's time.</summary>
    public required TimeSpan VirtualTime { get; init; }

    /// <summary>The same on the wall.</summary>
    public required TimeSpan RealTime { get; init; }
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
