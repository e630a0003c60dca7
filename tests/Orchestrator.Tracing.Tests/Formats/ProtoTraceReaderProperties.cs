using FsCheck.Xunit;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Formats;

public sealed class ProtoTraceReaderProperties
{
    private static readonly ProtoRecording Recorded = ProtoRecording.OfBrowser(5_000_000, 5_010_000, 250);
    private static readonly byte[] Whole = Recorded.Bytes;
    private static readonly TraceSurvey OfWhole = ProtoTraceReader.Survey(new MemoryStream(Whole));

    [Fact]
    public void Cut_off_anywhere_it_tells_what_came_before()
    {
        Assert.Equal(4, OfWhole.Markers.Count);
        var ends = Recorded.Packets.Aggregate(new List<int> { 0 }, (sums, packet) => [.. sums, sums[^1] + packet.Length]);
        for (var length = ends[1]; length < Whole.Length; length++)
        {
            var survey = ProtoTraceReader.Survey(new MemoryStream(Whole, 0, length));
            var whole = ends.FindLastIndex(end => end <= length);
            Assert.Equal(whole, survey.Events);
            Assert.Equal(OfWhole.Markers.Take(survey.Markers.Count), survey.Markers);
            Assert.Equal(ends[whole] == length ? null : $"breaks off after {ends[whole]:N0} bytes, in the middle of a packet", survey.CutOff);
        }
    }

    [Fact]
    public void Cut_off_in_its_first_packet_it_is_no_trace()
    {
        for (var length = 0; length < Recorded.Packets[0].Length; length++)
            Assert.Throws<NotATraceException>(() => ProtoTraceReader.Survey(new MemoryStream(Whole, 0, length)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void The_portions_in_which_it_comes_make_no_difference(int most)
    {
        var survey = ProtoTraceReader.Survey(new Portions(Whole, most));
        Assert.Equal(OfWhole.Markers, survey.Markers);
        Assert.Equal((OfWhole.Events, OfWhole.ExpandedBytes, OfWhole.FirstNanos, OfWhole.LastNanos), (survey.Events, survey.ExpandedBytes, survey.FirstNanos, survey.LastNanos));
    }

    [Property(MaxTest = 400)]
    public void Damaged_bytes_throw_nothing_but_that_it_is_no_trace((int At, byte Value)[] damages)
    {
        var bytes = Whole.ToArray();
        foreach (var (at, value) in damages) bytes[(int)((uint)at % bytes.Length)] = value;
        Survives(bytes);
    }

    [Property(MaxTest = 400)]
    public void Any_bytes_throw_nothing_but_that_it_is_no_trace(byte[] bytes)
    {
        Survives(bytes);
        Survives([0x0a, .. bytes]);
        Survives(Proto.Message((1, bytes)));
        Survives(Proto.Message((1, Proto.Message((8, 5), (10, 2), (13, 1), (6, bytes), (11, bytes), (12, bytes), (59, bytes), (35, bytes)))));
        Survives(Proto.Message((1, Proto.Message((50, bytes))), (1, Proto.Message((50, Proto.Zlib(bytes))))));
    }

    private static void Survives(byte[] bytes)
    {
        try
        {
            Assert.True(ProtoTraceReader.Survey(new MemoryStream(bytes)).Events > 0);
        }
        catch (NotATraceException)
        {
        }
    }
}
