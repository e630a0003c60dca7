using System.IO.Compression;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Formats;

public sealed class TraceInputTests : IDisposable
{
    private static readonly byte[] Trace = ProtoRecording.OfBrowser(5_000_000, 5_020_000, 250).Bytes;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_trace_is_known_by_its_bytes_packed_or_not()
    {
        Assert.Equal((TraceFormat.Proto, TraceCompression.None), Known(Trace));
        Assert.Equal((TraceFormat.Proto, TraceCompression.Gzip), Known(Proto.Gzip(Trace)));
        Assert.Equal((TraceFormat.Json, TraceCompression.None), Known("{\"traceEvents\":[]}"u8.ToArray()));
        Assert.Equal((TraceFormat.Json, TraceCompression.Gzip), Known(Proto.Gzip("[]"u8.ToArray())));
    }

    [Theory]
    [InlineData("")]
    [InlineData("MZ")]
    [InlineData("PK")]
    public void What_begins_like_no_trace_is_refused(string begin)
    {
        Assert.Throws<NotATraceException>(() => Known(System.Text.Encoding.ASCII.GetBytes(begin)));
        Assert.Throws<NotATraceException>(() => Known(Proto.Gzip(System.Text.Encoding.ASCII.GetBytes(begin))));
    }

    [Fact]
    public void Gzip_cut_off_anywhere_ends_like_a_trace_cut_off()
    {
        var whole = Survey(Trace);
        var packed = Proto.Gzip(Trace);
        for (var length = 2; length < packed.Length; length++)
        {
            try
            {
                var survey = Survey(packed[..length]);
                Assert.StartsWith("breaks off after", survey.CutOff);
                Assert.Equal(whole.Markers.Take(survey.Markers.Count), survey.Markers);
            }
            catch (NotATraceException)
            {
            }
        }
    }

    [Fact]
    public void Gzip_of_several_members_is_one_trace()
    {
        var survey = Survey([.. Proto.Gzip(Trace[..1000]), .. Proto.Gzip(Trace[1000..])]);
        Assert.Equal(Survey(Trace).Markers, survey.Markers);
        Assert.Null(survey.CutOff);
    }

    [Fact]
    public void Something_behind_the_gzip_is_told()
    {
        var survey = Survey([.. Proto.Gzip(Trace), .. "garbage"u8]);
        Assert.Equal(Survey(Trace).Markers, survey.Markers);
        Assert.Contains("something follows", survey.CutOff);
    }

    [Fact]
    public void A_damaged_gzip_is_told_and_what_came_long_before_is_kept()
    {
        var trace = ProtoRecording.OfBrowser(5_000_000, 5_500_000, 250).Bytes;
        var packed = Proto.Gzip(trace);
        packed[^6] ^= 0x40;
        var survey = Survey(packed);
        Assert.Contains("damaged", survey.CutOff);
        Assert.Equal(Survey(trace).Markers.Take(3), survey.Markers.Take(3));
    }

    [Fact]
    public void Gzip_that_expands_without_end_is_not_read_on()
    {
        var file = _folder["bomb.pftrace.gz"];
        var packet = Proto.Message((1, Proto.Message((1000, new byte[1 << 20]))));
        using (var gzip = new GZipStream(File.Create(file), CompressionLevel.SmallestSize))
        {
            for (var i = 0; i < 300; i++) gzip.Write(packet);
        }

        using var input = TraceInput.Open(file);
        Assert.Contains("expand", Assert.Throws<NotATraceException>(() => ProtoTraceReader.Survey(input, null, default)).Message);
    }

    private (TraceFormat Format, TraceCompression Compression) Known(byte[] bytes)
    {
        using var input = TraceInput.Open(_folder.Write("trace", bytes));
        return (input.Format, input.Compression);
    }

    private TraceSurvey Survey(byte[] bytes)
    {
        using var input = TraceInput.Open(_folder.Write("trace", bytes));
        return ProtoTraceReader.Survey(input, null, default);
    }
}
