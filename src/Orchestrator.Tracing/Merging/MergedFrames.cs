using System.Text.Json;
using Orchestrator.Tracing.Formats;

namespace Orchestrator.Tracing.Merging;

/// <summary>
/// The one <c>TracingStartedInBrowser</c> of a merged trace. DevTools refuses a trace without it, draws the processes whose frames it
/// lists, and throws away the others (models/trace/handlers: MetaHandler, RendererHandler).
/// </summary>
internal static class MergedFrames
{
    /// <param name="processId">Of the first browser's main process, where such an event comes from.</param>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<MergedBrowser> browsers, long processId, long nanos)
    {
        json.WriteStartObject();
        json.WriteString("cat", "disabled-by-default-devtools.timeline");
        json.WriteString("name", "TracingStartedInBrowser");
        json.WriteString("ph", "I");
        json.WriteString("s", "t");
        json.WriteNumber("pid", processId);
        json.WriteNumber("tid", processId);
        JsonValues.WriteMicros(json, "ts", nanos);
        json.WriteStartObject("args");
        json.WriteStartObject("data");
        json.WriteNumber("frameTreeNodeId", 1);
        json.WritePropertyName("frames");
        json.WriteStartArray();
        var frames = browsers.SelectMany(browser => FramesOf(browser).Select(frame => (Browser: browser, Frame: frame))).ToList();
        var shared = frames.Where(one => one.Frame.IsMain).DistinctBy(one => (one.Browser.Name, one.Frame.Url)).CountBy(one => one.Frame.Url ?? "").Where(url => url.Value > 1).Select(url => url.Key).ToHashSet();
        // What the panel takes for the one main frame is the last that could be it.
        foreach (var (browser, frame) in frames.AsEnumerable().Reverse())
            Write(json, frame.Url is { } url && shared.Contains(url) ? frame with { Url = Marked(url, browser.Name) } : frame, browser.Rewriting);
        json.WriteEndArray();
        json.WriteBoolean("persistentIds", true);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>
    /// Those that were there when the recording began; with them the pages that the browser told of, each in the process that most events
    /// with its frame's id come from. A folder without such a list: every main frame of which the trace tells.
    /// </summary>
    public static IReadOnlyList<TraceFrame> FramesOf(MergedBrowser browser)
    {
        var seen = browser.Survey.Frames;
        var frames = seen.Where(frame => frame.WasThereAtStart).ToList();
        var pages = browser.Browser.Recorded.Log?.Pages ?? [];
        foreach (var page in pages)
        {
            if (frames.Exists(frame => frame.Frame == page.Frame)) continue;
            var home = seen.Where(frame => frame.Frame == page.Frame).MaxBy(frame => frame.Events);
            // A page without a single event has no tracks, either.
            if (home is not null) frames.Add(home with { Url = page.Url, Name = home.Name ?? page.Title, IsMain = true });
        }

        if (frames.Count > 0) return frames;
        // The browser's own pages (a popup of its address bar, say) stand in a trace without an address.
        var main = seen.Where(frame => frame.IsMain).GroupBy(frame => frame.Frame).Select(same => same.MaxBy(frame => frame.Events)!).ToList();
        return main.Exists(frame => frame.Url is not null) ? main.FindAll(frame => frame.Url is not null) : main;
    }

    /// <summary>DevTools calls a track by its page's address and nothing else: where several browsers show one page, a fragment tells them apart.</summary>
    private static string Marked(string url, string browser) => url + (url.Contains('#', StringComparison.Ordinal) ? '&' : '#') + Uri.EscapeDataString(browser);

    private static void Write(Utf8JsonWriter json, TraceFrame frame, JsonRewriting rewriting)
    {
        json.WriteStartObject();
        json.WriteString("frame", Token(frame.Frame, rewriting));
        json.WriteBoolean("isInPrimaryMainFrame", frame.IsMain);
        json.WriteBoolean("isOutermostMainFrame", frame.IsMain);
        json.WriteString("name", frame.Name ?? "");
        if (frame.Parent is { } parent) json.WriteString("parent", Token(parent, rewriting));
        json.WriteNumber("processId", rewriting.ProcessIds.Of(frame.ProcessId));
        json.WriteString("url", frame.Url ?? "about:blank");
        json.WriteEndObject();
    }

    private static string Token(string frame, JsonRewriting rewriting) =>
        FrameToken.TryParse(System.Text.Encoding.UTF8.GetBytes(frame), out var token) ? FrameToken.ToText(token ^ rewriting.TokenKey) : frame;
}
