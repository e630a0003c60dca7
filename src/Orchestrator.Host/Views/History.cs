using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Actors.Views;
using Orchestrator.Tracing.Sessions;
using Spectre.Console;

namespace Orchestrator.Host.Views;

/// <summary>The journal, for people and for scripts.</summary>
internal static class History
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    public static void WriteTable(IReadOnlyList<SessionSummary> sessions, TimeProvider time, IAnsiConsole to)
    {
        var table = new Table { Border = to.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumns("session", "started", "took", "browsers", "outcome", "folder");
        foreach (var right in (int[])[2, 3]) table.Columns[right].RightAligned();
        foreach (var session in sessions)
        {
            table.AddRow(
                new Text(session.SessionId),
                new Text(Figures.Local(session.OpenedAt, time)),
                new Text(session.EndedAt is { } ended ? Figures.Seconds(ended - session.OpenedAt) : "-"),
                new Text(session.Browsers.ToString(CultureInfo.InvariantCulture)),
                new Markup($"[{Figures.Colour(session.Outcome)}]{Figures.Outcome(session.Outcome)}[/]"),
                new Text(session.Folder));
        }

        to.Write(table);
    }

    public static string Json(IReadOnlyList<SessionSummary> sessions) =>
        JsonSerializer.Serialize(sessions, SessionJsonContext.Default.IReadOnlyListSessionSummary);

    /// <summary>Number, instant, name and body, one event a line.</summary>
    public static string Line(JournalEntry entry) =>
        string.Create(CultureInfo.InvariantCulture, $"{entry.SequenceNr} {entry.At.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ} {entry.Manifest} {entry.Json.ReplaceLineEndings(" ")}");

    public static string Json(IReadOnlyList<JournalEntry> entries)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Indented))
        {
            json.WriteStartArray();
            foreach (var entry in entries)
            {
                json.WriteStartObject();
                json.WriteNumber("sequenceNr", entry.SequenceNr);
                json.WriteString("at", entry.At);
                json.WriteString("manifest", entry.Manifest);
                json.WritePropertyName("event");
                json.WriteRawValue(entry.Json);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
