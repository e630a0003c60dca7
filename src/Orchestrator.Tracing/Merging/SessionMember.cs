using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Merging;

/// <summary>
/// The orchestrator's own account of a session as a Perfetto trace: a process for the session, a track for each line, with its
/// slices and instants, and counters below it (protos/perfetto/trace/track_event/track_descriptor.proto and track_event.proto).
/// </summary>
internal sealed class SessionMember
{
    private const int SliceBegin = 1;
    private const int SliceEnd = 2;
    private const int Instant = 3;
    private const int Counter = 4;

    // TrackDescriptor.child_ordering: by sibling_order_rank.
    private const int ChildrenInOrder = 3;

    private readonly ProtoWriter _trace = new();
    private readonly Timeline _timeline;
    private readonly ulong _session;
    private uint _tracks;
    private long _beginNanos;

    private SessionMember(string sessionId, Timeline timeline) =>
        (_timeline, _session) = (timeline, BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(sessionId))));

    /// <summary>What the process is called, and the machine that it stands on.</summary>
    public static string NameOf(string sessionId) => $"Orchestrator {sessionId}";

    public static ReadOnlyMemory<byte> Of(SessionTracks tracks, Timeline timeline)
    {
        var member = new SessionMember(tracks.SessionId, timeline);
        member.Write(tracks);
        return member._trace.WrittenMemory;
    }

    private void Write(SessionTracks tracks)
    {
        // Events are told on REALTIME. Trace processor asks every file for its BOOTTIME; nothing of ours is told on that.
        _beginNanos = SessionTrackEvents.First(tracks) ?? 0;
        ProtoTrace.ClockSnapshot(
            _trace, (ProtoClocks.Boottime, _beginNanos), (ProtoClocks.Monotonic, _beginNanos), (ProtoClocks.Realtime, _timeline.ToUnixNanos(_beginNanos)));

        var process = NextTrack();
        Descriptor(descriptor =>
        {
            descriptor.Number(1, process);
            descriptor.Message(3, named =>
            {
                named.Number(1, 1);
                named.Text(6, NameOf(tracks.SessionId));
            });
            descriptor.Number(11, ChildrenInOrder);
        });
        foreach (var line in tracks.Lines) Write(line, process);
    }

    private void Write(TrackLine line, long parent)
    {
        var track = Track(line.Name, parent);
        foreach (var slice in line.Slices)
        {
            Event(track, slice.FromNanos, SliceBegin, written => Describe(written, slice.Name, "state", slice.Arguments));
            Event(track, slice.UntilNanos, SliceEnd, _ => { });
        }

        foreach (var instant in line.Instants)
        {
            var category = instant.Kind switch
            {
                TrackInstantKind.Label => "label",
                TrackInstantKind.Marker => "marker",
                TrackInstantKind.Skew => "skew",
                _ => "fault",
            };
            Event(track, instant.AtNanos, Instant, written => Describe(written, instant.Name, category, instant.Arguments));
        }

        foreach (var counter in line.Counters)
        {
            var values = Track(counter.Name, track, described => described.Text(6, counter.Unit));
            foreach (var sample in counter.Samples) Event(values, sample.AtNanos, Counter, written => written.Double(44, sample.Value));
        }
    }

    /// <summary>A new track below another, in the order in which they are made.</summary>
    private long Track(string name, long parent, Action<ProtoWriter>? counter = null)
    {
        var track = NextTrack();
        Descriptor(descriptor =>
        {
            descriptor.Number(1, track);
            descriptor.Text(2, name);
            descriptor.Number(5, parent);
            if (counter is not null) descriptor.Message(8, counter);
            descriptor.Number(11, ChildrenInOrder);
            descriptor.Number(12, _tracks);
        });
        return track;
    }

    private void Descriptor(Action<ProtoWriter> write) => Packet(_beginNanos, packet => packet.Message(60, write));

    private void Event(long track, long atNanos, int type, Action<ProtoWriter> write) => Packet(atNanos, packet => packet.Message(11, written =>
    {
        written.Number(9, type);
        written.Number(11, track);
        write(written);
    }));

    private void Packet(long atNanos, Action<ProtoWriter> write) => ProtoTrace.Packet(_trace, packet =>
    {
        packet.Number(8, _timeline.ToUnixNanos(atNanos));
        packet.Number(58, ProtoClocks.Realtime);
        write(packet);
    });

    private static void Describe(ProtoWriter written, string name, string category, IReadOnlyDictionary<string, string> arguments)
    {
        written.Text(22, category);
        written.Text(23, name);
        foreach (var (key, value) in arguments)
        {
            written.Message(4, annotation =>
            {
                annotation.Text(10, key);
                annotation.Text(6, value);
            });
        }
    }

    // Tracks of several sessions must not be taken for each other.
    private long NextTrack() => unchecked((long)(_session + _tracks++)) & long.MaxValue;
}
