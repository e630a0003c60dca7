using System.Text.Json;

namespace Orchestrator.Tracing.Merging;

/// <summary>The orchestrator's own account as trace events: a process for the session, a thread for each line.</summary>
internal static class SessionTrackEvents
{
    private const string Category = "orchestrator";

    /// <summary>The earliest instant in them; null when they tell of none.</summary>
    public static long? First(SessionTracks tracks)
    {
        var instants = tracks.Lines.SelectMany(line => line.Slices.Select(slice => slice.FromNanos)
            .Concat(line.Instants.Select(instant => instant.AtNanos))
            .Concat(line.Counters.SelectMany(counter => counter.Samples).Select(sample => sample.AtNanos))).ToList();
        return instants.Count == 0 ? null : instants.Min();
    }

    /// <param name="sortIndex">Below all browsers'.</param>
    public static void Write(MergedEvents events, SessionTracks tracks, long processId, int sortIndex, long metadataNanos, long shiftNanos)
    {
        events.Write(json => JsonValues.WriteMetadata(json, "process_name", processId, 0, metadataNanos, "name", $"Orchestrator {tracks.SessionId}"));
        events.Write(json => JsonValues.WriteMetadata(json, "process_sort_index", processId, 0, metadataNanos, "sort_index", sortIndex));
        for (var i = 0; i < tracks.Lines.Count; i++)
        {
            var line = tracks.Lines[i];
            var thread = i + 1;
            events.Write(json => JsonValues.WriteMetadata(json, "thread_name", processId, thread, metadataNanos, "name", line.Name));
            var place = i;
            events.Write(json => JsonValues.WriteMetadata(json, "thread_sort_index", processId, thread, metadataNanos, "sort_index", place));
            foreach (var slice in line.Slices)
            {
                events.Write(json =>
                {
                    Begin(json, slice.Name, "X", processId, thread, slice.FromNanos + shiftNanos);
                    JsonValues.WriteMicros(json, "dur", Math.Max(0, slice.UntilNanos - slice.FromNanos));
                    End(json, slice.Arguments);
                });
            }

            foreach (var instant in line.Instants)
            {
                events.Write(json =>
                {
                    Begin(json, instant.Name, "I", processId, thread, instant.AtNanos + shiftNanos);
                    json.WriteString("s", "t");
                    End(json, instant.Arguments);
                });
            }

            foreach (var counter in line.Counters)
            {
                foreach (var sample in counter.Samples)
                {
                    if (!double.IsFinite(sample.Value)) continue;
                    events.Write(json =>
                    {
                        Begin(json, $"{line.Name} {counter.Name}", "C", processId, thread, sample.AtNanos + shiftNanos);
                        json.WriteStartObject("args");
                        json.WriteNumber(counter.Unit, sample.Value);
                        json.WriteEndObject();
                        json.WriteEndObject();
                    });
                }
            }
        }
    }

    private static void Begin(Utf8JsonWriter json, string name, string phase, long processId, long threadId, long nanos)
    {
        json.WriteStartObject();
        json.WriteString("cat", Category);
        json.WriteString("name", name);
        json.WriteString("ph", phase);
        json.WriteNumber("pid", processId);
        json.WriteNumber("tid", threadId);
        JsonValues.WriteMicros(json, "ts", nanos);
    }

    private static void End(Utf8JsonWriter json, IReadOnlyDictionary<string, string> arguments)
    {
        json.WriteStartObject("args");
        foreach (var (name, value) in arguments) json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
