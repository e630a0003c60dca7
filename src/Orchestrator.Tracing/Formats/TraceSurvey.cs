using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Formats;

/// <summary>A clock sync marker as it stands in a trace.</summary>
/// <param name="SyncId">The text that was given to <c>Tracing.recordClockSyncMarker</c>.</param>
/// <param name="BrowserNanos">Its instant, nanoseconds of the browser's clock (whole microseconds).</param>
public sealed record TraceMarker(string SyncId, long BrowserNanos);

/// <summary>What one pass over a trace's bytes finds, whatever its format; memory does not grow with the trace.</summary>
public record TraceSurvey
{
    public required TraceFormat Format { get; init; }

    /// <summary>In the order in which they stand in the trace; a marker that stands there twice is there twice.</summary>
    public required IReadOnlyList<TraceMarker> Markers { get; init; }

    /// <summary>JSON: events. Proto: packets.</summary>
    public required long Events { get; init; }

    /// <summary>Bytes after decompression.</summary>
    public required long ExpandedBytes { get; init; }

    /// <summary>The earliest instant of an event in the trace, nanoseconds of the browser's clock; null when there is none.</summary>
    public long? FirstNanos { get; init; }

    /// <summary>The latest instant, ends of slices included.</summary>
    public long? LastNanos { get; init; }

    /// <summary>Null: well formed to its end. Else where it breaks off and how, in a sentence's middle: <c>breaks off after 12,345 bytes, in the middle of an event</c>.</summary>
    public string? CutOff { get; init; }

    /// <summary>What the trace itself says was lost, by the name it has there (such as <c>chunks_overwritten</c>); only what is above 0.</summary>
    public IReadOnlyDictionary<string, long> Losses { get; init; } = new Dictionary<string, long>();
}

/// <summary>A file that is no trace at all, or one that must not be read on (a gzip bomb). The message does not name the file.</summary>
public sealed class NotATraceException(string message, Exception? cause = null) : Exception(message, cause);
