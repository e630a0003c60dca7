using System.Text.Json.Serialization;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Hosting;

/// <summary>A cluster at one moment, as its coordinator knows it.</summary>
/// <param name="Coordinator">The node that the coordinator is on.</param>
/// <param name="Epoch">The coordinator's term: grows by one with each change.</param>
/// <param name="Nodes">By name.</param>
/// <param name="OpenSessions">The oldest first.</param>
public sealed record ClusterStatus(string Coordinator, long Epoch, IReadOnlyList<NodeStatus> Nodes, IReadOnlyList<OpenSessionStatus> OpenSessions);

/// <summary>One node of a cluster.</summary>
public sealed record NodeStatus
{
    /// <summary>The <see cref="State"/> of a node that takes part.</summary>
    public const string Up = "up";

    /// <summary>The role of nodes that record.</summary>
    public const string BrowsersRole = "browsers";

    public required string Name { get; init; }

    /// <summary>Of its actor system.</summary>
    public required string Address { get; init; }

    /// <summary>The base address of its HTTP server; null when it has none.</summary>
    public Uri? Http { get; init; }

    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary><see cref="Up"/>, or what keeps it from taking part: <c>joining</c>, <c>leaving</c>, <c>unreachable</c>, …</summary>
    public required string State { get; init; }

    /// <summary>Of the program.</summary>
    public required string Version { get; init; }

    /// <summary>The version of the protocol between nodes.</summary>
    public int Protocol { get; init; }

    /// <summary>How many browsers it may launch at once.</summary>
    public int Capacity { get; init; }

    /// <summary>How many launched browsers it records now.</summary>
    public int Recording { get; init; }

    /// <summary>Endpoints of running browsers that it offers.</summary>
    public IReadOnlyList<string> Offers { get; init; } = [];

    /// <summary>How its clock lies to the coordinator's; null before that was measured.</summary>
    public NodeClockStatus? Clock { get; init; }

    /// <summary>Why the coordinator gives it nothing to record; null when it does.</summary>
    public string? Refused { get; init; }

    /// <summary>The sessions whose recordings wait there.</summary>
    public IReadOnlyList<string> Spools { get; init; } = [];

    /// <summary>Whether it can be given browsers now.</summary>
    [JsonIgnore]
    public bool Records => Refused is null && State == Up && Roles.Contains(BrowsersRole, StringComparer.Ordinal);

    /// <summary>How many browsers may be launched there now; not below zero.</summary>
    [JsonIgnore]
    public int Free => Records ? Math.Max(0, Capacity - Recording) : 0;
}

/// <summary>How a node's clock lies to the coordinator's.</summary>
/// <param name="BoundNanos">The true offset lies within ± this; null where nothing was proven.</param>
/// <param name="OffsetNanos">Coordinator's clock minus node's clock.</param>
public sealed record NodeClockStatus(ClockRelation Relation, long? BoundNanos, long? OffsetNanos);

/// <param name="Browsers">How many take part.</param>
public sealed record OpenSessionStatus(string SessionId, SessionPhase Phase, int Browsers, DateTimeOffset OpenedAt);
