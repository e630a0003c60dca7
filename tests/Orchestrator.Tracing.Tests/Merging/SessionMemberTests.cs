using System.Text;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Merging;

public sealed class SessionMemberTests
{
    private static readonly SessionTracks Tracks = new("s-1",
    [
        new TrackLine(
            "session", [new TrackSlice("prepare", 1_000, 2_000, new Dictionary<string, string> { ["browsers"] = "2" }), new TrackSlice("window", 2_000, 9_000, new Dictionary<string, string>())],
            [new TrackInstant("checkout", 5_000, TrackInstantKind.Label, new Dictionary<string, string>())], []),
        new TrackLine(
            "b1", [], [new TrackInstant("it crashed", 7_000, TrackInstantKind.Fault, new Dictionary<string, string> { ["reason"] = "signal 9" })],
            [new TrackCounter("clock bound", "µs", [new TrackSample(3_000, 12.5), new TrackSample(4_000, 8)])]),
    ]);

    private readonly List<byte[]> _packets = [.. PerfettoReading.Packets(SessionMember.Of(Tracks, Merged.Timeline).ToArray())];

    [Fact]
    public void Lines_are_tracks_below_the_session_and_counters_below_their_line()
    {
        var tracks = Described(60).ToDictionary(track => Number(track, 1));
        var session = Assert.Single(tracks.Values, track => Find(track, 3) is not null);
        Assert.Equal("Orchestrator s-1", Text(Bytes(session, 3), 6));
        Assert.Equal(["session", "b1", "clock bound"], tracks.Values.Where(track => track != session).Select(track => Text(track, 2)));
        Assert.Equal(
            [Number(session, 1), Number(session, 1), Number(Named("b1"), 1)], tracks.Values.Where(track => track != session).Select(track => Number(track, 5)));
        Assert.Equal("µs", Text(Bytes(Named("clock bound"), 8), 6));
    }

    [Fact]
    public void Slices_instants_and_samples_stand_at_their_UTC_on_their_track()
    {
        Assert.Equal(
            [(1, 1_000, "prepare"), (2, 2_000, ""), (1, 2_000, "window"), (2, 9_000, ""), (3, 5_000, "checkout")], EventsOf("session"));
        Assert.Equal([(3, 7_000, "it crashed")], EventsOf("b1"));
        Assert.Equal([(4, 3_000, ""), (4, 4_000, "")], EventsOf("clock bound"));
    }

    [Fact]
    public void Arguments_kinds_and_values_are_there()
    {
        var events = Described(11).ToList();
        var fault = Assert.Single(events, written => Find(written, 23) is not null && Text(written, 23) == "it crashed");
        Assert.Equal(("fault", "reason", "signal 9"), (Text(fault, 22), Text(Bytes(fault, 4), 10), Text(Bytes(fault, 4), 6)));
        Assert.Equal([12.5, 8.0], events.Where(written => Number(written, 9) == 4).Select(written => (double)Find(written, 44)!));
    }

    [Fact]
    public void Tracks_of_different_sessions_are_different_tracks()
    {
        var other = PerfettoReading.Packets(SessionMember.Of(Tracks with { SessionId = "s-2" }, Merged.Timeline).ToArray())
            .Select(packet => Find(packet, 60)).OfType<byte[]>().Select(track => Number(track, 1));
        Assert.Empty(Described(60).Select(track => Number(track, 1)).Intersect(other));
    }

    private IEnumerable<(int Type, int At, string Name)> EventsOf(string track) => PerfettoReading
        .Events([.. _packets.SelectMany(packet => Proto.Message((1, packet)))], PerfettoReading.Realtime)
        .Where(placed => Number(placed.TrackEvent, 11) == Number(Named(track), 1))
        .Select(placed => ((int)Number(placed.TrackEvent, 9), (int)(placed.At - Merged.Timeline.ToUnixNanos(0)), Find(placed.TrackEvent, 23) is byte[] name ? Encoding.UTF8.GetString(name) : ""));

    private IEnumerable<byte[]> Described(int field) => _packets.Select(packet => Find(packet, field)).OfType<byte[]>();
    private byte[] Named(string track) => Described(60).Single(described => Find(described, 2) is not null && Text(described, 2) == track);
    private static object? Find(byte[] message, int field) => Proto.Fields(message).FirstOrDefault(found => found.Field == field).Value;
    private static ulong Number(byte[] message, int field) => (ulong)Find(message, field)!;
    private static byte[] Bytes(byte[] message, int field) => (byte[])Find(message, field)!;
    private static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Bytes(message, field));
}
