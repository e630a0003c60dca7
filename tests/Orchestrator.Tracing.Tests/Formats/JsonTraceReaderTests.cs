using System.IO.Compression;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Formats;

public sealed class JsonTraceReaderTests
{
    [Fact]
    public void A_survey_finds_markers_events_bounds_losses_processes_and_frames()
    {
        var survey = JsonTraces.Survey(JsonTraces.Utf8(JsonTraces.Sample));

        Assert.Equal([new TraceMarker("s-1.opening.0", 2_500_000)], survey.Markers);
        Assert.Equal(JsonTraces.SampleEvents, survey.Events);
        // Not the metadata events at 0; the end of the longest slice.
        Assert.Equal((1_000_000, 4_000_251), (survey.FirstNanos, survey.LastNanos));
        Assert.Null(survey.CutOff);
        Assert.Equal(3, survey.Losses["chunks_overwritten"]);
        Assert.Single(survey.Losses);
        Assert.Equal([0, 10, 11], survey.ProcessIds.Order());
        Assert.Equal("Browser", survey.ProcessNames[10]);
        var frame = Assert.Single(survey.Frames);
        Assert.Equal((JsonTraces.Frame, 11, "http://page.test/", true), (frame.Frame, frame.ProcessId, frame.Url, frame.IsMain));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    public void The_size_of_the_pieces_it_comes_in_makes_no_difference(int chunk)
    {
        var bytes = JsonTraces.Utf8(JsonTraces.Sample);
        var survey = JsonTraces.Survey(bytes, chunk);
        Assert.Equal(JsonTraces.SampleEvents, survey.Events);
        Assert.Equal(bytes.Length, survey.ExpandedBytes);
        Assert.Null(survey.CutOff);
    }

    [Fact]
    public void Shifted_by_any_number_of_blanks_it_is_the_same_trace()
    {
        // The blocks that are looked at in one go begin elsewhere each time.
        for (var blanks = 0; blanks < 64; blanks++)
        {
            var survey = JsonTraces.Survey(JsonTraces.Utf8(JsonTraces.Sample.Replace("[\n", "[\n" + new string(' ', blanks), StringComparison.Ordinal)));
            Assert.Equal((JsonTraces.SampleEvents, null), (survey.Events, survey.CutOff));
        }
    }

    [Fact]
    public void Cut_off_at_any_byte_all_whole_events_are_found_and_the_cut_is_told()
    {
        var bytes = JsonTraces.Utf8(JsonTraces.Sample);
        var list = JsonTraces.Sample.IndexOf('[', StringComparison.Ordinal) + 1;
        var ends = WholeEventEnds(bytes);
        Assert.Equal(JsonTraces.SampleEvents, ends.Count);
        for (var length = 0; length < bytes.Length; length++)
        {
            if (length < list)
            {
                Assert.Throws<NotATraceException>(() => JsonTraces.Survey(bytes[..length]));
                continue;
            }

            var survey = JsonTraces.Survey(bytes[..length]);
            Assert.Equal(ends.Count(end => end <= length), survey.Events);
            Assert.StartsWith("breaks off after ", survey.CutOff, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_gzip_that_breaks_off_is_a_trace_that_breaks_off()
    {
        using var traces = new JsonTraces();
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.NoCompression, leaveOpen: true)) gzip.Write(JsonTraces.Utf8(JsonTraces.Sample));
        var path = traces.Write("b1.json.gz", compressed.ToArray()[..1500]);
        using var input = TraceInput.Open(path);
        var survey = JsonTraceReader.Survey(input, null, default);
        Assert.InRange(survey.Events, 1, JsonTraces.SampleEvents - 1);
        Assert.NotNull(survey.CutOff);
    }

    [Theory]
    [InlineData("""[{"ph":"X","ts":1},{"ph":"X","ts":2}]""", 2)]
    [InlineData("""{"metadata":{"a":[1,{"b":"]}"}]},"traceEvents":[{"ph":"X","ts":1}]}""", 1)]
    [InlineData("""{"displayTimeUnit":"ms","traceEvents":[{"ph":"X","ts":1}],"otherData":{},"x":1.5e3,"y":null}""", 1)]
    [InlineData("""{ "traceEvents" : [ ] }""", 0)]
    [InlineData("""[{"ph":"X","ts":1},]""", 1)]
    [InlineData("""[{}]""", 1)]
    [InlineData("""{"systemTraceEvents":"a \" b } ] \\","traceEvents":[{ "ph" : "X" , "ts" : 1 , "args" : { "a" : [ ] , "b" : [ 1 , true ] , "c" : { } } }]}""", 1)]
    public void Every_form_of_a_trace_is_read(string text, int events)
    {
        var survey = JsonTraces.Survey(JsonTraces.Utf8(text));
        Assert.Equal((events, null), (survey.Events, survey.CutOff));
    }

    [Theory]
    [InlineData("""{"a":1}""")]
    [InlineData("""{}""")]
    [InlineData("""{"traceEvents":5}""")]
    [InlineData("""{"traceEvents":[1,2]}""")]
    [InlineData("""[1]""")]
    [InlineData("""[{"ph":"X",}]""")]
    [InlineData("""[{"ph":"X" "ts":1}]""")]
    [InlineData("""[{"ph":nonsense}]""")]
    [InlineData("""[{"ph":"X","ts":01}]""")]
    [InlineData("""[{"ph":"X","ts":1.}]""")]
    [InlineData("""[{"a":[1,]}]""")]
    [InlineData("""[{"a":[1}]""")]
    [InlineData("""[{"a":"\x"}]""")]
    [InlineData("""[{"a":"\u12g4"}]""")]
    [InlineData("[{\"a\":\"\n\"}]")]
    [InlineData("""[{"a"}]""")]
    [InlineData("""["text"]""")]
    [InlineData("   ")]
    public void What_is_no_trace_is_refused(string text) => Assert.Throws<NotATraceException>(() => JsonTraces.Survey(JsonTraces.Utf8(text)));

    [Fact]
    public void Where_it_stops_being_JSON_the_trace_ends_and_says_so()
    {
        var survey = JsonTraces.Survey(JsonTraces.Utf8("""[{"ph":"X","ts":1},{"ph":"X","ts":oops},{"ph":"X","ts":3}]"""));
        Assert.Equal(1, survey.Events);
        Assert.StartsWith("is no longer JSON after ", survey.CutOff, StringComparison.Ordinal);
    }

    [Fact]
    public void What_follows_the_end_is_told()
    {
        Assert.StartsWith("is no longer JSON after ", JsonTraces.Survey(JsonTraces.Utf8("""[{"ph":"X","ts":1}] and more""")).CutOff, StringComparison.Ordinal);
    }

    [Fact]
    public void Events_longer_than_the_buffer_are_read()
    {
        var text = new string('x', 3 << 20);
        var survey = JsonTraces.Survey(JsonTraces.Utf8($$$"""[{"ph":"X","ts":1},{"ph":"X","ts":2,"args":{"a":"{{{text}}}"}},{"ph":"X","ts":3}]"""));
        Assert.Equal((3, null), (survey.Events, survey.CutOff));
    }

    [Fact]
    public void An_event_without_end_is_given_up_before_it_fills_the_memory()
    {
        var text = new string('x', JsonEventReader.MostEventBytes);
        var survey = JsonTraces.Survey(JsonTraces.Utf8($$$"""[{"ph":"X","ts":1},{"ph":"X","ts":2,"args":{"a":"{{{text}}}{{{text}}}"}}]"""));
        Assert.Equal(1, survey.Events);
        Assert.Contains("more than 32 MiB", survey.CutOff, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        Assert.Throws<NotATraceException>(() => JsonTraces.Survey(JsonTraces.Utf8("[{\"a\":" + new string('[', 100_000))));
    }

    /// <summary>By the lines that the sample is made of.</summary>
    private static List<int> WholeEventEnds(byte[] bytes)
    {
        var ends = new List<int>();
        for (var at = 1; at < bytes.Length; at++)
        {
            if (bytes[at - 1] == '}' && bytes[at] is (byte)',' or (byte)'\n' && (bytes[at] == '\n' ? bytes[at + 1] == ']' : bytes[at + 1] == '\n')) ends.Add(at);
        }

        return ends;
    }
}
