using System.Buffers;
using System.Text.Json;
using Orchestrator.Tracing.Clocks;

namespace Orchestrator.Tracing.Merging;

/// <summary>
/// The archive's manifest (Perfetto, docs/reference/perfetto-manifest.md): each member is a machine of its own, and the time line is
/// the wall clock of the orchestrator's.
/// </summary>
internal static class PerfettoManifest
{
    public const string FileName = "perfetto_manifest.json";

    /// <summary>By its beginning Perfetto knows it, white space aside.</summary>
    public static ReadOnlySpan<byte> Beginning => "{\"perfetto_manifest\""u8;

    /// <param name="members">Member and machine.</param>
    /// <param name="timeOf">The member whose REALTIME is the time line.</param>
    public static ReadOnlyMemory<byte> Of(
        IReadOnlyList<(string Member, string Machine)> members, string timeOf, IReadOnlyList<AlignedSession> sessions, IReadOnlyCollection<AlignedBrowser> merged)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes);
        json.WriteStartObject();
        json.WriteStartObject("perfetto_manifest");
        json.WriteNumber("version", 1);
        json.WriteStartObject("trace_time");
        json.WriteString("clock", "REALTIME");
        json.WriteString("file", timeOf);
        json.WriteEndObject();
        json.WriteStartArray("files");
        foreach (var (member, machine) in members)
        {
            json.WriteStartObject();
            json.WriteString("path", member);
            json.WriteStartObject("machine");
            json.WriteString("name", machine);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        // Attributes are the archive's, not a member's: their names say whom they are about.
        json.WriteStartObject("attributes");
        foreach (var session in sessions) WriteAttributes(json, session, merged);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenMemory;
    }

    private static void WriteAttributes(Utf8JsonWriter json, AlignedSession aligned, IReadOnlyCollection<AlignedBrowser> merged)
    {
        var id = aligned.Session.SessionId;
        json.WriteString($"orchestrator.session.{id}.outcome", Spelled(aligned.Session.Document?.Outcome) ?? "unknown");
        json.WriteString($"orchestrator.session.{id}.utc_at_zero", aligned.Timeline.UtcAtZero.UtcDateTime);
        foreach (var browser in aligned.Browsers.Where(merged.Contains))
        {
            var prefix = $"orchestrator.browser.{browser.MergedName}";
            json.WriteString($"{prefix}.session", id);
            json.WriteString($"{prefix}.outcome", Spelled(browser.Recorded.Document?.Outcome) ?? "unknown");
            json.WriteString($"{prefix}.clock", Spelled<ClockRelation>(browser.Clock.Relation)!);
            var (first, last) = (browser.Survey?.FirstNanos ?? 0, browser.Survey?.LastNanos ?? 0);
            json.WriteNumber($"{prefix}.clock_offset_ns", browser.Clock.OffsetAt(first + (last - first) / 2));
            if (browser.Clock.WorstBound(first, last) is { } bound) json.WriteNumber($"{prefix}.clock_bound_ns", bound);
        }
    }

    // As session.json spells it.
    private static string? Spelled<T>(T? value) where T : struct, Enum =>
        value is { } known ? JsonNamingPolicy.CamelCase.ConvertName(known.ToString()) : null;
}
