using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Formats;

/// <summary>Reads Chrome's JSON traces.</summary>
public static class JsonTraceReader
{
    // Between two looks at the file's position, and at the cancellation.
    private const long ReportBytes = 1 << 20;

    /// <summary>One pass over the whole trace; blocks. Memory does not grow with the trace.</summary>
    /// <exception cref="NotATraceException">It is JSON that is no trace, or no JSON from its first event on, or a gzip bomb.</exception>
    public static JsonTraceSurvey Survey(TraceInput input, Action<long>? filePosition, CancellationToken cancellationToken)
    {
        return Survey(new JsonEventReader(input), () => filePosition?.Invoke(input.FilePosition), cancellationToken);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static JsonTraceSurvey Survey(JsonEventReader reader, Action report, CancellationToken cancellationToken)
    {
        var found = new Findings();
        var reported = 0L;
        while (reader.Read())
        {
            found.Look(reader.Event, reader.Fields);
            if (reader.ExpandedBytes - reported < ReportBytes) continue;
            reported = reader.ExpandedBytes;
            report();
            cancellationToken.ThrowIfCancellationRequested();
        }

        report();
        return new JsonTraceSurvey
        {
            Format = TraceFormat.Json,
            Markers = found.Markers,
            Events = reader.Events,
            ExpandedBytes = reader.ExpandedBytes,
            FirstNanos = found.First,
            LastNanos = found.Last,
            CutOff = reader.CutOff,
            Losses = JsonTraceMetadata.Losses(reader.Metadata),
            ProcessIds = found.ProcessIds,
            ProcessNames = found.ProcessNames,
            Frames = found.Frames.ToList(),
            Metadata = reader.Metadata,
            PassedOver = reader.PassedOver,
        };
    }

    private sealed class Findings
    {
        private long _latestProcess = -1;

        public List<TraceMarker> Markers { get; } = [];
        public HashSet<long> ProcessIds { get; } = [];
        public Dictionary<long, string> ProcessNames { get; } = [];
        public JsonFrames Frames { get; } = new();
        public long? First { get; private set; }
        public long? Last { get; private set; }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Look(ReadOnlySpan<byte> bytes, in JsonEventFields fields)
        {
            if (JsonFrames.TryReadNumber(fields.ProcessId, bytes, out var process) && process != _latestProcess) ProcessIds.Add(_latestProcess = process);
            var phase = fields.PhaseOf(bytes);
            if (!fields.Timestamp.IsEmpty && JsonTime.TryReadMicros(fields.Timestamp.Of(bytes), out var begin) && (phase != 'M' || begin != 0))
            {
                var end = begin;
                if (phase == 'X' && !fields.Duration.IsEmpty && JsonTime.TryReadMicros(fields.Duration.Of(bytes), out var duration)) end += Math.Max(0, duration);
                if (First is not { } first || begin < first) First = begin;
                if (Last is not { } last || end > last) Last = end;
                if (phase == 'c' && fields.IsNamed(bytes, "clock_sync"u8) && SyncId(fields.Arguments, bytes) is { } syncId) Markers.Add(new TraceMarker(syncId, begin));
            }

            if (phase == 'M')
            {
                if (fields.IsNamed(bytes, "process_name"u8) && Argument(fields.Arguments, bytes, "name"u8) is { } name) ProcessNames[process] = name;
                return;
            }

            Frames.Look(bytes, fields);
        }

        private static string? SyncId(JsonPiece arguments, ReadOnlySpan<byte> bytes) => Argument(arguments, bytes, "sync_id"u8);

        private static string? Argument(JsonPiece arguments, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name)
        {
            if (arguments.IsEmpty) return null;
            try
            {
                var reader = new Utf8JsonReader(arguments.Of(bytes));
                while (reader.Read())
                {
                    if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1 || !reader.ValueTextEquals(name)) continue;
                    return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // Nested too deeply, or half a surrogate pair: not a text that anyone sent.
            }

            return null;
        }
    }
}
