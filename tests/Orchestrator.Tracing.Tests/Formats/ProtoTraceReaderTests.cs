using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Formats;

public sealed class ProtoTraceReaderTests
{
    private const long Start = 12_685_000_000_000;
    private const long StartMicros = Start / 1000;

    [Fact]
    public void Markers_are_found_by_interned_names_at_the_sum_of_deltas()
    {
        var trace = Begun()
            .Event(2, StartMicros + 100).Marker(2, StartMicros + 250, "a").Event(2, StartMicros + 300).Marker(2, StartMicros + 1_000_000, "b");

        var survey = Survey(trace);

        Assert.Equal([new TraceMarker("a", Start + 250_000), new TraceMarker("b", Start + 1_000_000_000)], survey.Markers);
        Assert.Equal((Start + 100_000, Start + 1_000_000_000), (survey.FirstNanos, survey.LastNanos));
        Assert.Equal(trace.Packets.Count, survey.Events);
        Assert.Equal(trace.Bytes.Length, survey.ExpandedBytes);
        Assert.Null(survey.CutOff);
        Assert.Empty(survey.Losses);
    }

    [Fact]
    public void Instants_are_whole_microseconds_even_where_the_snapshot_tells_more()
    {
        var trace = new ProtoRecording().Begin(2, Start + 728);
        trace.Names(2, (2, 1, "clock_sync"), (3, 1, "sync_id")).Marker(2, StartMicros + 5, "a");
        Assert.Equal(Start + 5_000, Assert.Single(Survey(trace).Markers).BrowserNanos);
    }

    [Fact]
    public void A_marker_may_tell_its_names_itself_or_its_sync_id_by_number()
    {
        var inline = Proto.Message((23, "clock_sync"), (4, Proto.Message((10, "sync_id"), (6, "inline"))), (6, Proto.Message((2, 99))));
        var numbered = ProtoRecording.MarkerEvent(1, Proto.Message((1, 1), (17, 40)));
        var trace = Begun().Names(2, (29, 40, "by number")).Track(2, StartMicros + 1, inline).Track(2, StartMicros + 2, numbered);
        Assert.Equal(["inline", "by number"], Survey(trace).Markers.Select(marker => marker.SyncId));
    }

    [Fact]
    public void What_lacks_the_phase_the_name_or_the_sync_id_is_no_marker()
    {
        var annotation = Proto.Message((10, "sync_id"), (6, "x"));
        var trace = Begun()
            .Track(2, StartMicros + 1, Proto.Message((23, "clock_sync"), (4, annotation), (6, Proto.Message((2, (long)'I')))))
            .Track(2, StartMicros + 2, Proto.Message((23, "clock"), (4, annotation), (6, Proto.Message((2, 99)))))
            .Track(2, StartMicros + 3, Proto.Message((23, "clock_sync"), (4, Proto.Message((10, "id"), (6, "x"))), (6, Proto.Message((2, 99)))))
            .Track(2, StartMicros + 4, Proto.Message((23, "clock_sync"), (4, annotation), (12, Proto.Message((2, 99)))))
            .Track(2, StartMicros + 5, Proto.Message((10, 7), (4, annotation), (6, Proto.Message((2, 99)))));
        Assert.Empty(Survey(trace).Markers);
    }

    [Fact]
    public void Names_hold_until_the_state_is_cleared_and_on_their_sequence_only()
    {
        var trace = Begun().Begin(3, Start);
        trace.Marker(3, StartMicros + 1, "of another sequence");
        trace.Marker(2, StartMicros + 2, "told");
        trace.Begin(2, Start + 10_000).Marker(2, StartMicros + 11, "forgotten");
        trace.Names(2, (2, 1, "something_else"), (2, 3, "clock_sync"), (3, 8, "sync_id"));
        trace.Marker(2, StartMicros + 12, "renumbered wrongly").Marker(2, StartMicros + 13, "renumbered", nameIid: 3, annotationIid: 8);
        Assert.Equal(["told", "renumbered"], Survey(trace).Markers.Select(marker => marker.SyncId));
    }

    [Fact]
    public void After_lost_packets_nothing_is_believed_until_the_state_is_cleared()
    {
        var trace = Begun().Packet((8, 5), (13, 2), (42, 1), (10, 2), (11, ProtoRecording.MarkerEvent(1, Proto.Message((1, 1), (6, "in doubt")))));
        trace.Marker(2, StartMicros + 9, "still in doubt");
        trace.Begin(2, Start + 20_000).Names(2, (2, 1, "clock_sync"), (3, 1, "sync_id")).Marker(2, StartMicros + 21, "sound");

        var survey = Survey(trace);

        Assert.Equal([new TraceMarker("sound", Start + 21_000)], survey.Markers);
        Assert.Equal(1, survey.Losses["previous_packet_dropped"]);
    }

    [Theory]
    [InlineData(65, StartMicros + 70)]
    [InlineData(3, Start + 70_000)]
    [InlineData(6, Start + 7_000 + 70_000)]
    public void A_packet_may_name_its_own_clock(int clock, long timestamp)
    {
        var trace = new ProtoRecording().ServiceSnapshot(Start).Begin(2, Start).Names(2, (2, 1, "clock_sync"), (3, 1, "sync_id"));
        trace.Packet((8, timestamp), (58, clock), (10, 2), (11, ProtoRecording.MarkerEvent(1, Proto.Message((1, 1), (6, "x")))));
        trace.Marker(2, StartMicros + 90, "y");
        Assert.Equal([Start + 70_000, Start + 90_000], Survey(trace).Markers.Select(marker => marker.BrowserNanos));
    }

