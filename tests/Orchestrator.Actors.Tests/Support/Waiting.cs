namespace Orchestrator.Actors.Tests.Support;

internal static class Waiting
{
    /// <summary>Not a claim about speed: what never comes shall fail the test instead of hanging the run.</summary>
    public static readonly TimeSpan Never = TimeSpan.FromMinutes(2);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Never);

    public static Task Soon(this Task task) => task.WaitAsync(Never);

    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().Soon();

    public static Task Soon(this ValueTask task) => task.AsTask().Soon();

    /// <summary>For a fault that lasts: nothing is expected to have happened by then.</summary>
    public static Task ForAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);

    /// <summary>For what nobody tells of, such as the end of another process: looks until it is so.</summary>
    public static async Task UntilAsync(Func<bool> isSo)
    {
        using var never = new CancellationTokenSource(Never);
        while (!isSo()) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, never.Token);
    }
}
