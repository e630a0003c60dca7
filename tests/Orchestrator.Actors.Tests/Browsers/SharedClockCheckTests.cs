using System.Diagnostics;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Nodes;

namespace Orchestrator.Actors.Tests.Browsers;

public sealed class SharedClockCheckTests
{
    private static readonly NodeClock Clock = new(TimeProvider.System, "here");

    [Fact]
    public async Task A_process_of_this_node_s_time_namespace_reads_its_clock()
    {
        using var process = Started("sleep", "1000");
        await LeadsItsSession(process);
        Assert.Contains(Clock.TimeNamespace!, SharedClockCheck.OfLaunched(process.Id, Clock));
        process.Kill();
    }

    [TimeNamespaceFact]
    public async Task A_process_in_another_time_namespace_does_not_even_behind_a_wrapper()
    {
        // Says so from within: by then it is there to be found, and goes on being there.
        using var process = Started("sh", "-c", "unshare -T --monotonic 5000 sh -c '(echo ready; sleep 1000) & wait' & wait");
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
        for (var look = 0; look < 5; look++) Assert.Null(SharedClockCheck.OfLaunched(process.Id, Clock));
        process.Kill(entireProcessTree: true);
    }

    [Fact]
    public void A_process_that_is_not_there_proves_nothing() => Assert.Null(SharedClockCheck.OfLaunched(int.MaxValue, Clock));

    [Fact]
    public async Task A_clock_that_is_not_the_system_s_is_shared_with_nobody()
    {
        using var process = Started("sleep", "1000");
        await LeadsItsSession(process);
        Assert.Null(SharedClockCheck.OfLaunched(process.Id, new NodeClock(new OwnTime(), "here")));
        process.Kill();
    }

    private static Process Started(params string[] command)
    {
        var start = new ProcessStartInfo("setsid") { RedirectStandardOutput = true };
        foreach (var part in command) start.ArgumentList.Add(part);
        return Process.Start(start)!;
    }

    /// <summary>setsid has run: the process leads the session that the check looks for.</summary>
    private static Task LeadsItsSession(Process process) => Until(() => SharedClockCheck.OfLaunched(process.Id, Clock) is not null);

    private static async Task Until(Func<bool> condition)
    {
        using var never = new CancellationTokenSource(Support.Waiting.Never);
        while (!condition()) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, never.Token);
    }

    private sealed class OwnTime : TimeProvider;
}

/// <summary>A test that needs a time namespace of its own making.</summary>
internal sealed class TimeNamespaceFactAttribute : FactAttribute
{
    public TimeNamespaceFactAttribute()
    {
        if (!CanUnshare()) Skip = "This user may not make a time namespace: 'unshare -T true' fails.";
    }

    private static bool CanUnshare()
    {
        using var process = Process.Start(new ProcessStartInfo("unshare", ["-T", "true"]) { RedirectStandardError = true });
        process?.WaitForExit();
        return process?.ExitCode == 0;
    }
}
