namespace Orchestrator.Tracing.Formats;

/// <summary>
/// Which clocks a proto trace's instants are told on, and how they lie to MONOTONIC, the clock of Chromium's events: from the
/// trace's own ClockSnapshots (protos/perfetto/trace/clock_snapshot.proto). A relation holds until the next snapshot of that clock.
/// </summary>
internal sealed class ProtoClocks
{
    public const uint Realtime = 1;
    public const uint RealtimeCoarse = 2;
    public const uint Monotonic = 3;
    public const uint Boottime = 6;
    public const uint FirstOfSequence = 64;
    public const uint FirstGlobal = 128;

    private readonly long?[] _toMonotonic = new long?[FirstOfSequence];
    private uint _default = Boottime;

    public ProtoClocks() => _toMonotonic[Monotonic] = 0;

    /// <summary>Takes a snapshot in.</summary>
    public void Learn(ReadOnlySpan<byte> snapshot, ProtoSequence? sequence)
    {
        var monotonic = MonotonicIn(snapshot);
        var fields = new ProtoFields(snapshot);
        while (fields.MoveNext())
        {
            if (fields.Tag == ProtoWire.Tag(2, ProtoWire.Varint)) _default = (uint)fields.Number;
            if (fields.Tag != ProtoWire.Tag(1, ProtoWire.Bytes)) continue;
            var clock = Read(fields.Content);
            if (clock.Id is >= FirstOfSequence and < FirstGlobal) sequence?.Learn(clock, monotonic);
            else if (clock.Id is not Monotonic and < FirstOfSequence && monotonic is { } at) _toMonotonic[clock.Id] = at - clock.Nanos;
        }
    }

    /// <summary>The instant of a packet on MONOTONIC, nanoseconds; null when the trace does not tell how its clock lies to that.</summary>
    public long? InstantOf(in ProtoPacket packet, ProtoSequence? sequence)
    {
        var clock = packet.ClockId != 0 ? packet.ClockId : sequence?.DefaultClock ?? 0;
        if (clock == 0) clock = _default;
        var instant = clock < FirstOfSequence
            ? (long)packet.Timestamp + _toMonotonic[clock]
            : sequence?.ToMonotonic(clock, packet.Timestamp);
        // What no clock reads: garbage.
        return instant is >= 0 and <= long.MaxValue / 2 ? instant : null;
    }

    private static long? MonotonicIn(ReadOnlySpan<byte> snapshot)
    {
        var fields = new ProtoFields(snapshot);
        while (fields.MoveNext())
        {
            if (fields.Tag == ProtoWire.Tag(1, ProtoWire.Bytes) && Read(fields.Content) is { Id: Monotonic } clock) return clock.Nanos;
        }

        return null;
    }

    /// <summary>A clock's reading in a snapshot.</summary>
    public static ClockReading Read(ReadOnlySpan<byte> clock)
    {
        var reading = new ClockReading(0, 0, false, 1);
        var fields = new ProtoFields(clock);
        while (fields.MoveNext())
        {
            reading = fields.Tag switch
            {
                (1 << 3) | ProtoWire.Varint => reading with { Id = (uint)fields.Number },
                (2 << 3) | ProtoWire.Varint => reading with { Ticks = (long)fields.Number },
                (3 << 3) | ProtoWire.Varint => reading with { IsIncremental = fields.Number != 0 },
                (4 << 3) | ProtoWire.Varint => reading with { Unit = fields.Number is > 0 and <= 1_000_000_000_000 ? (long)fields.Number : 1 },
                _ => reading,
            };
        }

        return reading;
    }
}

/// <param name="Ticks">In units of <paramref name="Unit"/>.</param>
/// <param name="IsIncremental">Instants on this clock are told as what has passed since the one before.</param>
/// <param name="Unit">Nanoseconds.</param>
internal readonly record struct ClockReading(uint Id, long Ticks, bool IsIncremental, long Unit)
{
    public long Nanos => unchecked(Ticks * Unit);
}
