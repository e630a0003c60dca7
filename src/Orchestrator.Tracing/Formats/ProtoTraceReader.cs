using System.Globalization;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Formats;

/// <summary>
/// Reads Perfetto's protobuf traces: walks the packets, keeps what each sequence told once, and looks into what may be a marker.
/// Everything else is stepped over.
/// </summary>
public static class ProtoTraceReader
{
    /// <summary>A longer text is no sync id.</summary>
    internal const int MostSyncIdBytes = 4096;

    // A trace has one sequence for each thread that wrote: hundreds. Names are cleared every half second by Chromium.
    private const int MostSequences = 100_000;
    private const long MostStringBytes = 256L << 20;

    /// <summary>One pass over the whole trace; blocks. Memory does not grow with the trace.</summary>
    /// <exception cref="NotATraceException">It is no Perfetto trace from its first packet on, or a gzip bomb.</exception>
    public static TraceSurvey Survey(TraceInput input, Action<long>? filePosition, CancellationToken cancellationToken)
    {
        var survey = Survey(
            input.Plain,
            () =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                filePosition?.Invoke(input.FilePosition);
            });
        return input.BrokenGzip is { } broken ? survey with { CutOff = CutOffAt(survey.ExpandedBytes, $"for {broken}") } : survey;
    }

    /// <summary>The same of a stream, which may deliver its bytes in any portions.</summary>
    internal static TraceSurvey Survey(Stream plain, Action? refilled = null)
    {
        var packets = new ProtoPackets(plain) { Refilled = refilled };
        var found = new Found();
        while (packets.Next(out var packet)) found.Take(packet);
        if (packets.Count == 0)
        {
            throw new NotATraceException(packets.BrokenOff is { } broken
                ? $"it begins like a Perfetto trace, but breaks off in or before its first packet, {broken}"
                : "it begins like a Perfetto trace, but holds no packet");
        }

        return new TraceSurvey
        {
            Format = TraceFormat.Proto,
            Markers = found.Markers,
            Events = packets.Count,
            ExpandedBytes = packets.BytesRead,
            FirstNanos = found.FirstNanos,
            LastNanos = found.LastNanos,
            CutOff = packets.BrokenOff is { } how ? CutOffAt(packets.WholeBytes, how) : null,
            Losses = found.Losses.ToDictionary(),
        };
    }

    internal static string CutOffAt(long wholeBytes, string how) =>
        string.Create(CultureInfo.InvariantCulture, $"breaks off after {wholeBytes:N0} bytes, {how}");

    private sealed class Found
    {
        private readonly Dictionary<uint, ProtoSequence> _sequences = [];
        private readonly ProtoClocks _clocks = new();
        private uint _lastId;
        private ProtoSequence? _last;
        private long _stringBytes;

        public List<TraceMarker> Markers { get; } = [];
        public ProtoLosses Losses { get; } = new();
        public long? FirstNanos { get; private set; }
        public long? LastNanos { get; private set; }

        public void Take(in ProtoPacket packet)
        {
            var isNew = false;
            var sequence = packet.Sequence == 0 ? null : packet.Sequence == _lastId ? _last : SequenceOf(packet.Sequence, out isNew);

            // The order is Perfetto's: what a packet brings for its sequence holds for the packet itself.
            if (packet.Dropped != 0 && !isNew) Losses.Gap();
            if (sequence is not null)
            {
                _stringBytes -= sequence.StringBytes;
                if (packet.ClearsState) sequence.Clear();
                else if (packet.Dropped != 0) sequence.LosePackets();
                if (!packet.Defaults.IsEmpty) sequence.LearnDefaults(packet.Defaults);
                if (!packet.InternedData.IsEmpty && sequence.IsStateValid) sequence.LearnNames(packet.InternedData);
                _stringBytes += sequence.StringBytes;
                if (_stringBytes > MostStringBytes) throw new NotATraceException("its packets name more strings than any recording does");
            }

            if (!packet.ClockSnapshot.IsEmpty) _clocks.Learn(packet.ClockSnapshot, sequence);
            if (!packet.TraceStats.IsEmpty) Losses.Learn(packet.TraceStats);
            if (!packet.HasTimestamp || !packet.ClockSnapshot.IsEmpty) return;
            if (packet.NeedsState && sequence is not { IsStateValid: true }) return;
            // Asked of every packet that bears an instant, for an incremental clock counts on with each.
            if (_clocks.InstantOf(packet, sequence) is not { } instant || !packet.IsEvent) return;
            if (FirstNanos is not { } first || instant < first) FirstNanos = instant;
            if (LastNanos is not { } last || instant > last) LastNanos = instant;
            if (!packet.TrackEvent.IsEmpty && ProtoMarkers.SyncIdOf(packet.TrackEvent, sequence) is { } syncId) Markers.Add(new TraceMarker(syncId, instant));
        }

        private ProtoSequence SequenceOf(uint id, out bool isNew)
        {
            isNew = !_sequences.TryGetValue(id, out var sequence);
            if (sequence is null)
            {
                if (_sequences.Count == MostSequences) throw new NotATraceException("its packets come from more writers than any recording has");
                _sequences.Add(id, sequence = new ProtoSequence());
            }

            (_lastId, _last) = (id, sequence);
            return sequence;
        }
    }
}
