using System.Text.Json;
using Orchestrator.Actors.Browsers;
using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Traces;

namespace Orchestrator.Benchmarks;

/// <summary>
/// What the product does from <c>Tracing.end</c> to a closed file, timed: the same connection, stream reader and spool,
/// hash, sync and rename included, without the actors around them. Prints the same line as the peers.
/// </summary>
internal static class OurClient
{
    public static async Task RunAsync(OurClientOptions options, CancellationToken cancellationToken)
    {
        if (!CdpEndpoint.TryParse(options.Endpoint, out var address, out var error)) throw new ArgumentException(error);
        var endpoint = await CdpEndpoint.ResolveAsync(address, null, cancellationToken);
        await using var connection = await CdpConnection.ConnectAsync(endpoint.WebSocketUrl, TimeProvider.System, null, cancellationToken);
        var folder = Path.GetDirectoryName(Path.GetFullPath(options.Out))!;
        SessionFolder.Create(folder);
        await using var spool = new TraceSpool(folder, Path.GetFileName(options.Out));

        var (parameters, isEvents) = Parameters(options);
        await using var collector = isEvents ? new TraceEventCollector(connection, spool) : null;
        var completed = new TaskCompletionSource<TracingComplete>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listening = connection.On(TracingDomain.TracingComplete, complete => completed.TrySetResult(complete));
        await connection.CallAsync(TracingDomain.Start, parameters, ct: cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds), TimeProvider.System, cancellationToken);

        var before = Environment.WorkingSet;
        var cpuBefore = Environment.CpuUsage.TotalTime;
        var end = TimeProvider.System.GetTimestamp();
        await connection.CallAsync(TracingDomain.End, ct: cancellationToken);
        var complete = await completed.Task.WaitAsync(cancellationToken);
        var completeAfter = TimeProvider.System.GetElapsedTime(end);
        if (collector is not null) await collector.CompleteAsync(cancellationToken);
        else await TraceStream.CopyToAsync(connection, complete.Stream!, spool, new TraceStreamOptions { ReadSize = options.ReadSize }, ct: cancellationToken);
        var file = await spool.CompleteAsync();
        var closedAfter = TimeProvider.System.GetElapsedTime(end);

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            client = "orchestrator",
            mode = options.Mode,
            bytes = file.Bytes,
            completeMs = Math.Round(completeAfter.TotalMilliseconds),
            dataLossOccurred = complete.DataLossOccurred,
            endToClosedMs = Math.Round(closedAfter.TotalMilliseconds),
            cpuMs = Math.Round((Environment.CpuUsage.TotalTime - cpuBefore).TotalMilliseconds),
            peakRssMB = PeakMemory.Megabytes(),
            rssBeforeEndMB = before >> 20,
        }));
    }

    private static (TracingStartParams Parameters, bool IsEvents) Parameters(OurClientOptions options)
    {
        var config = new TraceConfig
        {
            IncludedCategories = [.. options.Categories.Where(category => !category.StartsWith('-'))],
            ExcludedCategories = [.. options.Categories.Where(category => category.StartsWith('-')).Select(category => category[1..])],
            TraceBufferSizeInKb = options.BufferSizeKb,
        };
        if (options.Mode == "events") return (new TracingStartParams { TransferMode = TransferMode.ReportEvents, TraceConfig = config }, true);
        return (new TracingStartParams
        {
            TransferMode = TransferMode.ReturnAsStream,
            StreamFormat = options.Mode.Contains("proto", StringComparison.Ordinal) ? StreamFormat.Proto : StreamFormat.Json,
            StreamCompression = options.Mode.EndsWith("gzip", StringComparison.Ordinal) ? StreamCompression.Gzip : StreamCompression.None,
            TraceConfig = config,
        }, false);
    }
}

/// <param name="Mode"><c>events</c>, or <c>stream-(json|proto)[-gzip]</c>.</param>
internal sealed record OurClientOptions(
    string Endpoint, string Out, string Mode, double Seconds, IReadOnlyList<string> Categories, double? BufferSizeKb, int ReadSize);
