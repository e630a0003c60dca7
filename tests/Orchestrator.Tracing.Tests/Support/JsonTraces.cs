using System.Text;
using System.Text.Json;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Tests.Support;

/// <summary>Small Chrome JSON traces, and sessions whose browsers recorded them.</summary>
internal sealed class JsonTraces : IDisposable
{
    public const string Frame = "E17F712BAB7F50B15F324415355E3542";

    /// <summary>One of each kind of event that a merge has to change; everything that looks like structure stands in a text, too.</summary>
    public static readonly string Sample = $$$$"""
        {"traceEvents":[
        {"args":{"name":"CrRendererMain"},"cat":"__metadata","name":"thread_name","ph":"M","pid":11,"tid":11,"ts":0},
        {"args":{"name":"Renderer"},"cat":"__metadata","name":"process_name","ph":"M","pid":11,"tid":0,"ts":0},
        {"args":{"name":"Browser"},"cat":"__metadata","name":"process_name","ph":"M","pid":10,"tid":0,"ts":0},
        {"args":{},"cat":"disabled-by-default-devtools.timeline","name":"TracingStartedInBrowser","ph":"I","pid":10,"s":"t","tid":10,"ts":1000,"tts":7},
        {"args":{"data":{"frame":"{{{{Frame}}}}","isMainFrame":true,"isOutermostMainFrame":true,"name":"","page":"{{{{Frame}}}}","url":"http://page.test/"}},"cat":"devtools.timeline","dur":56,"name":"CommitLoad","ph":"X","pid":11,"tdur":56,"tid":11,"ts":1001.5,"tts":52010},
        {"args":{"text":"}] ,{\"a\":[\\\" \u007b \\"},"cat":"toplevel","dur":2000.25,"name":"Ru\"nTask}","ph":"X","pid":11,"tid":11,"ts":2000.001},
        {"args":{"sync_id":"s-1.opening.0"},"cat":"__metadata","name":"clock_sync","ph":"c","pid":10,"tid":10,"ts":2500,"tts":3},
        {"args":{"data":{"frame":"{{{{Frame}}}}","requestId":"11.5","timing":{"requestTime":0.0026,"sendStart":1.5}}},"cat":"devtools.timeline","name":"ResourceReceiveResponse","ph":"I","pid":11,"s":"t","tid":11,"ts":2600},
        {"args":{},"cat":"loading","id":7,"name":"flow","ph":"s","pid":11,"tid":11,"ts":2700},
        {"args":{},"bp":"e","cat":"loading","id":7,"name":"flow","ph":"f","pid":10,"tid":10,"ts":2800},
        {"args":{},"cat":"navigation","id":"0x40","name":"Loading","ph":"b","pid":10,"tid":10,"ts":2900},
        {"args":{},"cat":"navigation","id":"0x40","name":"Loading","ph":"e","pid":10,"tid":10,"ts":3000},
        {"args":{},"cat":"cc","id2":{"local":"0x1"},"name":"Local","ph":"b","pid":11,"tid":11,"ts":3000},
        {"args":{},"cat":"cc","id2":{"global":"0x2"},"name":"Global","ph":"b","pid":11,"tid":11,"ts":3000},
        {"args":{"chrome_active_processes":{"pid":[10,11]}},"cat":"__metadata","name":"ActiveProcesses","ph":"I","pid":0,"s":"g","tid":0,"ts":3100}
        ],
        "metadata":{"clock-domain":"LINUX_CLOCK_MONOTONIC","trace_processor_stats":{"traced_buf":[{"chunks_overwritten":2,"chunks_read":9},{"chunks_overwritten":1,"chunks_discarded":0}]}}}
        """;

    public const int SampleEvents = 15;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orchestrator-json-");

    public string Folder => _folder.FullName;

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static JsonTraceSurvey Survey(byte[] bytes, int chunk = int.MaxValue) =>
        JsonTraceReader.Survey(new JsonEventReader(new ChunkedStream(bytes, chunk), () => null), () => { }, default);

    /// <summary>A session of one browser for each trace, called b1, b2, ...</summary>
    public AlignedSession Session(params (string Trace, RelatedClock Clock)[] browsers) =>
        Session([.. browsers.Select((browser, place) => Browser($"b{place + 1}", Utf8(browser.Trace), browser.Clock))]);

    public AlignedSession Session(params AlignedBrowser[] browsers) => Session(new SessionTracks("s-1", []), browsers);

    public AlignedSession Session(SessionTracks tracks, params AlignedBrowser[] browsers) => new()
    {
        Session = new RecordedSession { Folder = Folder, SessionId = tracks.SessionId, Timeline = Told.Timeline, Browsers = [.. browsers.Select(browser => browser.Recorded)], Problems = [] },
        Timeline = Told.Timeline,
        Browsers = browsers,
        Tracks = tracks,
        Problems = [],
    };

    public AlignedBrowser Browser(string name, byte[] trace, RelatedClock clock, RecordingLog? log = null, string? mergedName = null)
    {
        var path = Write($"browsers/{name}.json", trace);
        using var input = TraceInput.Open(path);
        return new AlignedBrowser(new RecordedBrowser { Name = name, TracePath = path, IsWhole = true, Log = log }, JsonTraceReader.Survey(input, null, default), clock)
        {
            MergedName = mergedName ?? name,
        };
    }

    public string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Merges and parses what came out: it is JSON, or this throws.</summary>
    public async Task<(JsonElement Trace, MergedFile File, IReadOnlyList<FolderProblem> Problems)> MergeAsync(params AlignedSession[] sessions)
    {
        var path = Path.Combine(Folder, "merged.json");
        var (file, problems) = await ChromeJson.WriteAsync(sessions, path, null, default);
        return (JsonDocument.Parse(await File.ReadAllBytesAsync(path)).RootElement, file!, problems);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The merge's events that came from a browser, and not from the merge itself, by name.</summary>
    public static IEnumerable<JsonElement> Named(JsonElement trace, string name) =>
        trace.GetProperty("traceEvents").EnumerateArray().Where(e => e.TryGetProperty("name", out var own) && own.GetString() == name);

    private sealed class ChunkedStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(chunk, buffer.Length)]);
    }
}

/// <summary>Clocks as a measurement would find them.</summary>
internal static class Clock
{
    public static RelatedClock Of(long offsetNanos, double rate = 0, long midNanos = 0) =>
        RelatedClock.Measured([new ClockStretch(long.MaxValue, midNanos, offsetNanos, rate)], [], []);
}