    [Fact]
    public void Without_a_clock_of_its_own_or_its_sequence_the_services_clock_holds()
    {
        var marker = Proto.Message((23, "clock_sync"), (4, Proto.Message((10, "sync_id"), (6, "x"))), (6, Proto.Message((2, 99))));
        var trace = new ProtoRecording().ServiceSnapshot(Start).Packet((8, Start + 5), (10, 9), (11, marker));
        Assert.Equal(Start + 5, Assert.Single(Survey(trace).Markers).BrowserNanos);
    }

    [Fact]
    public void An_instant_on_an_unknown_clock_is_none()
    {
        var survey = Survey(new ProtoRecording().Packet((8, 5), (58, 77), (10, 2), (11, Proto.Message((23, "x")))));
        Assert.Equal((null, null), (survey.FirstNanos, survey.LastNanos));
    }

    [Fact]
    public void Losses_are_the_last_counters_over_all_buffers()
    {
        static byte[] Stats(int overwritten) => Proto.Message((1, Proto.Message((2, 77), (3, overwritten), (18, 1))), (1, Proto.Message((3, 4))), (8, 2), (2, 5));
        var survey = Survey(Begun().Packet((35, Stats(1)), (10, 1)).Packet((35, Stats(6)), (10, 1)));
        Assert.Equal(new Dictionary<string, long> { ["chunks_overwritten"] = 10, ["chunks_discarded"] = 1 }, survey.Losses);
    }

    [Fact]
    public void What_the_service_discarded_for_buffers_that_were_gone_is_no_loss_of_this_trace()
    {
        var stats = Proto.Message((1, Proto.Message((2, 77))), (8, 255), (9, 3));

        Assert.Empty(Survey(Begun().Packet((35, stats), (10, 1))).Losses);
    }

    [Fact]
    public void Packed_packets_are_read_as_if_they_stood_there_themselves()
    {
        var plain = ProtoRecording.OfBrowser(5_000_000, 5_100_000, 500);
        var packed = new ProtoRecording();
        foreach (var some in plain.Packets.Chunk(17)) packed.Packet((50, Proto.Zlib([.. some.SelectMany(packet => packet)])));

        var (expected, actual) = (Survey(plain), Survey(packed));

        Assert.NotEmpty(expected.Markers);
        Assert.Equal(expected.Markers, actual.Markers);
        Assert.Equal((expected.Events, expected.FirstNanos, expected.LastNanos), (actual.Events, actual.FirstNanos, actual.LastNanos));
    }

    [Fact]
    public void What_is_no_packet_is_stepped_over()
    {
        var trace = Begun().Marker(2, StartMicros + 1, "a");
        byte[] bytes = [.. Proto.Message((7, 300), (9, "something"), (10, 2.5)), .. trace.Bytes, .. Proto.Message((1, Array.Empty<byte>()), (2000, "x"))];
        var survey = ProtoTraceReader.Survey(new MemoryStream(bytes));
        Assert.Single(survey.Markers);
        Assert.Null(survey.CutOff);
    }

    [Theory]
    [InlineData(new byte[] { 0x0b }, "no packet")]
    [InlineData(new byte[] { 0x0a, 0x02, 0x0b, 0x0c }, "no fields")]
    [InlineData(new byte[] { 0x0a, 0x02, 0x12, 0x7f }, "no fields")]
    [InlineData(new byte[] { 0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00 }, "4,294,967,295 bytes long")]
    [InlineData(new byte[] { 0x00, 0x00 }, "no packet")]
    public void Garbage_ends_the_trace_and_is_named(byte[] garbage, string named)
    {
        var whole = Begun().Marker(2, StartMicros + 1, "a").Bytes;
        var survey = ProtoTraceReader.Survey(new MemoryStream([.. whole, .. garbage]));
        Assert.Single(survey.Markers);
        Assert.StartsWith($"breaks off after {whole.Length:N0} bytes, ", survey.CutOff);
        Assert.Contains(named, survey.CutOff);
    }

    [Fact]
    public void Garbage_from_the_start_is_no_trace() =>
        Assert.Throws<NotATraceException>(() => ProtoTraceReader.Survey(new MemoryStream([0x0a, 0x03, 0x0b, 0x0c, 0x0d])));

    [Fact]
    public void Packed_packets_that_expand_without_end_are_not_read_on()
    {
        var bomb = new ProtoRecording().Packet((50, Proto.Zlib(new byte[ProtoPackets.MostPacketBytes + 10_000_000])));
        Assert.Contains("expand", Assert.Throws<NotATraceException>(() => Survey(bomb)).Message);
    }

    private static ProtoRecording Begun() => new ProtoRecording().Begin(2, Start, dropped: 1).Names(2, (2, 1, "clock_sync"), (3, 1, "sync_id"));

    private static TraceSurvey Survey(ProtoRecording trace) => ProtoTraceReader.Survey(new MemoryStream(trace.Bytes));
}
