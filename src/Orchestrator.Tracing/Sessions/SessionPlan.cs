using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Tracing.Sessions;

/// <summary>What a session is to do: decided once, persisted with its first event, never changed.</summary>
public sealed record SessionPlan
{
    /// <summary>Letters, digits and hyphens; names the session everywhere.</summary>
    public required string SessionId { get; init; }

    /// <summary>The absolute path of the session's folder.</summary>
    public required string OutputFolder { get; init; }

    public required IReadOnlyList<BrowserTarget> Targets { get; init; }

    /// <summary>How browsers are launched; null when none is.</summary>
    public LaunchPlan? Launch { get; init; }

    public required TracingPlan Tracing { get; init; }
    public required WindowPlan Window { get; init; }

    /// <summary>How many browsers must be ready and recording for the session to go on.</summary>
    public required Requirement Require { get; init; }

    public required PhaseTimeouts Timeouts { get; init; }

    /// <summary>What is made of the traces when all are there.</summary>
    public MergeChoice Merge { get; init; }

    /// <summary>The widest clock bound that the user accepts; null: any.</summary>
    public TimeSpan? MaxClockError { get; init; }
}

/// <summary>A browser to record: one to launch, or one that runs and is attached to.</summary>
public sealed record BrowserTarget
{
    /// <summary>Unique in the session, and the stem of its files: b1, b2, …</summary>
    public required string Name { get; init; }

    /// <summary>Where the running browser is; null: one is launched.</summary>
    public string? Endpoint { get; init; }

    /// <summary>What it opens when the window opens; null: its pages are left as they are.</summary>
    public string? Url { get; init; }

    /// <summary>The node that records it; null: the coordinator chooses.</summary>
    public string? Node { get; init; }

    [JsonIgnore]
    public bool IsLaunched => Endpoint is null;
}

/// <param name="ChromePath">The browser's executable.</param>
/// <param name="Arguments">Further arguments, after the orchestrator's own.</param>
public sealed record LaunchPlan(string ChromePath, IReadOnlyList<string> Arguments);

/// <summary>How the browsers record and how the trace comes back.</summary>
public sealed record TracingPlan
{
    /// <summary>The parameters of <c>Tracing.start</c>, exactly as they are sent.</summary>
    public required JsonElement Start { get; init; }

    public required TraceTransfer Transfer { get; init; }
    public required TraceFormat Format { get; init; }
    public required TraceCompression Compression { get; init; }

    /// <summary>What a trace of this kind is called: <c>.pftrace.gz</c>, <c>.json</c>, …</summary>
    [JsonIgnore]
    public string FileExtension =>
        (Format is TraceFormat.Proto ? ".pftrace" : ".json") + (Compression is TraceCompression.Gzip ? ".gz" : "");
}

[JsonConverter(typeof(JsonStringEnumConverter<TraceTransfer>))]
public enum TraceTransfer
{
    /// <summary>The trace is a stream that is read when recording is over (<c>ReturnAsStream</c>).</summary>
    [JsonStringEnumMemberName("stream")] Stream,

    /// <summary>The trace comes as <c>Tracing.dataCollected</c> events (<c>ReportEvents</c>).</summary>
    [JsonStringEnumMemberName("events")] Events,
}

[JsonConverter(typeof(JsonStringEnumConverter<TraceFormat>))]
public enum TraceFormat
{
    [JsonStringEnumMemberName("proto")] Proto,
    [JsonStringEnumMemberName("json")] Json,
}

[JsonConverter(typeof(JsonStringEnumConverter<TraceCompression>))]
public enum TraceCompression
{
    [JsonStringEnumMemberName("gzip")] Gzip,
    [JsonStringEnumMemberName("none")] None,
}

/// <summary>What happens between start and end; offsets count from the window's opening.</summary>
public sealed record WindowPlan
{
    public required TimeSpan Duration { get; init; }
    public IReadOnlyList<PlannedMarker> Markers { get; init; } = [];

    /// <summary>Between two clock sync markers of the cadence.</summary>
    public required TimeSpan MarkEvery { get; init; }

    public IReadOnlyList<PlannedMemoryDump> MemoryDumps { get; init; } = [];
    public bool MemoryDumpDeterministic { get; init; }
}

/// <summary>A labelled marker that all browsers get at once.</summary>
public sealed record PlannedMarker(string Label, TimeSpan Offset);

/// <param name="Level"><c>background</c>, <c>light</c> or <c>detailed</c>.</param>
public sealed record PlannedMemoryDump(string Level, TimeSpan Offset);

/// <summary>How long each phase may take before the laggards are named and left behind.</summary>
public sealed record PhaseTimeouts(TimeSpan Prepare, TimeSpan Start, TimeSpan Flush);
