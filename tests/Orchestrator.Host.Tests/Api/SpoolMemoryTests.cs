using System.Security.Cryptography;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Api;

/// <summary>Alone, as what is measured is the whole process's.</summary>
[CollectionDefinition(nameof(SpoolMemoryTests), DisableParallelization = true)]
public sealed class SpoolMemoryCollection;

[Collection(nameof(SpoolMemoryTests))]
public sealed class SpoolMemoryTests
{
    private const string Session = "20261123-124501-x7k2";

    /// <summary>All that is ever allocated, on both sides of the connection, bounds the peak from above, whenever the garbage is collected.</summary>
    [Fact]
    public async Task Memory_does_not_grow_with_the_file()
    {
        await using var node = await ServedNode.StartAsync();
        using var folder = new TemporaryFolder();
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using var transfer = new HttpSpoolTransfer(http, TimeProvider.System, DownloadPatience.Default, parallelTransfers: 1);
        await FetchAsync("first", 1 << 10); // whatever is allocated once
        Assert.InRange(await FetchAsync("large", 64 << 20), 0, 16 << 20);

        async Task<long> FetchAsync(string name, int size)
        {
            var bytes = node.Folder.Write($"spools/{Session}/{name}", new byte[size]);
            var file = new TraceFile(name, size, Convert.ToHexStringLower(SHA256.HashData(bytes)), IsWhole: true);
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await transfer.FetchAsync(node.Address, Session, [file], folder.Path, CancellationToken.None);
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        }
    }
}
