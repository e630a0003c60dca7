namespace Orchestrator.TestKit.Worlds;

/// <summary>The world of one simulated browser: its clock, its wire, how long it takes for things, what it records, what goes wrong.</summary>
public sealed record BrowserConditions
{
    /// <summary>A browser that is quick, exact and well.</summary>
    public static BrowserConditions Ideal { get; } = new();

    public SimulatedClock Clock { get; init; } = SimulatedClock.True;

    /// <summary>A message's way to the browser. Messages of one connection never overtake each other.</summary>
    public Delay There { get; init; } = Delay.None;

    /// <summary>A message's way back.</summary>
    public Delay Back { get; init; } = Delay.None;

    /// <summary>From a client's wish to connect to its connection.</summary>
    public Delay Connecting { get; init; } = Delay.None;

    /// <summary>From the arrival of a command to its answer; markers and dumps are taken at its end.</summary>
    public Delay Answering { get; init; } = Delay.None;

    /// <summary>The same for <c>Tracing.start</c>.</summary>
    public Delay Starting { get; init; } = Delay.None;

    /// <summary>From <c>Tracing.end</c> to <c>tracingComplete</c>.</summary>
    public Delay Flushing { get; init; } = Delay.None;

    public TraceContent Content { get; init; } = new TraceContent.Generated();

    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>Of everything that is left to chance in it.</summary>
    public int Seed { get; init; }
}
