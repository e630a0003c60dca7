using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Merging;

public sealed class ChromeJsonBadInputTests : IDisposable
{
    private readonly JsonTraces _traces = new();

    public void Dispose() => _traces.Dispose();

    [Fact]
    public async Task A_trace_that_breaks_off_is_merged_up_to_there_and_named()
    {
        var sample = JsonTraces.Utf8(JsonTraces.Sample);
        var broken = _traces.Browser("b1", sample[..(sample.Length / 2)], RelatedClock.Shared);
        var (trace, _, problems) = await _traces.MergeAsync(_traces.Session(broken, _traces.Browser("b2", sample, RelatedClock.Shared)));

        var problem = Assert.Single(problems);
        Assert.Equal("browsers/b1.json", problem.File);
        Assert.Contains("breaks off after ", problem.Problem, StringComparison.Ordinal);
        Assert.Equal(2, JsonTraces.Named(trace, "CommitLoad").Count());
    }

    [Fact]
    public async Task A_Perfetto_recording_is_told_to_need_a_JSON_recording()
    {
        var proto = Proto("b2");
        var (trace, _, problems) = await _traces.MergeAsync(_traces.Session(_traces.Browser("b1", JsonTraces.Utf8(JsonTraces.Sample), RelatedClock.Shared), proto));
        Assert.Contains("--format json", Assert.Single(problems).Problem, StringComparison.Ordinal);
        Assert.Single(JsonTraces.Named(trace, "CommitLoad"));
    }

    [Fact]
    public async Task With_nothing_but_Perfetto_recordings_no_file_is_written()
    {
        var path = Path.Combine(_traces.Folder, ChromeJson.FileName);
        var (file, problems) = await ChromeJson.WriteAsync([_traces.Session(Proto("b1"), Proto("b2"))], path, null, default);
        Assert.Null(file);
        Assert.Equal(2, problems.Count);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_file_that_is_gone_when_it_is_merged_is_named_and_the_rest_is_merged()
    {
        var gone = _traces.Browser("b1", JsonTraces.Utf8(JsonTraces.Sample), RelatedClock.Shared);
        File.Delete(gone.Recorded.TracePath!);
        var (trace, _, problems) = await _traces.MergeAsync(_traces.Session(gone, _traces.Browser("b2", JsonTraces.Utf8(JsonTraces.Sample), RelatedClock.Shared)));
        Assert.Equal("browsers/b1.json", Assert.Single(problems).File);
        Assert.Single(JsonTraces.Named(trace, "CommitLoad"));
    }

    [Fact]
    public async Task A_browser_without_a_trace_is_named()
    {
        var none = new AlignedBrowser(new RecordedBrowser { Name = "b2" }, null, RelatedClock.Shared) { MergedName = "b2" };
        var (_, _, problems) = await _traces.MergeAsync(_traces.Session(_traces.Browser("b1", JsonTraces.Utf8(JsonTraces.Sample), RelatedClock.Shared), none));
        Assert.Contains("no trace of b2", Assert.Single(problems).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_merge_that_is_called_off_leaves_nothing()
    {
        var path = Path.Combine(_traces.Folder, ChromeJson.FileName);
        var session = _traces.Session(($$$"""[{"ph":"X","ts":1,"args":{"a":"{{{new string('x', 3 << 20)}}}"}},{"ph":"X","ts":2}]""", RelatedClock.Shared));
        using var calledOff = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ChromeJson.WriteAsync([session], path, _ => calledOff.Cancel(), calledOff.Token));
        Assert.Empty(Directory.GetFiles(_traces.Folder));
    }

    [Fact]
    public async Task A_merge_that_is_called_off_does_not_wait_for_browsers_that_are_far_ahead()
    {
        var big = JsonTraces.Utf8("[" + string.Join(",", Enumerable.Repeat($$$"""{"ph":"X","ts":1,"args":{"a":"{{{new string('x', 100_000)}}}"}}""", 60)) + "]");
        var session = _traces.Session([.. Enumerable.Range(1, 5).Select(number => _traces.Browser($"b{number}", big, Clock.Of(1_000)))]);
        using var calledOff = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            ChromeJson.WriteAsync([session], Path.Combine(_traces.Folder, ChromeJson.FileName), _ => calledOff.Cancel(), calledOff.Token)).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(Directory.GetFiles(_traces.Folder));
    }

    [Fact]
    public async Task Text_that_is_no_UTF8_is_mended()
    {
        var bytes = JsonTraces.Utf8("""[{"ph":"X","pid":1,"tid":1,"ts":1,"name":"b#k","dur":1},{"ph":"X","pid":1,"tid":1,"ts":2,"name":"next","dur":1}]""");
        bytes[Array.IndexOf(bytes, (byte)'#')] = 0xc3;
        var (trace, _, problems) = await _traces.MergeAsync(_traces.Session(_traces.Browser("b1", bytes, Clock.Of(1_000))));
        Assert.Empty(problems);
        Assert.Equal("2", JsonTraces.Named(trace, "b\ufffdk").Single().GetProperty("ts").GetRawText());
        Assert.Equal("3", JsonTraces.Named(trace, "next").Single().GetProperty("ts").GetRawText());
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"ph":"X"}""")]
    [InlineData("""{"ph":"","ts":"x","pid":"text","id":{},"id2":5,"args":7,"dur":null}""")]
    [InlineData("""{"ph":"M","name":"process_name","args":{}}""")]
    [InlineData("""{"ph":"M","name":"process_name","args":"text","id2":"text"}""")]
    [InlineData("""{"ph":"X","name":"Profile","args":"text","id2":[],"id":"x","ts":4}""")]
    [InlineData("""{"ph":"M","name":"process_name","args":{"name":5},"pid":1.5}""")]
    [InlineData("""{"ph":"M","name":"process_sort_index","args":{"sort_index":"x"},"pid":-3,"ts":-1}""")]
    [InlineData("""{"ph":"s","id":"text","bind_id":-1,"ts":1e3,"pid":99999999999}""")]
    [InlineData("""{"ph":"b","id":"","id2":{"global":[1],"local":2},"ts":5}""")]
    [InlineData("""{"ph":"X","ts":4611686018427387.903,"dur":4611686018427387.903}""")]
    [InlineData("""{"ph":"P","name":"Profile","args":{"data":{"startTime":"x","cpuProfile":{"startTime":1}}},"ts":1}""")]
    [InlineData("""{"ph":"X","ts":1,"ts":2,"pid":1,"pid":1}""")]
    public async Task Whatever_an_event_holds_the_merge_is_JSON(string odd)
    {
        var text = $"[{odd},{{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":5,\"name\":\"even\"}}]";
        var (trace, _, _) = await _traces.MergeAsync(_traces.Session((text, RelatedClock.Shared), (text, Clock.Of(1_000, 0.0001)), (text, Clock.Of(-1_000_000))));
        Assert.Equal(3, JsonTraces.Named(trace, "even").Count());
    }

    private AlignedBrowser Proto(string name)
    {
        var path = _traces.Write($"browsers/{name}.pftrace", [0x0a, 0]);
        var survey = new TraceSurvey { Format = TraceFormat.Proto, Markers = [], Events = 1, ExpandedBytes = 2 };
        return new AlignedBrowser(new RecordedBrowser { Name = name, TracePath = path, IsWhole = true }, survey, RelatedClock.Shared) { MergedName = name };
    }
}
