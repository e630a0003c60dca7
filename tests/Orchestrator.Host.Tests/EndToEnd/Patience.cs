namespace Orchestrator.Host.Tests.EndToEnd;

/// <summary>Waits for conditions, on machines that may be slow.</summary>
internal static class Patience
{
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(50);

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    public static Task UntilAsync(Func<Task<bool>> condition, string what) => UntilAsync(condition, () => what);

    /// <param name="what">What was waited for, and whatever else a failure should show.</param>
    public static async Task UntilAsync(Func<Task<bool>> condition, Func<string> what)
    {
        using var patience = new CancellationTokenSource(Long);
        while (!await condition())
        {
            await Task.Delay(LookAgainAfter, TimeProvider.System, CancellationToken.None);
            if (patience.IsCancellationRequested) Assert.Fail($"Waited {Long.TotalSeconds} seconds in vain until {what()}.");
        }
    }
}
