using Akka.Actor;

namespace Orchestrator.Actors;

/// <summary>
/// Akka's PipeTo, which by default leaves the task scheduler it was called on. Ours stays: on the thread pool that is the
/// same, and in a simulation nothing may leave the one thread on which everything happens in order.
/// </summary>
internal static class Piping
{
    public static void PipeBack<T>(this Task<T> task, IActorRef recipient, Func<T, object>? success = null, Func<Exception, object>? failure = null) =>
        task.PipeTo(recipient, useConfigureAwait: true, sender: ActorRefs.NoSender, success, failure);
}
