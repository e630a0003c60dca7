using System.Text.Json.Serialization;

namespace Orchestrator.Cdp.Protocol;

/// <summary>The Tracing domain: all of its commands, and its events but <c>dataCollected</c>, whose bytes never become objects (<see cref="CdpConnection.OnDataCollected"/>).</summary>
/// <remarks>One recording for each browser, whatever the number of connections; it belongs to the connection that started it. https://chromedevtools.github.io/devtools-protocol/tot/Tracing/</remarks>
public static class TracingDomain
{
    /// <summary>Starts the recording. -32000 while any client of this browser records; -32602 with both a trace config and the deprecated categories or options.</summary>
    public static readonly CdpCommand<TracingStartParams, CdpNothing> Start = new("Tracing.start", CdpJsonContext.Default.TracingStartParams, CdpJsonContext.Default.CdpNothing);

    /// <summary>Ends the recording that this connection started; the answer comes at once, <see cref="TracingComplete"/> when all is flushed. -32000 while idle.</summary>
    public static readonly CdpCommand<CdpNothing, CdpNothing> End = new("Tracing.end", CdpJsonContext.Default.CdpNothing, CdpJsonContext.Default.CdpNothing);

    /// <summary>The categories that the browser knows. Just after launch the list can be empty: ask again.</summary>
    public static readonly CdpCommand<CdpNothing, GetCategoriesResult> GetCategories = new("Tracing.getCategories", CdpJsonContext.Default.CdpNothing, CdpJsonContext.Default.GetCategoriesResult);

    /// <summary>The categories as a serialized <c>perfetto.protos.TrackEventDescriptor</c>.</summary>
    public static readonly CdpCommand<CdpNothing, GetTrackEventDescriptorResult> GetTrackEventDescriptor = new("Tracing.getTrackEventDescriptor", CdpJsonContext.Default.CdpNothing, CdpJsonContext.Default.GetTrackEventDescriptorResult);

    /// <summary>Writes a clock sync marker into the trace before it answers. -32000 while idle; a connection that did not start the recording may do it, too.</summary>
    public static readonly CdpCommand<RecordClockSyncMarkerParams, CdpNothing> RecordClockSyncMarker = new("Tracing.recordClockSyncMarker", CdpJsonContext.Default.RecordClockSyncMarkerParams, CdpJsonContext.Default.CdpNothing);

    /// <summary>Dumps the memory of all processes into the trace; without the category <c>disabled-by-default-memory-infra</c> success is false. -32000 while idle.</summary>
    public static readonly CdpCommand<RequestMemoryDumpParams, RequestMemoryDumpResult> RequestMemoryDump = new("Tracing.requestMemoryDump", CdpJsonContext.Default.RequestMemoryDumpParams, CdpJsonContext.Default.RequestMemoryDumpResult);

    /// <summary>How full the buffer is, every <see cref="TracingStartParams.BufferUsageReportingInterval"/> (Chromium: not more often than every 250 ms).</summary>
    public static readonly CdpEvent<BufferUsage> BufferUsage = new("Tracing.bufferUsage", CdpJsonContext.Default.BufferUsage);

    /// <summary>The recording is over and all of <c>dataCollected</c> has come, or the stream can be read.</summary>
    public static readonly CdpEvent<TracingComplete> TracingComplete = new("Tracing.tracingComplete", CdpJsonContext.Default.TracingComplete);
}

/// <summary>The parameters of <c>Tracing.start</c>; null leaves it to the browser. Chromium takes unknown enum values without a word, so they are enums here.</summary>
public sealed record TracingStartParams
{
    /// <summary>Deprecated by the protocol: a category filter such as <c>a,b,-c</c>; not together with <see cref="TraceConfig"/>.</summary>
    public string? Categories { get; init; }

    /// <summary>Deprecated by the protocol: tracing options such as <c>record-continuously,enable-sampling</c>; not together with <see cref="TraceConfig"/>.</summary>
    public string? Options { get; init; }

