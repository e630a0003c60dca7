using System.Globalization;
using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Host.Tests.EndToEnd.Cluster;

/// <summary>Nodes on hosts of their own, each with another monotonic clock. The journal is on this machine's end of the network.</summary>
internal sealed class ClusterOfHosts : IAsyncDisposable
{
    private ClusterOfHosts(HostNetwork network, ClusterProcesses nodes) => (Network, Nodes) = (network, nodes);

    public HostNetwork Network { get; }

    public ClusterProcesses Nodes { get; }

    /// <param name="settings">Of every node's <c>orchestrator</c> block.</param>
    /// <param name="aheadSeconds">By host: how far its monotonic clock is ahead of this process's. The first forms the cluster.</param>
    /// <param name="arguments">Of every node.</param>
    public static async Task<ClusterOfHosts> StartAsync(string settings, IReadOnlyList<(string Host, long AheadSeconds)> aheadSeconds, params string[] arguments)
    {
        var network = await HostNetwork.CreateAsync([.. aheadSeconds.Select(host => host.Host)]);
        try
        {
            var here = network.AddressOf(HostNetwork.Here);
            var access = Path.Combine(await Postgres.RunFolderAsync(), $"hosts-{here}");
            await File.WriteAllTextAsync(access, "local all all trust\nhost all all 10.0.0.0/8 scram-sha-256\n");
            var journal = await PostgresServer.StartAsync($"listen_addresses={here}", $"hba_file={access}");
            var database = (await journal.NewDatabaseAsync()).Replace("127.0.0.1", here, StringComparison.Ordinal);
            var nodes = await ClusterProcesses.StartAsync(journal, database, token: "a-token-of-these-tests", $"insecure = on\n{settings}", [.. aheadSeconds.Select(host => new NodeSetup(host.Host)
            {
                Address = network.AddressOf(host.Host),
                Within = [.. network.On(host.Host), "unshare", "-T", "--monotonic", host.AheadSeconds.ToString(CultureInfo.InvariantCulture)],
                Arguments = arguments,
            })]);
            return new ClusterOfHosts(network, nodes);
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>From now on the node's host is reached by nobody and reaches nobody.</summary>
    public void Cut(ClusterNode node)
    {
        Network.Cut(node.Name);
        node.IsSilent = true;
    }

    public void Heal(ClusterNode node)
    {
        Network.Heal(node.Name);
        node.IsSilent = false;
    }

    public async ValueTask DisposeAsync()
    {
        await Nodes.DisposeAsync();
        await Network.DisposeAsync();
    }
}
