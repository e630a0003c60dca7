using System.Collections.Immutable;

namespace Orchestrator.Actors.Clustering;

/// <summary>What the coordinators of a cluster keep in the journal, one after the other under one name. Extend only.</summary>
public abstract record CoordinatorEvent
{
    private CoordinatorEvent() { }

    /// <summary>Wall clock of the coordinator's node.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>A coordinator has come into office. Whatever one of a lower epoch still writes under this name finds its place taken.</summary>
    public sealed record EpochClaimed(long Epoch, string Node) : CoordinatorEvent;

    /// <summary>A session may be opened. It was, if the session's own journal says so.</summary>
    public sealed record SessionAdmitted(string SessionId) : CoordinatorEvent;

    /// <summary>The session has its outcome.</summary>
    public sealed record SessionClosed(string SessionId) : CoordinatorEvent;
}

/// <summary>What follows from these events.</summary>
/// <param name="Epoch">The latest; 0 before the first.</param>
/// <param name="Open">Sessions that were admitted and not closed.</param>
public sealed record CoordinatorRegister(long Epoch, ImmutableSortedSet<string> Open)
{
    public static CoordinatorRegister Empty { get; } = new(0, []);

    public CoordinatorRegister Apply(CoordinatorEvent happened) => happened switch
    {
        CoordinatorEvent.EpochClaimed claimed => this with { Epoch = claimed.Epoch },
        CoordinatorEvent.SessionAdmitted admitted => this with { Open = Open.Add(admitted.SessionId) },
        CoordinatorEvent.SessionClosed closed => this with { Open = Open.Remove(closed.SessionId) },
        _ => throw new InvalidOperationException($"A coordinator knows no {happened.GetType().Name}."),
    };
}