    /// <summary>Asks for <c>bufferUsage</c> events at this interval, in milliseconds.</summary>
    public double? BufferUsageReportingInterval { get; init; }

    /// <summary>Default of the protocol: <see cref="Protocol.TransferMode.ReportEvents"/>.</summary>
    public TransferMode? TransferMode { get; init; }

    /// <summary>Only for a stream (proto as events is refused, -32602); default of the protocol: <see cref="Protocol.StreamFormat.Json"/>.</summary>
    public StreamFormat? StreamFormat { get; init; }

    /// <summary>Only for a stream; default of the protocol: <see cref="Protocol.StreamCompression.None"/>.</summary>
    public StreamCompression? StreamCompression { get; init; }

    /// <summary>What is recorded and how.</summary>
    public TraceConfig? TraceConfig { get; init; }

    /// <summary>A serialized <c>perfetto.protos.TraceConfig</c> in base64; with it categories, options and trace config are ignored. Only for a stream, which is proto whatever <see cref="StreamFormat"/> says. -32602 if it does not parse or has no data source. It must enable the category <c>__metadata</c>, or clock sync markers are taken and not recorded.</summary>
    public string? PerfettoConfig { get; init; }

    /// <summary>Default of the protocol: <see cref="Protocol.TracingBackend.Auto"/>.</summary>
    public TracingBackend? TracingBackend { get; init; }

    /// <summary>The longer side of a screenshot in pixels, 1 to 4096, else -32602. Only from a page (its endpoint or a session), with the category <c>disabled-by-default-devtools.screenshot</c>.</summary>
    public int? ScreenshotMaxSize { get; init; }

    /// <summary>How many screenshots at most, at least 1, else -32602; the same conditions.</summary>
    public int? ScreenshotMaxCount { get; init; }
}

/// <summary>What is recorded and how; null leaves it to the browser.</summary>
public sealed record TraceConfig
{
    /// <summary>Default of the protocol: <see cref="Protocol.RecordMode.RecordUntilFull"/>.</summary>
    public RecordMode? RecordMode { get; init; }

    /// <summary>The size of the buffer in kilobytes; null or 0: 200 MB.</summary>
    public double? TraceBufferSizeInKb { get; init; }

    /// <summary>Samples JavaScript stacks. Without effect on the trace in Chromium 156: the category <c>disabled-by-default-v8.cpu_profiler</c> does it.</summary>
    public bool? EnableSampling { get; init; }

    /// <summary>Traces the system as well, where Chromium can (ChromeOS).</summary>
    public bool? EnableSystrace { get; init; }

    /// <summary>Keeps only the arguments on Chromium's allow list. Without effect on the trace in Chromium 156.</summary>
    public bool? EnableArgumentFilter { get; init; }

    public IReadOnlyList<string>? IncludedCategories { get; init; }

    public IReadOnlyList<string>? ExcludedCategories { get; init; }

    /// <summary>Delays to be made up, in Chromium's own syntax. Chromium 156 takes them and does nothing with them.</summary>
    public IReadOnlyList<string>? SyntheticDelays { get; init; }

    /// <summary>Triggers of memory dumps; only with the category <c>disabled-by-default-memory-infra</c>.</summary>
    public MemoryDumpConfig? MemoryDumpConfig { get; init; }
}

/// <summary>Where trace data goes.</summary>
[JsonConverter(typeof(WireEnumConverter<TransferMode>))]
public enum TransferMode
{
    /// <summary>As <c>dataCollected</c> events, always JSON.</summary>
    ReportEvents,

    /// <summary>To a stream that is read with <c>IO.read</c>.</summary>
    ReturnAsStream,
}

/// <summary>How the buffer stores data.</summary>
[JsonConverter(typeof(WireEnumConverter<RecordMode>))]
public enum RecordMode
{
    /// <summary>Stops when the buffer is full.</summary>
    [JsonStringEnumMemberName("recordUntilFull")] RecordUntilFull,

