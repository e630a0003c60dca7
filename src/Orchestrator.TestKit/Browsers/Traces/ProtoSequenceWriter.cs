using Orchestrator.Tracing.Formats;

namespace Orchestrator.TestKit.Browsers.Traces;

/// <summary>A thread of a process, as a track.</summary>
internal readonly record struct ProtoThread(int ProcessId, string ProcessName, int ThreadId, string ThreadName)
{
    public long ProcessTrack => ProcessId * 1_000_003L;

    public long ThreadTrack => ProcessTrack + ThreadId * 7_919L + 1;
}

/// <summary>One writer's packets: names that are told once, instants that are told as what has passed since the one before.</summary>
internal sealed class ProtoSequenceWriter(int id, ProtoThread thread, long beginNanos)
{
    public const int ClockSyncName = 1, StartName = 2;
    public const int MetadataCategory = 1, StartCategory = 2;
    public const int SyncIdName = 1, DataName = 2;

    /// <summary>Names and categories of the content begin here.</summary>
    public const int FirstOwnName = 10;

    // ClearedState, NeedsState.
    private const int Cleared = 1, Needs = 2;
    private const int Delta = 64, Absolute = 65, Monotonic = 3;

    private readonly ProtoWriter _packet = new();
    private readonly ProtoWriter _snapshot = new();
    private long _lastMicros = beginNanos / 1000;

    /// <summary>Clocks and tracks.</summary>
    public void Begin(ProtoWriter trace)
    {
        _snapshot.Reset();
        Reading(Monotonic, beginNanos, 0, 0);
        Reading(Delta, _lastMicros, 1, 1000);
        Reading(Absolute, _lastMicros, 0, 1000);
        trace.Message(1, packet =>
        {
            packet.Number(87, 1);
            packet.Number(8, 0);
            packet.Number(13, Cleared);
            packet.Message(59, defaults =>
            {
                defaults.Number(58, Delta);
                defaults.Message(11, events => events.Number(11, thread.ThreadTrack));
            });
            packet.Bytes(6, _snapshot.Written);
            packet.Number(3, 0);
            packet.Number(10, id);
            packet.Number(42, 1);
        });
        trace.Message(1, packet => Described(packet, track =>
        {
            track.Number(1, thread.ProcessTrack);
            track.Message(3, process =>
            {
                process.Number(1, thread.ProcessId);
                process.Text(6, thread.ProcessName);
            });
        }));
        trace.Message(1, packet => Described(packet, track =>
        {
            track.Number(1, thread.ThreadTrack);
            track.Number(5, thread.ProcessTrack);
            track.Message(4, described =>
            {
                described.Number(1, thread.ProcessId);
                described.Number(2, thread.ThreadId);
                described.Text(5, thread.ThreadName);
            });
        }));
    }

    /// <summary>Tells names for numbers, once for all packets that follow.</summary>
    public void Names(ProtoWriter trace, IReadOnlyList<string> categories) => trace.Message(1, packet =>
    {
        packet.Message(12, names =>
        {
            Name(names, 1, MetadataCategory, "__metadata");
            Name(names, 1, StartCategory, "disabled-by-default-devtools.timeline");
            Name(names, 2, ClockSyncName, "clock_sync");
            Name(names, 2, StartName, "TracingStartedInBrowser");
            Name(names, 3, SyncIdName, "sync_id");
            Name(names, 3, DataName, "data");
            for (var i = 0; i < categories.Count; i++)
            {
                Name(names, 1, FirstOwnName + i, categories[i]);
                Name(names, 2, FirstOwnName + i, TraceStory.NameOf(categories[i]));
            }
        });
        packet.Number(13, Needs);
        packet.Number(3, 0);
        packet.Number(10, id);
    });

    public void Event(ProtoWriter trace, long atNanos, ReadOnlySpan<byte> trackEvent)
    {
        var micros = atNanos / 1000;
        _packet.Reset();
        if (micros >= _lastMicros)
        {
            _packet.Number(8, micros - _lastMicros);
            _lastMicros = micros;
        }
        else
        {
            // A delta is never negative: of a clock that was set back, Chromium tells the whole instant.
            _packet.Number(8, micros);
            _packet.Number(58, Absolute);
        }

        _packet.Number(13, Needs);
        _packet.Bytes(11, trackEvent);
        _packet.Number(3, 0);
        _packet.Number(10, id);
        trace.Bytes(1, _packet.Written);
    }

    private void Described(ProtoWriter packet, Action<ProtoWriter> write)
    {
        packet.Number(8, 0);
        packet.Number(13, Needs);
        packet.Message(60, write);
        packet.Number(3, 0);
        packet.Number(10, id);
    }

    private void Reading(int clock, long value, int isIncremental, int unit) => _snapshot.Message(1, reading =>
    {
        reading.Number(1, clock);
        reading.Number(2, value);
        if (unit == 0) return;
        reading.Number(3, isIncremental);
        reading.Number(4, unit);
    });

    private static void Name(ProtoWriter names, int kind, int number, string name) => names.Message(kind, entry =>
    {
        entry.Number(1, number);
        entry.Text(2, name);
    });
}
