namespace Orchestrator.Actors.Nodes;

/// <summary>What a node's process says to its node, and the node to its sessions' parts. Never leaves the process.</summary>
public static class NodeLifeProtocol
{
    /// <summary>There is a new coordinator: whoever speaks for a lower epoch is not heard any more.</summary>
    public sealed record CoordinatorInOffice(long Epoch);

    /// <summary>End every recording now and keep what was recorded; take no new ones.</summary>
    public sealed record EndRecordings(string Reason);

    /// <summary>Answered by <see cref="Quiet"/> when no browser is recorded here any more.</summary>
    /// <param name="AndTaken">And when all that was recorded has been taken by a coordinator.</param>
    public sealed record TellWhenQuiet(bool AndTaken = false);

    public sealed record Quiet;

    /// <summary>From a session's part: a coordinator has all that it has to tell.</summary>
    public sealed record PartTaken(string SessionId);

    /// <summary>From a session's part: all its browsers have their reports, and the account of them is on disk.</summary>
    public sealed record PartOver(string SessionId);
}
