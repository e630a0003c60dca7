using System.Text.Json;
using Orchestrator.Tracing.Formats;

namespace Orchestrator.Tracing.Merging;

/// <summary>
/// The <c>metadata</c> of a merged trace: what DevTools shows of a recording (models/trace/types/File.ts), and under
/// <c>orchestrator</c> where everything came from and what was done to it.
/// </summary>
internal static class ChromeJsonMetadata
{
    // Chromium writes some 50 KB; half of it are statistics, the losses among which are told apart.
    private const int MostBytesOfABrowser = 256 << 10;

    public static void Write(
        Utf8JsonWriter json, IReadOnlyList<AlignedSession> sessions, IReadOnlyList<MergedBrowser> browsers, long firstNanos, long shiftNanos)
    {
        var timeline = sessions[0].Timeline;
        json.WriteStartObject();
        json.WriteString("source", "DevTools");
        json.WriteString("startTime", timeline.ToUtc(firstNanos - shiftNanos).UtcDateTime);
        json.WriteString("dataOrigin", "TraceEvents");
        json.WriteStartObject("orchestrator");
        json.WriteNumber("schema", 1);
        json.WriteStartObject("timeline");
        json.WriteString("clock", timeline.Clock);
        json.WriteString("node", timeline.Node);
        json.WriteString("utcAtZero", timeline.ToUtc(-shiftNanos));
        json.WriteNumber("shiftNanos", shiftNanos);
        json.WriteEndObject();
        json.WriteStartArray("sessions");
        foreach (var session in sessions) json.WriteStringValue(session.Session.SessionId);
        json.WriteEndArray();
        json.WriteStartObject("browsers");
        foreach (var browser in browsers) Write(json, browser);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, MergedBrowser browser)
    {
        var survey = browser.Survey;
        json.WriteStartObject(browser.Name);
        json.WriteString("session", browser.Session.Session.SessionId);
        json.WriteString("file", MergedBrowser.FileOf(browser.Session, browser.Browser));
        json.WriteNumber("events", survey.Events);
        if (survey.CutOff is { } cutOff) json.WriteString("cutOff", cutOff);
        WriteClock(json, browser);

        json.WriteStartObject("losses");
        foreach (var (name, count) in survey.Losses) json.WriteNumber(name, count);
        json.WriteEndObject();

        json.WriteStartObject("movedProcesses");
        foreach (var (from, to) in browser.Rewriting.ProcessIds.Moved) json.WriteNumber(JsonEncodedText.Encode(from.ToString(System.Globalization.CultureInfo.InvariantCulture)), to);
        json.WriteEndObject();

        if (survey.PassedOver.Count > 0)
        {
            json.WriteStartArray("leftOut");
            foreach (var key in survey.PassedOver) json.WriteStringValue(key);
            json.WriteEndArray();
        }

        if (survey.Metadata is { Length: <= MostBytesOfABrowser } own && JsonTraceMetadata.Parse(own) is { } document)
        {
            document.Dispose();
            json.WritePropertyName("metadata");
            json.WriteRawValue(own.Span, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    private static void WriteClock(Utf8JsonWriter json, MergedBrowser browser)
    {
        var clock = browser.Browser.Clock;
        var at = browser.Survey.FirstNanos ?? 0;
        json.WriteStartObject("clock");
        json.WriteString("relation", clock.Relation.ToString().ToLowerInvariant());
        json.WriteNumber("offsetNanos", clock.OffsetAt(at));
        json.WriteNumber("driftPpm", clock.RateAt(at) * 1e6);
        if (clock.WorstBound(at, browser.Survey.LastNanos ?? at) is { } bound) json.WriteNumber("boundNanos", bound);
        else json.WriteNull("boundNanos");
        json.WriteStartArray("findings");
        foreach (var finding in clock.Findings) json.WriteStringValue(finding);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
