using System.Text.Json;

namespace Orchestrator.Tracing.Formats;

/// <summary>What a Chrome JSON trace's <c>metadata</c> says of its losses: its trace processor's statistics, in <c>trace_processor_stats</c>.</summary>
internal static class JsonTraceMetadata
{
    /// <summary>
    /// What Perfetto classes as data loss (src/trace_processor/storage/stats.h, kDataLoss) and Chromium's data sources can meet; beside
    /// these the family <c>data_loss_*</c>, and the two that count what a buffer threw away.
    /// </summary>
    private static readonly HashSet<string> LossNames =
    [
        "abi_violations",
        "chunks_discarded",
        "chunks_overwritten",
        "clock_sync_failure_undeferrable_packet_loss",
        "incremental_sequences_dropped",
        "patches_failed",
        "sequence_packet_loss",
        "trace_writer_packet_loss",
        "traced_final_flush_failed",
        "traced_flushes_failed",
    ];

    /// <summary>Sums over the buffers, by the statistic's name; only what is above 0.</summary>
    public static IReadOnlyDictionary<string, long> Losses(ReadOnlyMemory<byte>? metadata)
    {
        var losses = new SortedDictionary<string, long>(StringComparer.Ordinal);
        if (metadata is not { } utf8 || Parse(utf8) is not { } document) return losses;
        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("trace_processor_stats", out var stats) || stats.ValueKind != JsonValueKind.Object) return losses;
            Add(stats, losses);
            if (stats.TryGetProperty("traced_buf", out var buffers) && buffers.ValueKind == JsonValueKind.Array)
            {
                foreach (var buffer in buffers.EnumerateArray())
                    if (buffer.ValueKind == JsonValueKind.Object) Add(buffer, losses);
            }
        }

        return losses;
    }

    /// <summary>Null when it is not JSON.</summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return JsonDocument.Parse(utf8);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Add(JsonElement stats, SortedDictionary<string, long> losses)
    {
        foreach (var stat in stats.EnumerateObject())
        {
            if (NameOf(stat) is not { } name || (!LossNames.Contains(name) && !name.StartsWith("data_loss_", StringComparison.Ordinal)) || stat.Value.ValueKind != JsonValueKind.Number || !stat.Value.TryGetInt64(out var count) || count <= 0) continue;
            losses[name] = losses.GetValueOrDefault(name) + count;
        }
    }

    /// <summary>Null: half a surrogate pair in it, which is JSON but no text.</summary>
    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
