using System.Text;

namespace Orchestrator.Tracing.Formats;

/// <summary>
/// What holds from packet to packet of one sequence: names that were told once and are numbered from then on, the clocks of its
/// own, defaults. A packet that clears the state makes an end of the names; after lost packets they hold for nothing until then.
/// </summary>
internal sealed class ProtoSequence
{
    private readonly HashSet<ulong> _markerNames = [];
    private readonly HashSet<ulong> _syncIdNames = [];
    private readonly Dictionary<ulong, string> _strings = [];
    private Clock?[] _clocks = [];

    /// <summary>False: packets that need what was told before cannot be understood.</summary>
    public bool IsStateValid { get; private set; }

    /// <summary>0: none.</summary>
    public uint DefaultClock { get; private set; }

    /// <summary>How much its names take, bytes.</summary>
    public long StringBytes { get; private set; }

    public bool IsMarkerName(ulong iid) => _markerNames.Contains(iid);
    public bool IsSyncIdName(ulong iid) => _syncIdNames.Contains(iid);
    public string? StringOf(ulong iid) => _strings.GetValueOrDefault(iid);

    public void Clear()
    {
        _markerNames.Clear();
        _syncIdNames.Clear();
        _strings.Clear();
        (StringBytes, DefaultClock, IsStateValid) = (0, 0, true);
    }

    public void LosePackets() => IsStateValid = false;

    public void LearnDefaults(ReadOnlySpan<byte> defaults)
    {
        var fields = new ProtoFields(defaults);
        DefaultClock = 0;
        while (fields.MoveNext())
        {
            if (fields.Tag == ProtoWire.Tag(58, ProtoWire.Varint)) DefaultClock = (uint)fields.Number;
        }
    }

    /// <summary>Takes in names (protos/perfetto/trace/interned_data/interned_data.proto).</summary>
    public void LearnNames(ReadOnlySpan<byte> internedData)
    {
        var fields = new ProtoFields(internedData);
        while (fields.MoveNext())
        {
            switch (fields.Tag)
            {
                case (2 << 3) | ProtoWire.Bytes:
                    LearnName(fields.Content, "clock_sync"u8, _markerNames);
                    break;
                case (3 << 3) | ProtoWire.Bytes:
                    LearnName(fields.Content, "sync_id"u8, _syncIdNames);
                    break;
                case (29 << 3) | ProtoWire.Bytes:
                    var (iid, text) = Entry(fields.Content);
                    if (text.Length <= ProtoTraceReader.MostSyncIdBytes && _strings.TryAdd(iid, Encoding.UTF8.GetString(text))) StringBytes += text.Length;
                    break;
            }
        }
    }

    public void Learn(ClockReading clock, long? monotonicNanos)
    {
        // A clock that reads MONOTONIC cut off to its unit is MONOTONIC: what was cut off says nothing about later instants.
        var apart = monotonicNanos - clock.Nanos;
        if (apart >= 0 && apart < clock.Unit) apart = 0;
        var index = (int)(clock.Id - ProtoClocks.FirstOfSequence);
        if (index >= _clocks.Length) Array.Resize(ref _clocks, index + 1);
        _clocks[index] = new Clock(clock, apart);
    }

    /// <summary>Must be asked for each packet with an instant on that clock, in order: an incremental clock counts on.</summary>
    public long? ToMonotonic(uint clock, ulong timestamp)
    {
        var index = clock - ProtoClocks.FirstOfSequence;
        if (index >= _clocks.Length || _clocks[index] is not { } known) return null;
        return known.Nanos(timestamp) + known.ToMonotonic;
    }

    private static void LearnName(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> wanted, HashSet<ulong> iids)
    {
        var (iid, text) = Entry(entry);
        if (text.SequenceEqual(wanted)) iids.Add(iid);
        else iids.Remove(iid);
    }

    private static NumberedText Entry(ReadOnlySpan<byte> entry)
    {
        var numbered = new NumberedText();
        var fields = new ProtoFields(entry);
        while (fields.MoveNext())
        {
            if (fields.Tag == ProtoWire.Tag(1, ProtoWire.Varint)) numbered.Iid = fields.Number;
            if (fields.Tag == ProtoWire.Tag(2, ProtoWire.Bytes)) numbered.Text = fields.Content;
        }

        return numbered;
    }

    private ref struct NumberedText
    {
        public ulong Iid;
        public ReadOnlySpan<byte> Text;

        public readonly void Deconstruct(out ulong iid, out ReadOnlySpan<byte> text)
        {
            iid = Iid;
            text = Text;
        }
    }

    private sealed class Clock(ClockReading reading, long? toMonotonic)
    {
        private long _nanos = reading.Nanos;

        public long? ToMonotonic => toMonotonic;

        public long Nanos(ulong timestamp)
        {
            var told = unchecked((long)timestamp * reading.Unit);
            return reading.IsIncremental ? _nanos = unchecked(_nanos + told) : told;
        }
    }
}
