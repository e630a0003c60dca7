namespace Orchestrator.Tracing.Formats;

/// <summary>
/// The fields of a TracePacket that a survey or a merge looks at; valid until the next packet is read. Numbers are those of
/// Perfetto's protos/perfetto/trace/trace_packet.proto.
/// </summary>
internal ref struct ProtoPacket
{
    public const uint ClockSnapshotTag = (6 << 3) | ProtoWire.Bytes;
    public const uint CompressedTag = (50 << 3) | ProtoWire.Bytes;

    private const uint StateClearedFlag = 1;
    private const uint NeedsStateFlag = 2;

    /// <summary>With its tag and length in front, as it stands in the trace.</summary>
    public ReadOnlySpan<byte> Framed;

    public ReadOnlySpan<byte> Body;
    public ReadOnlySpan<byte> TrackEvent;
    public ReadOnlySpan<byte> InternedData;
    public ReadOnlySpan<byte> Defaults;
    public ReadOnlySpan<byte> ClockSnapshot;
    public ReadOnlySpan<byte> TraceStats;

    /// <summary>More packets, deflated (zlib).</summary>
    public ReadOnlySpan<byte> Compressed;

    public ulong Timestamp;

    /// <summary>0: not said.</summary>
    public uint ClockId;

    /// <summary>0: none.</summary>
    public uint Sequence;

    public ulong Dropped;
    public bool HasTimestamp;
    public bool IsZstd;

    /// <summary>It tells of something that happened; false: it only describes tracks, clocks, the session or the machine.</summary>
    public bool IsEvent;

    private uint _flags;

    public readonly bool ClearsState => (_flags & StateClearedFlag) != 0;
    public readonly bool NeedsState => (_flags & NeedsStateFlag) != 0;

    /// <summary>False: its bytes are no fields. Perfetto refuses a whole trace for such a packet.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out ProtoPacket packet)
    {
        packet = default;
        packet.Body = body;
        for (var at = 0; at < body.Length;)
        {
            if (!ProtoWire.TryVarint(body, ref at, out var tag) || tag < 8) return false;
            if (!ProtoWire.TryValue(body, ref at, tag, out var number, out var content)) return false;
            switch (tag)
            {
                case (8 << 3) | ProtoWire.Varint:
                    (packet.Timestamp, packet.HasTimestamp) = (number, true);
                    break;
                case (10 << 3) | ProtoWire.Varint:
                    packet.Sequence = (uint)number;
                    break;
                case (11 << 3) | ProtoWire.Bytes:
                    packet.TrackEvent = content;
                    packet.IsEvent = true;
                    break;
                case (12 << 3) | ProtoWire.Bytes:
                    packet.InternedData = content;
                    break;
                case (13 << 3) | ProtoWire.Varint:
                    packet._flags |= (uint)number;
                    break;
                case (41 << 3) | ProtoWire.Varint:
                    if (number != 0) packet._flags |= StateClearedFlag;
                    break;
                case (42 << 3) | ProtoWire.Varint:
                    packet.Dropped = number;
                    break;
                case (58 << 3) | ProtoWire.Varint:
                    packet.ClockId = (uint)number;
                    break;
                case (59 << 3) | ProtoWire.Bytes:
                    packet.Defaults = content;
                    break;
                case ClockSnapshotTag:
                    packet.ClockSnapshot = content;
                    break;
                case (35 << 3) | ProtoWire.Bytes:
                    packet.TraceStats = content;
                    break;
                case CompressedTag:
                    packet.Compressed = content;
                    break;
                case (133 << 3) | ProtoWire.Bytes:
                    packet.IsZstd = true;
                    break;
                default:
                    packet.IsEvent |= TellsOfAnEvent(tag);
                    break;
            }
        }

        return true;
    }

    /// <summary>Whether a payload that is not looked into has an instant that belongs to the recording.</summary>
    private static bool TellsOfAnEvent(ulong tag) => (tag & 7) == ProtoWire.Bytes && (tag >> 3) switch
    {
        // Trace config, synchronization marker, thread and process descriptors, system info, chrome metadata, track descriptor,
        // service event, extension descriptor, trace uuid, provenance: what a trace says about itself.
        33 or 36 or 43 or 44 or 45 or 51 or 60 or 69 or 72 or 89 or 124 or 125 or 126 => false,
        // Chrome's metadata and legacy events bear the instant at which they were written, not one of their own.
        5 => false,
        _ => true,
    };
}
