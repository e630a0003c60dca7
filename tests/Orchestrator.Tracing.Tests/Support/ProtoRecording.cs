namespace Orchestrator.Tracing.Tests.Support;

/// <summary>A trace as Chromium records it, packet by packet: clocks, interned names, delta timestamps.</summary>
internal sealed class ProtoRecording
{
    private const int Monotonic = 3;
    private readonly List<byte[]> _packets = [];
    private readonly Dictionary<int, long> _lastMicros = [];

    /// <summary>Each packet with its frame.</summary>
    public IReadOnlyList<byte[]> Packets => _packets;

    public byte[] Bytes => [.. _packets.SelectMany(packet => packet)];

    public ProtoRecording Packet(params (int Field, object Value)[] fields)
    {
        _packets.Add(Proto.Message((1, Proto.Message(fields))));
        return this;
    }

    /// <summary>What the service writes at the start and end: all of the machine's clocks, in nanoseconds.</summary>
    public ProtoRecording ServiceSnapshot(long monotonicNanos, long boottimeAhead = 7_000, long realtimeAhead = 1_700_000_000_000_000_000) => Packet(
        (6, Proto.Message(
            (2, Monotonic),
            (1, Reading(6, monotonicNanos + boottimeAhead)),
            (1, Reading(2, monotonicNanos + realtimeAhead - 4_000_000)),
            (1, Reading(1, monotonicNanos + realtimeAhead)),
            (1, Reading(Monotonic, monotonicNanos)))),
        (3, 0), (10, 1), (58, 6));

    /// <summary>Begins a sequence, or begins its state anew: clock 64 counts microseconds on from here, 65 tells them whole.</summary>
    /// <param name="dropped">Chromium says on a sequence's first packet that something before it was dropped.</param>
    public ProtoRecording Begin(int sequence, long nanos, int dropped = 0)
    {
        _lastMicros[sequence] = nanos / 1000;
        return Packet(
            (8, nanos / 1000), (13, 1), (59, Proto.Message((58, 64), (11, Proto.Message((11, 4711))))),
            (6, Proto.Message(
                (1, Reading(Monotonic, nanos)),
                (1, Proto.Message((1, 64), (2, nanos / 1000), (3, 1), (4, 1000))),
                (1, Proto.Message((1, 65), (2, nanos / 1000), (3, 0), (4, 1000))))),
            (3, 0), (10, sequence), (42, dropped));
    }

    /// <summary>Tells names for numbers.</summary>
    public ProtoRecording Names(int sequence, params (int Kind, int Iid, string Name)[] names) => Packet(
        (12, Proto.Message([.. names.Select(name => (name.Kind, (object)Proto.Message((1, name.Iid), (2, name.Name))))])), (13, 2), (3, 0), (10, sequence));

    /// <summary>An event of some name on the sequence's delta clock.</summary>
    public ProtoRecording Event(int sequence, long micros, int nameIid = 9) =>
        Track(sequence, micros, Proto.Message((9, 3), (10, nameIid), (3, 5)));

    /// <summary>A marker whose names are interned.</summary>
    public ProtoRecording Marker(int sequence, long micros, string syncId, int nameIid = 1, int annotationIid = 1) =>
        Track(sequence, micros, MarkerEvent(nameIid, Proto.Message((1, annotationIid), (6, syncId))));

    public static byte[] MarkerEvent(int nameIid, byte[] annotation) => Proto.Message(
        (3, 5), (10, nameIid), (4, annotation), (6, Proto.Message((2, (long)'c'), (18, 100))));

    public ProtoRecording Track(int sequence, long micros, byte[] trackEvent)
    {
        var delta = micros - _lastMicros[sequence];
        _lastMicros[sequence] = micros;
        return Packet((8, delta), (13, 2), (11, trackEvent), (3, 0), (10, sequence));
    }

    public static byte[] Reading(int clock, long nanos) => Proto.Message((1, clock), (2, nanos));

    /// <summary>Two sequences, events every <paramref name="everyMicros"/> and a marker now and then; what a browser of a few seconds looks like.</summary>
    public static ProtoRecording OfBrowser(long fromMicros, long untilMicros, long everyMicros, int markers = 4)
    {
        var trace = new ProtoRecording().ServiceSnapshot(fromMicros * 1000 - 50_000);
        foreach (var sequence in new[] { 2, 3 })
        {
            trace.Begin(sequence, fromMicros * 1000 + 300 * sequence, dropped: 1)
                .Names(sequence, (2, 1, "clock_sync"), (2, 9, "RunTask"), (3, 1, "sync_id"), (1, 5, "toplevel"));
        }

        var everyMarker = Math.Max(1, (untilMicros - fromMicros) / Math.Max(1, markers));
        var nextMarker = fromMicros + everyMarker / 2;
        var number = 0;
        for (var at = fromMicros + 10; at < untilMicros; at += everyMicros)
        {
            trace.Event(2, at).Event(3, at + 1);
            if (at < nextMarker) continue;
            trace.Marker(2, at + 2, $"m-{number++}");
            nextMarker += everyMarker;
        }

        return trace.ServiceSnapshot(untilMicros * 1000);
    }
}
