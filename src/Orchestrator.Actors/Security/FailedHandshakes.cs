using Akka;
using Akka.Actor;
using Akka.Cluster;

namespace Orchestrator.Actors.Security;

/// <summary>
/// Keeps a node up when a TLS handshake to another one fails. Akka.Remote 1.5.74 then shuts its whole actor system down: a peer that
/// dies during the handshake, whose certificate expired, or whose port somebody else has taken would take every node along that
/// connects to it. This holds such a shutdown in a phase before all others until there is a reason of the node's own;
/// the association itself is given up and tried again, as when a connection is refused (docs/decisions/0010).
/// </summary>
public sealed class FailedHandshakes
{
    private const string Phase = "orchestrator-failed-handshake";

    // The class is internal to Akka.Remote. A test fails when a version calls it otherwise, or does without.
    private const string Reason = "TlsHandshakeFailureReason";

    private readonly TaskCompletionSource _ownReason = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FailedHandshakes()
    {
    }

    /// <summary>Call it once, as soon as the system is there. The phase is in hocon/cluster.conf.</summary>
    public static FailedHandshakes Survive(ActorSystem system)
    {
        var held = new FailedHandshakes();
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(Phase, "wait-for-a-reason-of-its-own", async () =>
        {
            if (shutdown.ShutdownReason?.GetType().Name == Reason) await held._ownReason.Task;
            return Done.Instance;
        });
        // Also when this node was downed: the cluster then asks for a shutdown that is under way already.
        Cluster.Get(system).RegisterOnMemberRemoved(held.Release);
        return held;
    }

    /// <summary>Call it before the node leaves or its system is terminated: a shutdown that is held would make that wait for ever.</summary>
    public void Release() => _ownReason.TrySetResult();
}
