using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Wire;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Clustering;

/// <summary>What nodes and their coordinator say to each other apart from sessions.</summary>
public static class ClusterProtocol
{
    /// <summary>
    /// The version of everything that is said between nodes. It grows when an older node would misunderstand; a field that an older
    /// one may overlook is no reason.
    /// </summary>
    public const int Version = 1;

    /// <summary>A node is there; said again and again, since coordinators change. Answered by <see cref="Registered"/> or <see cref="RegistrationRefused"/>.</summary>
    /// <param name="Actor">The path of who takes the sessions' commands.</param>
    /// <param name="Clock">The path of who tells the node's time.</param>
    public sealed record Register(NodeOffer Offer, string Actor, string Clock) : IWireMessage;

    /// <param name="Coordinator">The node on which the coordinator is.</param>
    /// <param name="Http">Its HTTP base address.</param>
    public sealed record Registered(long Epoch, string Coordinator, Uri? Http) : IWireMessage;

    public sealed record RegistrationRefused(string Reason) : IWireMessage;

    /// <summary>Answered by a <see cref="ClusterStatus"/>.</summary>
    public sealed record TellStatus
    {
        public static TellStatus Instance { get; } = new();
    }

    /// <summary>End every session, take no new one; answered by <see cref="Drained"/> when all have their outcomes.</summary>
    public sealed record Drain
    {
        public static Drain Instance { get; } = new();
    }

    public sealed record Drained;
}

/// <summary>What a node is and has.</summary>
/// <remarks>A list that an older release does not tell of comes as null out of its JSON, whatever it is initialised with.</remarks>
public sealed record NodeOffer
{
    public required string Name { get; init; }

    /// <summary>Of its actor system.</summary>
    public required string Address { get; init; }

    /// <summary>Of its HTTP server; null when it has none.</summary>
    public Uri? Http { get; init; }

    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Of the program.</summary>
    public required string Version { get; init; }

    /// <inheritdoc cref="ClusterProtocol.Version"/>
    public required int Protocol { get; init; }

    /// <summary>How many browsers it may launch at once.</summary>
    public int Capacity { get; init; }

    /// <summary>Endpoints of running browsers that it offers.</summary>
    public IReadOnlyList<string> Offers { get => field ?? []; init; }

    /// <summary>Its own clock, as a time line.</summary>
    public required Timeline Clock { get; init; }

    /// <summary>The sessions of which it holds recordings.</summary>
    public IReadOnlyList<string> Spools { get => field ?? []; init; }

    /// <summary>True: it is about to go, and takes nothing new.</summary>
    public bool IsLeaving { get; init; }
}
