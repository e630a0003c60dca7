using Orchestrator.TestKit.Simulations;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Clusters;

/// <summary>A session on several machines, and what befalls them. Everything that is left to chance follows from the session's seed.</summary>
internal sealed record ClusterScenario
{
    /// <summary>The session, its browsers and their faults; browsers are spread over the nodes evenly, neighbours together.</summary>
    public required Scenario Session { get; init; }

    /// <summary>Machines that may coordinate: c1, c2, …; one after the other does.</summary>
    public int Coordinators { get; init; } = 3;

    /// <summary>True: these record, too, as c1, c2, … beside the nodes.</summary>
    public bool CoordinatorsRecord { get; init; }

    /// <summary>True: all write into one folder that everybody sees, and nothing is fetched.</summary>
    public bool SharesFolder { get; init; }

    /// <summary>True: each machine has a clock of its own, as far off and drifting as a browser's.</summary>
    public bool HasClocksOfItsOwn { get; init; } = true;

    /// <summary>From one machine to another, for each message.</summary>
    public Delay Link { get; init; } = new Delay.LogNormal(TimeSpan.FromMicroseconds(300), 0.5);

    /// <summary>From a process's death, or from its being cut off, to the cluster's verdict that it is gone.</summary>
    public TimeSpan Verdict { get; init; } = TimeSpan.FromSeconds(6);

    public IReadOnlyList<ClusterFault> Faults { get; init; } = [];

    /// <summary>The nodes that record: n1, n2, …</summary>
    public IEnumerable<string> Recording =>
        Enumerable.Range(1, CoordinatorsRecord ? Coordinators : 0).Select(number => $"c{number}").Concat(Enumerable.Range(1, Session.Nodes).Select(number => $"n{number}"));

    /// <summary>Where a browser is recorded.</summary>
    /// <param name="number">From 1.</param>
    public string NodeOf(int number)
    {
        var nodes = Recording.ToList();
        return nodes[(int)((long)(number - 1) * nodes.Count / Session.Browsers)];
    }
}

/// <summary>When something happens: so long after the cluster's beginning, after the n-th event of its journal, or after the first of a kind.</summary>
internal readonly record struct Moment(int? Event, string? Manifest, TimeSpan Plus)
{
    public static Moment After(TimeSpan time) => new(null, null, time);

    public static Moment AtEvent(int number) => new(number, null, TimeSpan.Zero);

    public static Moment At(string manifest, TimeSpan plus = default) => new(null, manifest, plus);

    public override string ToString() => $"{(Event is { } number ? $"event {number}" : Manifest ?? "start")}+{Plus.TotalSeconds}s";
}

/// <summary>What goes wrong with a cluster's machines, its network and its journal.</summary>
internal abstract record ClusterFault(Moment When)
{
    /// <summary>The process of whoever coordinates is killed.</summary>
    /// <param name="Vacant">How long nobody is in office.</param>
    /// <param name="Returns">After this a new process starts on its machine; null: never.</param>
    public sealed record CoordinatorDies(Moment When, TimeSpan Vacant, TimeSpan? Returns = null) : ClusterFault(When);

    /// <summary>Another one comes into office while the old one still is, and knows nothing of it; that one is killed so much later.</summary>
    public sealed record CoordinatorIsOusted(Moment When, TimeSpan Beside) : ClusterFault(When);

    public sealed record NodeDies(Moment When, string Node, TimeSpan? Returns) : ClusterFault(When);

    /// <summary>Nothing that it says is heard, and it hears nothing. Who is cut off for longer than the cluster's patience is put out, and joins anew.</summary>
    public sealed record NodeIsCutOff(Moment When, string Node, TimeSpan For) : ClusterFault(When);

    /// <param name="Share">Of the messages from and to it, 0 to 1.</param>
    public sealed record MessagesAreLost(Moment When, string Node, TimeSpan For, double Share) : ClusterFault(When);

    public sealed record JournalIsAway(Moment When, TimeSpan For) : ClusterFault(When);

    /// <summary>It is told to stop, hands in what it has, and goes.</summary>
    public sealed record NodeDrains(Moment When, string Node) : ClusterFault(When);
}
