using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Host.Api;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Benchmarks;

/// <summary>How fast a recording comes from one node to another; deploy/benchmark-transfer.sh sets it beside curl.</summary>
public static class SpoolTransferSpeed
{
    /// <summary>Serves spools as a node does, without the rest of the node.</summary>
    public static async Task ServeAsync(string folder)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var app = builder.Build();
        SpoolEndpoints.Map(app, folder);
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single());
        while (Console.In.Read() >= 0)
        {
        }

        Console.WriteLine(JsonSerializer.Serialize(new { peakRssMB = PeakMemory.Megabytes() }));
    }

    /// <summary>Fetches one file as the product does: hashed, synced, renamed.</summary>
    public static async Task FetchAsync(Uri node, string session, TraceFile file, string folder, TimeProvider time)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using var transfer = new HttpSpoolTransfer(http, time, DownloadPatience.Default, parallelTransfers: 1);
        var began = time.GetTimestamp();
        await transfer.FetchAsync(node, session, [file], folder, CancellationToken.None);
        var elapsed = time.GetElapsedTime(began);
        Console.WriteLine(JsonSerializer.Serialize(new { ms = elapsed.TotalMilliseconds, megabytesPerSecond = file.Bytes / 1e6 / elapsed.TotalSeconds, peakRssMB = PeakMemory.Megabytes() }));
    }
}
