namespace Orchestrator.TestKit.Worlds;

/// <summary>A fault, and whom it befalls: those of a name, or as chance will have it.</summary>
public sealed record FaultRule
{
    /// <summary>Makes the fault of one browser, with random numbers of its own, for a window of this length.</summary>
    public required Func<Random, TimeSpan, Fault> Fault { get; init; }

    /// <summary>The browsers' names, b1, b2, …; null: any.</summary>
    public IReadOnlyList<string>? Browsers { get; init; }

    /// <summary>Of the browsers, 0 to 1; default: all that are named.</summary>
    public double Probability
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Probability), value, "It is 0 to 1.");
    } = 1;

    /// <summary>The fault that befalls this browser; null when it is spared.</summary>
    public Fault? For(string browser, Random random, TimeSpan window)
    {
        // Drawn for each, so that a rule for one browser does not change the fate of the others.
        var isStruck = random.NextDouble() < Probability;
        return isStruck && (Browsers?.Contains(browser) ?? true) ? Fault(random, window) : null;
    }
}
