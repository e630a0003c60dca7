using Orchestrator.TestKit.Time;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>A session to simulate and the world that it meets. Everything that is left to chance follows from <see cref="Seed"/>.</summary>
public sealed record Scenario
{
    public const int MostBrowsers = 100_000;
    public const int MostNodes = 1_000;

    // A drift that a machine's clock may really have; the estimate of clocks takes as much.
    internal const double MostDriftPpm = 500;

    // A browser's clock counts from when its machine came up and is never below zero; a world begins a month after that.
    internal static readonly TimeSpan FarthestOffset = TimeSpan.FromDays(10);

    /// <summary>So many browsers on one node, and all else as by default.</summary>
    public static Scenario Of(int browsers) => new() { Browsers = browsers };

    /// <summary>What it is called where people read of it.</summary>
    public string Name { get; init; } = "default";

    /// <summary>1 to 100,000; default 100.</summary>
    public int Browsers { get; init; } = 100;

    /// <summary>1 to 1,000, no more than browsers; default 1. The browsers are spread over them evenly.</summary>
    public int Nodes { get; init; } = 1;

    public int Seed { get; init; } = 1;

    /// <summary>The session's window; default 1 minute.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Between two clock sync markers of each browser; default 10 s.</summary>
    public TimeSpan MarkEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Labelled markers that all browsers get at once.</summary>
    public IReadOnlyList<PlannedMarker> Markers { get; init; } = [];

    public IReadOnlyList<PlannedMemoryDump> MemoryDumps { get; init; } = [];

    /// <summary>How many browsers must record for the session to go on; default: any.</summary>
    public Requirement Require { get; init; } = Requirement.AtLeast(1);

