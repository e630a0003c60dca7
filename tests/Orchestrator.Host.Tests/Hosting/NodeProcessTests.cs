using System.Net;
using Orchestrator.Actors.Hosting;
using Orchestrator.Host.Hosting;

namespace Orchestrator.Host.Tests.Hosting;

public class NodeProcessTests
{
    [Theory]
    [InlineData("0.0.0.0:8080", "0.0.0.0")]
    [InlineData("[::]:8080", "::")]
    [InlineData("127.0.0.1:8080", "127.0.0.1")]
    [InlineData("[::1]:8080", "::1")]
    public async Task An_address_is_bound_as_it_is_also_one_that_stands_for_all(string text, string address)
    {
        Assert.True(HostAndPort.TryParse(text, out var at));

        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), 8080), await NodeProcess.EndpointAsync(at, CancellationToken.None));
    }

    [Fact]
    public async Task A_name_is_bound_at_its_address() =>
        Assert.True(IPAddress.IsLoopback((await NodeProcess.EndpointAsync(new HostAndPort("localhost", 0), CancellationToken.None)).Address));
}
