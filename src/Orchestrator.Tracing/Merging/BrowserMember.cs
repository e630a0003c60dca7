using System.IO.Compression;
using System.IO.Pipelines;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging;

/// <summary>
/// A browser's trace on its way into an archive, packet by packet: clock snapshots in front that lead to the time line's wall clock,
/// the browser's own wall clock blanked in its snapshots (<see cref="ProtoWallClock"/>), every other packet as it is. For all that
/// <see cref="PlainMember"/> cannot take.
/// </summary>
/// <remarks>
/// A trace that was recorded with gzip stays small, but not as a .gz: Perfetto gives no machine name to a member that has to be
/// unpacked first (src/trace_processor/forwarding_trace_parser.cc). Its packets are deflated in blocks, as Perfetto's own service does.
/// </remarks>
internal sealed class BrowserMember(TraceInput input, WallClockSteps steps)
{
    // Perfetto asks for less than 512 KB in a compressed packet, even of what does not shrink.
    private const int DeflatedBlockBytes = 384 << 10;
    private const int PlainBlockBytes = 128 << 10;

    private readonly ProtoPackets _packets = new(input.Plain);

    /// <summary>Where and why it ends before its end; null when it does not.</summary>
    public string? CutOff { get; private set; }

    /// <summary>The packets that lead to the time line's wall clock.</summary>
    public static ProtoWriter SnapshotsInFront(WallClockSteps steps)
    {
        var snapshots = new ProtoWriter();
        foreach (var pair in steps.Pairs)
        {
            ProtoTrace.ClockSnapshot(snapshots, (ProtoClocks.Monotonic, pair.BrowserNanos), (ProtoClocks.Realtime, pair.UnixNanos));
        }

        return snapshots;
    }

    /// <summary>Writes the member; what cannot be read any more ends it (<see cref="CutOff"/>).</summary>
    /// <param name="progress">Told how far in its file it is.</param>
    public async Task WriteAsync(PipeWriter output, Action<long> progress, CancellationToken cancellationToken)
    {
        var block = SnapshotsInFront(steps);
        var deflating = new Queue<Task<ReadOnlyMemory<byte>>>();
        for (var isMore = true; isMore; progress(input.FilePosition))
        {
            if (input.Compression is TraceCompression.None)
            {
                isMore = Fill(block, PlainBlockBytes);
                await output.WriteAsync(block.WrittenMemory, cancellationToken);
                block.Reset();
                continue;
            }

            isMore = Fill(block, DeflatedBlockBytes);
            var full = block;
            // Of nothing, zlib's stream writes nothing, and trace processor gives up a whole trace at an empty compressed packet.
            if (!full.Written.IsEmpty) deflating.Enqueue(Task.Run(() => Deflated(full), cancellationToken));
            block = new ProtoWriter();
            while (deflating.Count > (isMore ? Environment.ProcessorCount : 0)) await output.WriteAsync(await deflating.Dequeue(), cancellationToken);
        }

        if (CutOff is null && _packets.BrokenOff is { } how) CutOff = ProtoTraceReader.CutOffAt(_packets.WholeBytes, how);
        if (input.BrokenGzip is { } broken) CutOff = ProtoTraceReader.CutOffAt(_packets.WholeBytes, $"for its gzip is broken: {broken}");
    }

    private bool Fill(ProtoWriter block, int most)
    {
        try
        {
            while (block.Written.Length < most)
            {
                if (!_packets.Next(out var packet)) return false;
                if (packet.ClockSnapshot.IsEmpty) block.Raw(packet.Framed);
                else block.Raw(WithoutWallClock(packet));
            }

            return true;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or NotATraceException)
        {
            CutOff = ProtoTraceReader.CutOffAt(_packets.WholeBytes, $"where it cannot be read any more: {unreadable.Message}");
            return false;
        }
    }

    private static byte[] WithoutWallClock(in ProtoPacket packet)
    {
        var framed = packet.Framed.ToArray();
        ProtoWallClock.Blank(framed.AsSpan(framed.Length - packet.Body.Length));
        return framed;
    }

    private static ReadOnlyMemory<byte> Deflated(ProtoWriter packets)
    {
        var trace = new ProtoWriter();
        var deflated = new MemoryStream(packets.Written.Length / 4);
        using (var zlib = new ZLibStream(deflated, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write(packets.Written);
        // A screenshot of megabytes in one packet: readers take it as it is, but not as a compressed one.
        if (deflated.Length >= 500_000 || packets.Written.Length > 4 * DeflatedBlockBytes) return packets.WrittenMemory;
        ProtoTrace.Compressed(trace, deflated.GetBuffer().AsSpan(0, (int)deflated.Length));
        return trace.WrittenMemory;
    }
}
