using System.Text;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.Cdp.Traces;

namespace Orchestrator.Cdp.Tests.Traces;

/// <summary>Alone, as what is measured is the whole process's.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryCollection;

/// <summary>What a trace costs in memory does not depend on its size.</summary>
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    private const int Part = 1 << 20;

    /// <summary>All that is ever allocated bounds the peak from above, whenever the garbage is collected.</summary>
    [Theory]
    [InlineData("text")]
    [InlineData("base64")]
    [InlineData("events")]
    public async Task A_trace_of_250_MB_allocates_hardly_more_than_one_of_10_MB(string kind)
    {
        await MeasureAsync(kind, 10); // whatever is allocated once
        var small = await MeasureAsync(kind, 10);
        var large = await MeasureAsync(kind, 250);
        Assert.InRange(large - small, long.MinValue, 64L << 20);
    }

    private static async Task<long> MeasureAsync(string kind, int megabytes)
    {
        await using var transport = new MemoryTransport();
        await using var connection = new CdpConnection(transport, TimeProvider.System, new CdpConnectionOptions());
        connection.Start();
        var sink = new Counter();
        var part = Encoding.UTF8.GetBytes(kind switch
        {
            "text" => $",\"result\":{{\"base64Encoded\":false,\"data\":\"{string.Concat(Enumerable.Repeat("\\\"na\\u00fc", Part / 6))}\",\"eof\":false}}}}",
            "base64" => $",\"result\":{{\"base64Encoded\":true,\"data\":\"{Convert.ToBase64String(new byte[Part])}\",\"eof\":false}}}}",
            _ => $"{{\"method\":\"Tracing.dataCollected\",\"params\":{{\"value\":[{{\"a\":\"{new string('x', 65_000)}\"}}]}}}}",
        });

        var before = GC.GetTotalAllocatedBytes(precise: true);
        if (kind == "events")
        {
            await using var collector = new TraceEventCollector(connection, sink);
            for (var sent = 0L; sent < megabytes * (long)Part; sent += part.Length)
                transport.Deliver(part);
            var complete = new TaskCompletionSource();
            using var hearing = connection.On(TracingDomain.TracingComplete, _ => complete.SetResult());
            transport.Deliver("""{"method":"Tracing.tracingComplete","params":{"dataLossOccurred":false}}"""u8.ToArray());
            await complete.Task.Soon();
            await collector.CompleteAsync().Soon();
        }
        else
        {
            var left = megabytes;
            transport.OnSent = frame =>
            {
                var command = SentCommand.Parse(frame);
                transport.Deliver(Encoding.UTF8.GetBytes($"{{\"id\":{command.Id}"), end: false);
                transport.Deliver(command.Method == "IO.close" ? ",\"result\":{}}"u8.ToArray() : left-- > 0 ? part : ",\"result\":{\"data\":\"\",\"eof\":true}}"u8.ToArray());
            };
            await TraceStream.CopyToAsync(connection, "1", sink).Soon();
        }

        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.InRange(sink.Bytes, megabytes * (long)Part * 3 / 4, long.MaxValue);
        return allocated;
    }

    private sealed class Counter : ITraceSink
    {
        public long Bytes { get; private set; }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
        {
            Bytes += bytes.Length;
            return ValueTask.CompletedTask;
        }
    }
}
