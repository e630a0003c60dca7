namespace Orchestrator.Cdp;

/// <summary>
/// Runs work apart from the caller's stack, where the caller's own tasks run: on the thread pool, or on the one thread of a
/// simulation, which can only be repeated if nothing leaves it.
/// </summary>
internal static class Apart
{
    public static Task Run(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current).Unwrap();

    public static Task<T> Run<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current).Unwrap();
}
