using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Traces;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.Benchmarks;

/// <summary>Records with every browser of a farm, then drains all traces at once. Prints a JSON line.</summary>
internal static partial class DrainSetup
{
    private const int ArgumentBytes = 1000;
    private static readonly TimeSpan Recording = TimeSpan.FromSeconds(2);

    /// <summary>Makes so much within <see cref="Recording"/>.</summary>
    public static TraceContent Generated(int megabytes) =>
        new TraceContent.Generated { EventsPerSecond = (megabytes << 20) / ArgumentBytes / Recording.TotalSeconds, ArgumentBytes = ArgumentBytes };

    /// <param name="client"><c>discarding</c>, or <c>ours</c>.</param>
    public static async Task RunAsync(string content, string client, int browsers, int megabytes, TimeProvider time)
    {
        using var farm = BrowserFarm.Start(content, browsers, megabytes);
        List<Drain> drains = [];
        foreach (var url in farm.Urls)
            drains.Add(content == "plain" ? Plain(url) : client == "ours" ? await OurAsync(url) : Discarding(url));

        // Nothing waits but the recordings.
        if (content == "generated") await Task.Delay(Recording, time);
        foreach (var drain in drains) await drain.EndAsync();
        var before = farm.Cost();
        var ownBefore = Environment.CpuUsage.TotalTime;
        var began = time.GetTimestamp();
        await Task.WhenAll(drains.Select(drain => drain.RunAsync()));
        var elapsed = time.GetElapsedTime(began);
        var own = Environment.CpuUsage.TotalTime - ownBefore;
        var after = farm.Cost();
        var (wire, trace) = (drains.Sum(drain => drain.Wire()), drains.Sum(drain => drain.Trace()));
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            content,
            client,
            browsers,
            ms = (long)elapsed.TotalMilliseconds,
            wireMB = wire / 1_000_000,
            traceMB = trace / 1_000_000,
            wireMBs = (long)(wire / 1e6 / elapsed.TotalSeconds),
            traceMBs = (long)(trace / 1e6 / elapsed.TotalSeconds),
            serverCpuMs = after.CpuMs - before.CpuMs,
            clientCpuMs = (long)own.TotalMilliseconds,
            serverBeforeMB = before.PeakRssMB,
            serverPeakMB = after.PeakRssMB,
        }));
    }

    private static Drain Plain(Uri url)
    {
        var socket = new DiscardingSocket(url);
        return new Drain(() => Task.CompletedTask, socket.DrainPlainAsync, () => socket.WireBytes, () => socket.TraceBytes);
    }

    private static Drain Discarding(Uri url)
    {
        var socket = new DiscardingSocket(url);
        socket.Handshake(url);
        socket.Send("Tracing.start", """{"transferMode":"ReturnAsStream","streamFormat":"proto","streamCompression":"none","traceConfig":{"includedCategories":["v8","cc","blink","devtools.timeline"]}}""");
        socket.Await("\"id\":1");
        var handle = "";
        return new Drain(
            () =>
            {
                socket.Send("Tracing.end", "{}");
                handle = Handle().Match(socket.Await("Tracing.tracingComplete")).Groups[1].Value;
                return Task.CompletedTask;
            },
            () => socket.DrainStreamAsync(handle),
            () => socket.WireBytes,
            () => socket.TraceBytes);
    }

    private static async Task<Drain> OurAsync(Uri url)
    {
        var connection = await CdpConnection.ConnectAsync(url, TimeProvider.System, null, default);
        var complete = new TaskCompletionSource<TracingComplete>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.On(TracingDomain.TracingComplete, complete.SetResult);
        await connection.CallAsync(TracingDomain.Start, new TracingStartParams
        {
            TransferMode = TransferMode.ReturnAsStream,
            StreamFormat = StreamFormat.Proto,
            StreamCompression = StreamCompression.None,
            TraceConfig = new TraceConfig { IncludedCategories = ["v8", "cc", "blink", "devtools.timeline"] },
        });
        long trace = 0;
        return new Drain(
            async () =>
            {
                await connection.CallAsync(TracingDomain.End);
                await complete.Task;
            },
            async () => trace = await TraceStream.CopyToAsync(connection, (await complete.Task).Stream!, new NoSink(), new TraceStreamOptions { ReadsInFlight = 1 }),
            () => connection.BytesReceived,
            () => trace);
    }

    [GeneratedRegex("\"stream\":\"([^\"]*)\"")]
    private static partial Regex Handle();

    private sealed record Drain(Func<Task> EndAsync, Func<Task> RunAsync, Func<long> Wire, Func<long> Trace);

    private sealed class NoSink : ITraceSink
    {
        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct) => ValueTask.CompletedTask;
    }
}