    /// <summary>A ring: the oldest goes.</summary>
    [JsonStringEnumMemberName("recordContinuously")] RecordContinuously,

    /// <summary>In Chromium 156 it overflows at the set size all the same.</summary>
    [JsonStringEnumMemberName("recordAsMuchAsPossible")] RecordAsMuchAsPossible,

    /// <summary>Chromium 156 takes it for <see cref="RecordUntilFull"/>.</summary>
    [JsonStringEnumMemberName("echoToConsole")] EchoToConsole,
}

/// <summary>The format of a stream.</summary>
[JsonConverter(typeof(WireEnumConverter<StreamFormat>))]
public enum StreamFormat
{
    [JsonStringEnumMemberName("json")] Json,
    [JsonStringEnumMemberName("proto")] Proto,
}

/// <summary>The compression of a stream.</summary>
[JsonConverter(typeof(WireEnumConverter<StreamCompression>))]
public enum StreamCompression
{
    [JsonStringEnumMemberName("none")] None,
    [JsonStringEnumMemberName("gzip")] Gzip,
}

/// <summary>How much a memory dump tells.</summary>
[JsonConverter(typeof(WireEnumConverter<MemoryDumpLevelOfDetail>))]
public enum MemoryDumpLevelOfDetail
{
    [JsonStringEnumMemberName("background")] Background,
    [JsonStringEnumMemberName("light")] Light,
    [JsonStringEnumMemberName("detailed")] Detailed,
}

/// <summary>Which tracing service records.</summary>
[JsonConverter(typeof(WireEnumConverter<TracingBackend>))]
public enum TracingBackend
{
    /// <summary>The system's when the perfetto config has a data source that is not Chromium's, else Chromium's.</summary>
    [JsonStringEnumMemberName("auto")] Auto,

    /// <summary>Chromium's own, on all platforms.</summary>
    [JsonStringEnumMemberName("chrome")] Chrome,

    /// <summary>Perfetto's service of the operating system. Where there is none, Chromium 156 refuses it (-32000 <c>Peer disconnected</c>), and no connection can record any more until the one that asked is closed.</summary>
    [JsonStringEnumMemberName("system")] System,
}

/// <param name="Categories">Names such as <c>devtools.timeline</c> or <c>disabled-by-default-cpu_profiler</c>.</param>
public sealed record GetCategoriesResult(IReadOnlyList<string> Categories);

/// <param name="Descriptor">Base64.</param>
public sealed record GetTrackEventDescriptorResult(string Descriptor);

/// <param name="SyncId">Stands in the trace as <c>sync_id</c>.</param>
public sealed record RecordClockSyncMarkerParams(string SyncId);

/// <param name="Deterministic">Collects garbage first.</param>
/// <param name="LevelOfDetail">Default of the protocol: <see cref="MemoryDumpLevelOfDetail.Detailed"/>.</param>
public sealed record RequestMemoryDumpParams(bool? Deterministic = null, MemoryDumpLevelOfDetail? LevelOfDetail = null);

/// <param name="DumpGuid">Such as <c>0x9</c>. A JSON trace numbers its dumps anew, in the same order.</param>
public sealed record RequestMemoryDumpResult(string DumpGuid, bool Success);

/// <param name="PercentFull">0 to 1, in spite of its name; Chromium stops a little below 1.</param>
/// <param name="EventCount">Always 0 in Chromium 156: rely on <paramref name="PercentFull"/>.</param>
/// <param name="Value">0 to 1, the same as <paramref name="PercentFull"/>.</param>
public sealed record BufferUsage(double? PercentFull = null, double? EventCount = null, double? Value = null);

/// <param name="DataLossOccurred">The buffer overflowed or wrapped.</param>
/// <param name="Stream">The handle to read, for a stream.</param>
public sealed record TracingComplete(bool DataLossOccurred, string? Stream = null, StreamFormat? TraceFormat = null, StreamCompression? StreamCompression = null);
