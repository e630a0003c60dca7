using Orchestrator.Host.Hosting;

namespace Orchestrator.Host.Tests.Hosting;

public class StopRequestsTests
{
    [Fact]
    public void The_first_ends_the_second_aborts_the_third_is_the_systems()
    {
        var said = new List<string>();
        using var stop = new StopRequests(said.Add);
        Assert.False(stop.End.IsCancellationRequested);

        Assert.True(stop.Request("SIGINT"));
        Assert.True(stop.End.IsCancellationRequested);
        Assert.False(stop.Abort.IsCancellationRequested);

        Assert.True(stop.Request("SIGTERM"));
        Assert.True(stop.Abort.IsCancellationRequested);

        Assert.False(stop.Request("SIGINT"));
        Assert.Equal(2, said.Count);
        Assert.Contains("flushed and kept", said[0]);
        Assert.Contains("given up", said[1]);
    }
}
