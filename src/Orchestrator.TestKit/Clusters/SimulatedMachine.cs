using Akka.Actor;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Actors.Clocks;
using Orchestrator.Actors.Nodes;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Clusters;

/// <summary>One machine: its clock, its disk and its browsers outlive the processes that run on it one after the other.</summary>
internal sealed class SimulatedMachine(string name, SimulatedClock clock, MachineTime time, string folder, string sessionsFolder, bool coordinates, bool records)
{
    public string Name => name;
    public SimulatedClock Clock => clock;
    public MachineTime Time => time;
    public string SessionsFolder => sessionsFolder;
    public bool Coordinates => coordinates;
    public IReadOnlyList<string> Roles { get; } = (coordinates, records) switch
    {
        (true, true) => ["coordinator", "browsers"],
        (true, false) => ["coordinator"],
        _ => ["browsers"],
    };

    public SpoolFolders Spools { get; } = new(Path.Combine(folder, "spools"));
    public Uri Http { get; } = new($"http://{name}:8110");

    /// <summary>The browsers that are recorded here.</summary>
    public List<SimulatedBrowser> Browsers { get; } = [];

    public bool IsCutOff { get; set; }

    /// <summary>Of the messages from and to it, the share that is lost.</summary>
    public double Loss { get; set; }

    /// <summary>The one that runs, or ran last.</summary>
    public SimulatedNodeProcess? Process { get; set; }

    /// <summary>How many processes it has had.</summary>
    public int Lives { get; set; }

    /// <summary>Its process runs, and others can talk to it.</summary>
    public bool IsThere => Process is { IsDead: false, IsPutOut: false } && !IsCutOff;
}

/// <summary>One membership of a machine in the cluster. A killed one does nothing any more, and nothing says so.</summary>
internal sealed class SimulatedNodeProcess(SimulatedMachine machine, string name, NodeClock clock, ReferenceClocks references)
{
    public SimulatedMachine Machine => machine;
    public string Name => name;
    public NodeClock Clock => clock;
    public ReferenceClocks References => references;
    public IActorRef Node { get; set; } = ActorRefs.Nobody;

    /// <summary>It was killed, or has gone.</summary>
    public bool IsDead { get; set; }

    /// <summary>The cluster's verdict is that it is gone: nothing passes between it and others any more.</summary>
    public bool IsPutOut { get; set; }
}
