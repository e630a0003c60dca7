namespace Orchestrator.TestKit.Tests.Support;

internal static class Waiting
{
    /// <summary>Not a claim about speed: what never comes shall fail the test instead of hanging the run.</summary>
    private static readonly TimeSpan s_never = TimeSpan.FromMinutes(2);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(s_never);

    public static Task Soon(this Task task) => task.WaitAsync(s_never);

    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().Soon();

    public static Task Soon(this ValueTask task) => task.AsTask().Soon();
}
