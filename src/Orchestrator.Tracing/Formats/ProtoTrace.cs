namespace Orchestrator.Tracing.Formats;

/// <summary>Packets of Perfetto traces as we write them ourselves. A trace is one packet behind the other; so are two traces in a row.</summary>
internal static class ProtoTrace
{
    private const int PacketField = 1;
    private const int SequenceField = 10;
    private const int ClockSnapshotField = 6;
    private const int CompressedField = 50;

    // The sequence of Perfetto's own service; the packets of others begin at 2.
    private const int Sequence = 1;

    /// <summary>Appends a packet of the sequence that no browser's events are on.</summary>
    public static void Packet(ProtoWriter trace, Action<ProtoWriter> write) => trace.Message(PacketField, packet =>
    {
        write(packet);
        packet.Number(SequenceField, Sequence);
    });

    /// <summary>Appends a snapshot: these clocks stood so at one instant, nanoseconds.</summary>
    public static void ClockSnapshot(ProtoWriter trace, params ReadOnlySpan<(uint Clock, long Nanos)> clocks)
    {
        var snapshot = new ProtoWriter();
        foreach (var (clock, nanos) in clocks)
        {
            snapshot.Message(1, reading =>
            {
                reading.Number(1, clock);
                reading.Number(2, nanos);
            });
        }

        Packet(trace, packet => packet.Bytes(ClockSnapshotField, snapshot.Written));
    }

    /// <summary>Appends packets, deflated, as one packet. Readers expect less than 512 KB in one.</summary>
    public static void Compressed(ProtoWriter trace, ReadOnlySpan<byte> deflatedPackets)
    {
        var packet = new ProtoWriter();
        packet.Bytes(CompressedField, deflatedPackets);
        trace.Bytes(PacketField, packet.Written);
    }
}
