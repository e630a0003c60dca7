namespace Orchestrator.Tracing.Formats;

/// <summary>
/// Takes what a trace's own snapshots say of the wall clock out of it, without moving a byte: such a reading becomes a field of its
/// ClockSnapshot that does not exist (protos/perfetto/trace/clock_snapshot.proto has 1 and 2), which every reader skips.
/// </summary>
internal static class ProtoWallClock
{
    private const uint ClocksTag = (1 << 3) | ProtoWire.Bytes;

    // Fields up to 15 have a tag of one byte, as that of the readings.
    private const uint NobodysTag = (15 << 3) | ProtoWire.Bytes;

    private const uint PacketTag = (1 << 3) | ProtoWire.Bytes;
    private const uint ZstdTag = (133 << 3) | ProtoWire.Bytes;

    /// <summary>Blanks them in a packet's body, in place.</summary>
    public static void Blank(Span<byte> body)
    {
        var fields = new ProtoFields(body);
        while (fields.MoveNext())
        {
            if (fields.Tag == ProtoPacket.ClockSnapshotTag) BlankSnapshot(body[(fields.End - fields.Content.Length)..fields.End]);
        }
    }

    /// <summary>Blanks them in all packets that lie wholly in the block, in place.</summary>
    /// <param name="whole">Up to here there are whole packets.</param>
    /// <returns>False: there is something other than packets that stand there as they are, such as compressed ones, or damage.</returns>
    public static bool TryBlankAll(Span<byte> block, out int whole)
    {
        whole = 0;
        for (var at = 0; at < block.Length; whole = at)
        {
            if (block[at++] != PacketTag) return false;
            if (!ProtoWire.TryVarint(block, ref at, out var length)) return block.Length - whole <= ProtoWire.MostVarintBytes;
            if (length > ProtoPackets.MostPacketBytes) return false;
            if (length > (ulong)(block.Length - at)) return true;
            var body = block.Slice(at, (int)length);
            if (!TryFind(body, out var hasSnapshot)) return false;
            if (hasSnapshot) Blank(body);
            at += (int)length;
        }

        return true;
    }

    /// <summary>As <see cref="ProtoPacket.TryRead"/>, but only looks for snapshots, and says no to what has to be unpacked.</summary>
    private static bool TryFind(ReadOnlySpan<byte> body, out bool hasSnapshot)
    {
        hasSnapshot = false;
        for (var at = 0; at < body.Length;)
        {
            if (!ProtoWire.TryVarint(body, ref at, out var tag) || tag < 8) return false;
            if (!ProtoWire.TryValue(body, ref at, tag, out _, out _)) return false;
            if (tag is ProtoPacket.CompressedTag or ZstdTag) return false;
            hasSnapshot |= tag == ProtoPacket.ClockSnapshotTag;
        }

        return true;
    }

    private static void BlankSnapshot(Span<byte> snapshot)
    {
        var fields = new ProtoFields(snapshot);
        while (fields.MoveNext())
        {
            if (fields.Tag != ClocksTag || ProtoClocks.Read(fields.Content).Id is not (ProtoClocks.Realtime or ProtoClocks.RealtimeCoarse)) continue;
            // The highest bit tells of more bytes: a tag may be written longer than it has to be.
            snapshot[fields.Start] = (byte)(NobodysTag | (snapshot[fields.Start] & 0x80u));
        }
    }
}
