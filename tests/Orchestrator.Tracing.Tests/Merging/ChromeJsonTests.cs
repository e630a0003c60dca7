using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Merging;

public sealed class ChromeJsonTests : IDisposable
{
    private static readonly string[] OwnNames = ["TracingStartedInBrowser", "process_name", "process_sort_index", "thread_name", "thread_sort_index"];

    private readonly JsonTraces _traces = new();

    public void Dispose() => _traces.Dispose();

    [Fact]
    public async Task Every_event_of_every_browser_is_in_it_once()
    {
        var (trace, _, problems) = await _traces.MergeAsync(_traces.Session((JsonTraces.Sample, RelatedClock.Shared), (JsonTraces.Sample, Clock.Of(1_000_000)), (JsonTraces.Sample, Clock.Of(0))));

        Assert.Empty(problems);
        using var sample = JsonDocument.Parse(JsonTraces.Sample);
        foreach (var name in sample.RootElement.GetProperty("traceEvents").EnumerateArray().Select(e => e.GetProperty("name").GetString()!).Except(OwnNames))
        {
            var alone = JsonTraces.Named(sample.RootElement, name).Count();
            Assert.Equal(3 * alone, JsonTraces.Named(trace, name).Count());
        }
    }

    [Fact]
    public async Task An_event_on_the_time_lines_own_clock_is_copied_byte_by_byte()
    {
        await _traces.MergeAsync(_traces.Session((JsonTraces.Sample, RelatedClock.Shared)));
        var merged = await File.ReadAllTextAsync(Path.Combine(_traces.Folder, "merged.json"));
        foreach (var line in JsonTraces.Sample.Split('\n').Where(line => line.Contains("\"ts\":", StringComparison.Ordinal) && !OwnNames.Any(line.Contains)))
            Assert.Contains(line.TrimEnd(','), merged, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instants_are_moved_to_the_time_line_to_the_nanosecond_after_a_hundred_days()
    {
        const long hundredDays = 8_640_000_000_000_000;
        var text = """[{"ph":"X","pid":1,"tid":1,"name":"a","ts":8640000000000.001,"dur":0.5}]""";
        var (trace, _, _) = await _traces.MergeAsync(_traces.Session((text, Clock.Of(7)), (text, Clock.Of(1_000, 0.0005, hundredDays))));

        // A double of microseconds would not tell these apart.
        var instants = JsonTraces.Named(trace, "a").Select(e => e.GetProperty("ts").GetRawText());
        Assert.Equal(["8640000000000.008", "8640000000001.001"], instants);
    }

    [Fact]
    public async Task Nested_slices_stay_nested_on_a_clock_that_drifts()
    {
        var events = Enumerable.Range(0, 500).Select(i => $$"""{"ph":"X","pid":1,"tid":1,"name":"s","ts":{{i * 7}},"dur":{{7000 - 14 * i}}.25}""");
        var (trace, _, _) = await _traces.MergeAsync(_traces.Session(($"[{string.Join(',', events)}]", Clock.Of(123, 0.0004999, 3_000_000))));

        decimal begin = decimal.MinValue, end = decimal.MaxValue;
        foreach (var slice in JsonTraces.Named(trace, "s"))
        {
            var from = slice.GetProperty("ts").GetDecimal();
            var until = from + slice.GetProperty("dur").GetDecimal();
            Assert.True(begin <= from && until <= end);
            (begin, end) = (from, until);
        }
    }

    [Fact]
    public async Task Instants_in_arguments_that_DevTools_lays_against_others_are_moved_too()
    {
        var (trace, _, _) = await _traces.MergeAsync(_traces.Session((JsonTraces.Sample, Clock.Of(1_500))));
        var timing = JsonTraces.Named(trace, "ResourceReceiveResponse").Single().GetProperty("args").GetProperty("data").GetProperty("timing");
        Assert.Equal(("0.0026015", "1.5"), (timing.GetProperty("requestTime").GetRawText(), timing.GetProperty("sendStart").GetRawText()));
    }

    [Fact]
    public async Task Processes_with_equal_ids_are_kept_apart_and_named_after_their_browser()
    {
        var (trace, _, _) = await _traces.MergeAsync(_traces.Session((JsonTraces.Sample, RelatedClock.Shared), (JsonTraces.Sample, RelatedClock.Shared)));

        var names = JsonTraces.Named(trace, "process_name").ToDictionary(e => e.GetProperty("pid").GetInt64(), e => e.GetProperty("args").GetProperty("name").GetString());
        Assert.Equal("b1 Renderer", names[11]);
        var moved = names.Single(name => name.Value == "b2 Renderer").Key;
        Assert.NotEqual(11, moved);
        Assert.Equal(["Orchestrator s-1", "b1", "b1 Browser", "b1 Renderer", "b2", "b2 Browser", "b2 Renderer"], names.Values.Order(StringComparer.Ordinal));

        // Whatever belongs together stays together.
        var second = JsonTraces.Named(trace, "ResourceReceiveResponse").Last();
        Assert.Equal(moved, second.GetProperty("pid").GetInt64());
        Assert.Equal($"{moved}.5", second.GetProperty("args").GetProperty("data").GetProperty("requestId").GetString());
        var active = JsonTraces.Named(trace, "ActiveProcesses").Last().GetProperty("args").GetProperty("chrome_active_processes").GetProperty("pid").EnumerateArray().Select(id => id.GetInt64());
        Assert.Contains(moved, active);
    }

    [Fact]
    public async Task Ids_known_to_all_processes_are_kept_apart_and_local_ones_left()
    {
        var (trace, _, _) = await _traces.MergeAsync(_traces.Session((JsonTraces.Sample, RelatedClock.Shared), (JsonTraces.Sample, RelatedClock.Shared)));

        var flows = JsonTraces.Named(trace, "flow").Select(e => e.GetProperty("id").ToString()).ToList();
        Assert.Equal(flows[0], flows[1]);
        Assert.Equal(flows[2], flows[3]);
        Assert.NotEqual(flows[0], flows[2]);
        Assert.StartsWith("0x", flows[2], StringComparison.Ordinal);
        Assert.Equal(2, JsonTraces.Named(trace, "Loading").Select(e => e.GetProperty("id").GetString()).Distinct().Count());
        Assert.Equal(2, JsonTraces.Named(trace, "Global").Select(e => e.GetProperty("id2").GetProperty("global").GetString()).Distinct().Count());
        Assert.Equal(["0x1", "0x1"], JsonTraces.Named(trace, "Local").Select(e => e.GetProperty("id2").GetProperty("local").GetString()));
    }

    [Fact]
    public async Task One_event_at_the_beginning_lists_the_frames_of_all_browsers_in_their_processes()
    {
        var (trace, _, _) = await _traces.MergeAsync(_traces.Session((JsonTraces.Sample, RelatedClock.Shared), (JsonTraces.Sample, RelatedClock.Shared)));

        var start = JsonTraces.Named(trace, "TracingStartedInBrowser").Single();
        Assert.Equal("1000", start.GetProperty("ts").GetRawText());
        var frames = start.GetProperty("args").GetProperty("data").GetProperty("frames").EnumerateArray().ToList();
        var renderers = JsonTraces.Named(trace, "CommitLoad").Select(e => (e.GetProperty("pid").GetInt64(), e.GetProperty("args").GetProperty("data").GetProperty("frame").GetString()));
        Assert.Equal(renderers.Reverse(), frames.Select(frame => (frame.GetProperty("processId").GetInt64(), frame.GetProperty("frame").GetString())));
        // DevTools names a track by its page's address alone.
        Assert.Equal(["http://page.test/#b2", "http://page.test/#b1"], frames.Select(frame => frame.GetProperty("url").GetString()));
        // One recording merged twice: not even the frames' ids are the same.
        Assert.Equal(2, frames.Select(frame => frame.GetProperty("frame").GetString()).Distinct().Count());
        Assert.All(frames, frame => Assert.True(frame.GetProperty("isInPrimaryMainFrame").GetBoolean() && frame.GetProperty("isOutermostMainFrame").GetBoolean()));
    }

    [Fact]
    public async Task A_page_that_was_loaded_before_the_recording_is_found_by_what_its_renderer_did()
    {
        const string frame = "0123456789ABCDEF0123456789ABCDEF";
        var trace = $$$$"""
            [{"args":{"data":{"frame":"{{{{frame}}}}"}},"cat":"devtools.timeline","name":"Paint","ph":"X","pid":77,"tid":77,"ts":5,"dur":1},
             {"args":{"data":{"frame":"{{{{JsonTraces.Frame}}}}"}},"cat":"devtools.timeline","name":"Paint","ph":"X","pid":78,"tid":78,"ts":6,"dur":1}]
            """;
        var log = new RecordingLog { SessionId = "s-1", Browser = "b1", Timeline = Told.Timeline, Pages = [new LoggedPage(frame, "http://early.test/", "Early")] };
        var browser = _traces.Browser("b1", JsonTraces.Utf8(trace), RelatedClock.Shared, log);
        var (merged, _, _) = await _traces.MergeAsync(_traces.Session(browser));

        var only = JsonTraces.Named(merged, "TracingStartedInBrowser").Single().GetProperty("args").GetProperty("data").GetProperty("frames").EnumerateArray().Single();
        Assert.Equal((frame, 77, "http://early.test/"), (only.GetProperty("frame").GetString(), only.GetProperty("processId").GetInt32(), only.GetProperty("url").GetString()));
    }

    [Fact]
    public async Task Frames_that_a_page_endpoint_listed_are_taken_over()
    {
        var trace = $$$$"""[{"args":{"data":{"frameTreeNodeId":3,"frames":[{"frame":"{{{{JsonTraces.Frame}}}}","isInPrimaryMainFrame":true,"isOutermostMainFrame":true,"name":"n","processId":21,"url":"http://a.test/"},{"frame":"0123456789ABCDEF0123456789ABCDEF","parent":"{{{{JsonTraces.Frame}}}}","isInPrimaryMainFrame":true,"isOutermostMainFrame":false,"name":"child","processId":22,"url":"http://b.test/"}],"persistentIds":true}},"name":"TracingStartedInBrowser","ph":"I","pid":20,"tid":20,"ts":1}]""";
        var (merged, _, _) = await _traces.MergeAsync(_traces.Session((trace, RelatedClock.Shared)));

        var frames = JsonTraces.Named(merged, "TracingStartedInBrowser").Single().GetProperty("args").GetProperty("data").GetProperty("frames").EnumerateArray().ToList();
        Assert.Equal(["http://b.test/", "http://a.test/"], frames.Select(frame => frame.GetProperty("url").GetString()));
        Assert.Equal([false, true], frames.Select(frame => frame.GetProperty("isOutermostMainFrame").GetBoolean()));
        Assert.Equal(JsonTraces.Frame, frames[0].GetProperty("parent").GetString());
    }

    [Fact]
    public async Task What_has_no_instant_of_its_own_stands_at_the_beginning_and_nothing_stands_before_zero()
    {
        var (trace, _, _) = await _traces.MergeAsync(_traces.Session((JsonTraces.Sample, Clock.Of(-5_000_000_000))));

        var instants = trace.GetProperty("traceEvents").EnumerateArray().Select(e => (Phase: e.GetProperty("ph").GetString(), At: e.GetProperty("ts").GetDecimal())).ToList();
        var first = instants.Where(instant => instant.Phase != "M").Min(instant => instant.At);
        Assert.True(first >= 0);
        Assert.All(instants.Where(instant => instant.Phase == "M"), instant => Assert.Equal(first, instant.At));
    }

    [Fact]
    public async Task The_orchestrators_own_tracks_stand_first_in_a_process_of_their_own()
    {
        var tracks = new SessionTracks("s-1",
        [
            new TrackLine("session", [new TrackSlice("window \"1\"", 2_000_000, 4_000_500, new Dictionary<string, string> { ["require"] = "all" })],
                [new TrackInstant("opened", 2_000_001, TrackInstantKind.Skew, new Dictionary<string, string> { ["skew"] = "3 µs" })], []),
            new TrackLine("b1", [], [], [new TrackCounter("clock bound", "µs", [new TrackSample(2_000_000, 12.5), new TrackSample(3_000_000, double.NaN)])]),
        ]);
        var (trace, _, _) = await _traces.MergeAsync(_traces.Session(tracks, _traces.Browser("b1", JsonTraces.Utf8(JsonTraces.Sample), RelatedClock.Shared)));

        var own = JsonTraces.Named(trace, "process_name").Single(e => e.GetProperty("args").GetProperty("name").GetString() == "Orchestrator s-1").GetProperty("pid").GetInt64();
        Assert.DoesNotContain(own, new long[] { 0, 10, 11 });
        var slice = JsonTraces.Named(trace, "window \"1\"").Single();
        Assert.Equal((own, "X", "2000", "2000.5"), (slice.GetProperty("pid").GetInt64(), slice.GetProperty("ph").GetString(), slice.GetProperty("ts").GetRawText(), slice.GetProperty("dur").GetRawText()));
        Assert.Equal("2000.001", JsonTraces.Named(trace, "opened").Single().GetProperty("ts").GetRawText());
        Assert.Equal(12.5, JsonTraces.Named(trace, "b1 clock bound").Single().GetProperty("args").GetProperty("µs").GetDouble());
        var order = JsonTraces.Named(trace, "process_sort_index").OrderBy(e => e.GetProperty("args").GetProperty("sort_index").GetInt32()).Select(e => e.GetProperty("pid").GetInt64());
        Assert.Equal(own, order.First());
    }

    [Fact]
    public async Task Names_may_hold_whatever_they_like()
    {
        var browser = _traces.Browser("b1", JsonTraces.Utf8(JsonTraces.Sample), RelatedClock.Shared, mergedName: "shop \"A\" \\ \u00fc");
        var (trace, _, _) = await _traces.MergeAsync(_traces.Session(browser));
        Assert.Contains(JsonTraces.Named(trace, "process_name"), e => e.GetProperty("args").GetProperty("name").GetString() == "shop \"A\" \\ \u00fc Renderer");
        Assert.True(trace.GetProperty("metadata").GetProperty("orchestrator").GetProperty("browsers").TryGetProperty("shop \"A\" \\ \u00fc", out _));
    }

    [Fact]
    public async Task The_metadata_says_where_everything_came_from()
    {
        var (trace, _, _) = await _traces.MergeAsync(_traces.Session((JsonTraces.Sample, Clock.Of(42))));
        var metadata = trace.GetProperty("metadata");
        Assert.Equal("DevTools", metadata.GetProperty("source").GetString());
        var browser = metadata.GetProperty("orchestrator").GetProperty("browsers").GetProperty("b1");
        Assert.Equal(42, browser.GetProperty("clock").GetProperty("offsetNanos").GetInt64());
        Assert.Equal(3, browser.GetProperty("losses").GetProperty("chunks_overwritten").GetInt64());
        Assert.Equal("LINUX_CLOCK_MONOTONIC", browser.GetProperty("metadata").GetProperty("clock-domain").GetString());
    }

    [Fact]
    public async Task The_file_is_what_is_told_of_it()
    {
        var path = Path.Combine(_traces.Folder, ChromeJson.FileName);
        var told = new List<MergeProgress>();
        var (file, _) = await ChromeJson.WriteAsync([_traces.Session((JsonTraces.Sample, RelatedClock.Shared))], path, told.Add, default);

        var bytes = await File.ReadAllBytesAsync(path);
        Assert.Equal(new MergedFile("json", ChromeJson.FileName, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes))), file);
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var trace = await JsonDocument.ParseAsync(gzip);
        Assert.NotEmpty(trace.RootElement.GetProperty("traceEvents").EnumerateArray());
        Assert.Equal(told[^1].BytesTotal, told[^1].BytesDone);
    }

    [Fact]
    public async Task However_many_threads_write_it_it_is_the_same_file_and_holds_every_event()
    {
        const int events = 20_000;
        var text = "[" + string.Join(",", Enumerable.Range(0, events).Select(i => $$"""{"ph":"X","pid":1,"tid":1,"name":"one","ts":{{i}},"dur":1}""")) + "]";
        var session = _traces.Session([.. Enumerable.Range(1, 6).Select(number => _traces.Browser($"b{number}", JsonTraces.Utf8(text), Clock.Of(number)))]);
        var (trace, first, _) = await _traces.MergeAsync(session);
        var (_, second, _) = await _traces.MergeAsync(session);
        Assert.Equal(first, second);
        Assert.All(JsonTraces.Named(trace, "one").CountBy(e => e.GetProperty("pid").GetInt64()), browser => Assert.Equal(events, browser.Value));
        Assert.Equal(6 * events, JsonTraces.Named(trace, "one").Count());
    }
}
