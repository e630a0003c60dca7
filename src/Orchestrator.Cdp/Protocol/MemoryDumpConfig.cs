using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Cdp.Protocol;

/// <summary>The protocol leaves this object open; it is kept and sent as it was given.</summary>
/// <remarks>Chromium reads, for instance, <c>{"triggers":[{"mode":"light","periodic_interval_ms":250}]}</c> (base/trace_event/trace_config_memory_test_util.h).</remarks>
[JsonConverter(typeof(Converter))]
public sealed record MemoryDumpConfig
{
    /// <exception cref="ArgumentException">It is no object.</exception>
    public MemoryDumpConfig(JsonElement json) =>
        Json = json.ValueKind == JsonValueKind.Object ? json.Clone() : throw new ArgumentException("A memory dump config is a JSON object.", nameof(json));

    /// <summary>The object as it was given.</summary>
    public JsonElement Json { get; }

    /// <summary>Reads one from text.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="ArgumentException">It is no object.</exception>
    public static MemoryDumpConfig Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return new MemoryDumpConfig(document.RootElement);
    }

    public bool Equals(MemoryDumpConfig? other) => other is not null && JsonElement.DeepEquals(Json, other.Json);

    // Equal objects may order their properties differently, so the text cannot be hashed; there are never many.
    public override int GetHashCode() => Json.GetPropertyCount();

    internal sealed class Converter : JsonConverter<MemoryDumpConfig>
    {
        public override MemoryDumpConfig Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException("A memory dump config is a JSON object.");
            return new MemoryDumpConfig(JsonElement.ParseValue(ref reader));
        }

        public override void Write(Utf8JsonWriter writer, MemoryDumpConfig value, JsonSerializerOptions options) => value.Json.WriteTo(writer);
    }
}
