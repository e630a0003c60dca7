using System.Text.Json;
using Orchestrator.Tracing.Formats;

namespace Orchestrator.Tracing.Merging;

internal static class JsonValues
{
    /// <summary>An instant or a duration as trace events write it: exact microseconds.</summary>
    public static void WriteMicros(Utf8JsonWriter json, string name, long nanos)
    {
        Span<byte> text = stackalloc byte[JsonTime.MostBytes];
        json.WritePropertyName(name);
        json.WriteRawValue(text[..JsonTime.WriteMicros(nanos, text)], skipInputValidation: true);
    }

    /// <summary>A metadata event about a process or a thread.</summary>
    public static void WriteMetadata(Utf8JsonWriter json, string name, long processId, long threadId, long nanos, string key, string text)
    {
        BeginMetadata(json, name, processId, threadId, nanos);
        json.WriteString(key, text);
        EndMetadata(json);
    }

    /// <inheritdoc cref="WriteMetadata(Utf8JsonWriter, string, long, long, long, string, string)"/>
    public static void WriteMetadata(Utf8JsonWriter json, string name, long processId, long threadId, long nanos, string key, long number)
    {
        BeginMetadata(json, name, processId, threadId, nanos);
        json.WriteNumber(key, number);
        EndMetadata(json);
    }

    private static void BeginMetadata(Utf8JsonWriter json, string name, long processId, long threadId, long nanos)
    {
        json.WriteStartObject();
        json.WriteString("cat", "__metadata");
        json.WriteString("name", name);
        json.WriteString("ph", "M");
        json.WriteNumber("pid", processId);
        json.WriteNumber("tid", threadId);
        WriteMicros(json, "ts", nanos);
        json.WriteStartObject("args");
    }

    private static void EndMetadata(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