    public PhaseTimeouts Timeouts { get; init; } = new(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2));

    public TraceFormat Format { get; init; } = TraceFormat.Proto;

    public TraceTransfer Transfer { get; init; } = TraceTransfer.Stream;

    public TraceCompression Compression { get; init; } = TraceCompression.None;

    /// <summary>Each browser's clock is somewhere within plus and minus this of the nodes'.</summary>
    public TimeSpan OffsetWithin { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Each browser's clock runs up to so many millionths faster or slower than the nodes'; 0 to 500, default 50.</summary>
    public double DriftWithinPpm { get; init; } = 50;

    /// <summary>Clocks that step or are suspended while the session runs.</summary>
    public IReadOnlyList<ClockRule> ClockSteps { get; init; } = [];

    public Delay There { get; init; } = new Delay.LogNormal(TimeSpan.FromMicroseconds(400), 0.4);

    public Delay Back { get; init; } = new Delay.LogNormal(TimeSpan.FromMicroseconds(200), 0.4);

    public Delay Connecting { get; init; } = new Delay.Uniform(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(50));

    public Delay Answering { get; init; } = new Delay.LogNormal(TimeSpan.FromMicroseconds(50), 0.5);

    public Delay Starting { get; init; } = new Delay.LogNormal(TimeSpan.FromMilliseconds(12), 0.6);

    public Delay Flushing { get; init; } = new Delay.LogNormal(TimeSpan.FromMilliseconds(200), 0.5);

    public TraceContent Content { get; init; } = new TraceContent.Generated { EventsPerSecond = 1 };

    public IReadOnlyList<FaultRule> Faults { get; init; } = [];

    /// <summary>How long the journal takes for a write.</summary>
    public Delay JournalWrite { get; init; } = new Delay.Constant(TimeSpan.FromMilliseconds(2));

    /// <summary>The process that records is killed when the journal has so many events, and a new one takes over; null: it is not.</summary>
    public int? KillProcessAtEvent { get; init; }

    /// <summary>The world of one browser: the same for the same seed, whatever is asked about others.</summary>
    /// <param name="number">From 1.</param>
    public BrowserConditions ConditionsOf(int number)
    {
        var name = NameOf(number);
        // A stream of its own for each subject: a rule that is added changes nothing but what it is about.
        var clocks = RandomOf(number, subject: 1);
        return new BrowserConditions
        {
            Clock = new SimulatedClock
            {
                Offset = OffsetWithin * (2 * clocks.NextDouble() - 1),
                RatePpm = DriftWithinPpm * (2 * clocks.NextDouble() - 1),
                Steps = [.. ClockSteps.Select((rule, place) => rule.For(name, RandomOf(number, 1000 + place))).OfType<ClockStep>().OrderBy(step => step.AtNanos)],
            },
            There = There,
            Back = Back,
            Connecting = Connecting,
            Answering = Answering,
            Starting = Starting,
            Flushing = Flushing,
            Content = Content,
            Faults = [.. Faults.Select((rule, place) => rule.For(name, RandomOf(number, 2000 + place), Duration)).OfType<Fault>()],
            Seed = RandomOf(number, subject: 2).Next(),
        };
    }

    /// <summary>Everything in it that cannot be; none: it can be simulated.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        void Must(bool holds, string what)
        {
            if (!holds) problems.Add(what);
        }

        var named = Faults.Select(rule => rule.Browsers).Concat(ClockSteps.Select(rule => rule.Browsers)).OfType<IReadOnlyList<string>>().SelectMany(names => names);
        var names = Enumerable.Range(1, Math.Clamp(Browsers, 0, MostBrowsers)).Select(NameOf).ToHashSet(StringComparer.Ordinal);
        Must(Browsers is >= 1 and <= MostBrowsers, $"browsers is {Browsers}, 1 to {MostBrowsers} can be");
        Must(Nodes is >= 1 and <= MostNodes && Nodes <= Browsers, $"nodes is {Nodes}, 1 to {MostNodes} can be, and no more than browsers");
        Must(Duration > TimeSpan.Zero && Duration <= TimeSpan.FromDays(1), $"the window lasts {Duration}, more than nothing and up to a day can be");
        Must(MarkEvery > TimeSpan.Zero, $"a marker comes every {MarkEvery}");
        Must(DriftWithinPpm is >= 0 and <= MostDriftPpm, $"clocks drift by up to {DriftWithinPpm} ppm, 0 to {MostDriftPpm} can be");
        Must(OffsetWithin >= TimeSpan.Zero && OffsetWithin <= FarthestOffset, $"clocks are up to {OffsetWithin} off, {FarthestOffset} at most can be");
        Must(Timeouts is { Prepare.Ticks: > 0, Start.Ticks: > 0, Flush.Ticks: > 0 }, "a phase has no time");
        Must(ClockSteps.All(rule => rule.Probability is >= 0 and <= 1), "the share of clocks that step is not between 0 and 1");
        Must(KillProcessAtEvent is null or >= 1, $"the process is killed at event {KillProcessAtEvent}, and events count from 1");
        Must(Transfer is TraceTransfer.Stream || (Format is TraceFormat.Json && Compression is TraceCompression.None), "events come as json, not compressed");
        problems.AddRange(named.Where(name => !names.Contains(name)).Distinct().Select(name => $"there is no browser {name}, they are called {NameOf(1)} to {NameOf(Browsers)}"));
        return problems;
    }

    /// <summary>b1, b2, …</summary>
    public static string NameOf(int number) => $"b{number}";

    // SplitMix64's finalizer over seed, number and subject: seeds that differ by one must not give browsers that resemble each other.
    private Random RandomOf(int number, int subject)
    {
        var mixed = unchecked((ulong)Seed * 0x9E3779B97F4A7C15 + (ulong)number * 0xBF58476D1CE4E5B9 + (ulong)subject * 0x94D049BB133111EB);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return new Random((int)(mixed ^ (mixed >> 31)));
    }
}

/// <summary>A step or a suspend of clocks, and whose.</summary>
public sealed record ClockRule
{
    /// <summary>From the simulation's beginning; a session's window opens within its first seconds.</summary>
    public required Delay At { get; init; }

    /// <summary>How far the clock jumps, back when negative; 0: not at all.</summary>
    public TimeSpan By { get; init; }

    /// <summary>How long the browser is suspended, and its clock with it.</summary>
    public Delay Suspended { get; init; } = Delay.None;

    /// <summary>The browsers' names; null: any.</summary>
    public IReadOnlyList<string>? Browsers { get; init; }

    /// <summary>Of the browsers, 0 to 1.</summary>
    public double Probability { get; init; } = 1;

    internal ClockStep? For(string browser, Random random)
    {
        var isStruck = random.NextDouble() < Probability;
        return isStruck && (Browsers?.Contains(browser) ?? true)
            ? new ClockStep(VirtualTime.BeginningNanos + At.Next(random).Ticks * 100, By, Suspended.Next(random))
            : null;
    }
}
