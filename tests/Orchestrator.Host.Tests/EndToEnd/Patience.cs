namespace Orchestrator.Host.Tests.EndToEnd;

/// <summary>Waits for conditions, on machines that may be slow.</summary>
internal static class Patience
{
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(50);

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var patience = new CancellationTokenSource(Long);
        while (!condition())
        {
            await Task.Delay(LookAgainAfter, TimeProvider.System, CancellationToken.None);
            if (patience.IsCancellationRequested) Assert.Fail($"Waited {Long.TotalSeconds} seconds in vain until {what}.");
        }
    }
}
