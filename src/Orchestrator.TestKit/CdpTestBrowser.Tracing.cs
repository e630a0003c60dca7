using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.TestKit;

/// <summary>A recording: how it was started and what happened in it.</summary>
/// <param name="Format"><c>json</c> or <c>proto</c>.</param>
/// <param name="Compression"><c>none</c> or <c>gzip</c>.</param>
/// <param name="AsStream">Or as <c>dataCollected</c> events.</param>
/// <param name="Markers">The clock sync markers with their instants on the browser's clock, in microseconds.</param>
public sealed record CdpTestRecording(CdpTestRequest Start, string Format, string Compression, bool AsStream, IReadOnlyList<(string SyncId, double Micros)> Markers);

/// <summary>The Tracing and IO domains. One recording for each browser, which belongs to the session that started it.</summary>
public sealed partial class CdpTestBrowser
{
    private readonly Dictionary<string, OpenStream> _streams = [];
    private Recorder? _recorder;
    private int _dumps;

    /// <summary>The categories; the default is a handful of Chromium's 289.</summary>
    public IReadOnlyList<string> Categories { get; set; } = ["__metadata", "benchmark", "blink", "cc", "devtools.timeline", "disabled-by-default-memory-infra", "v8"];

    /// <summary>How often <c>getCategories</c> is answered with nothing first, as a browser does that has only just started.</summary>
    public int EmptyCategoryAnswers { get; set; }

    /// <summary>What a recording yields, before compression; default: a small trace that holds its clock sync markers (JSON only).</summary>
    public Func<CdpTestRecording, ReadOnlyMemory<byte>> Trace { get; set; } = DefaultTrace;

    /// <summary>What the events of a recording are, as JSON objects: one message for each inner list. Default: one message with the clock sync markers.</summary>
    public Func<CdpTestRecording, IEnumerable<IReadOnlyList<string>>> TraceEvents { get; set; } = recording => [MarkerEvents(recording.Markers)];

    /// <summary>The fractions that <c>bufferUsage</c> reports, all at once when the recording has started, if events were asked for.</summary>
    public IReadOnlyList<double> BufferUsage { get; set; } = [];

    /// <summary>The browser's monotonic clock; default: the machine's.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>Fault: <c>Tracing.start</c> is refused with this error.</summary>
    public (int Code, string Message)? RefuseStart { get; set; }

    /// <summary>Fault: <c>tracingComplete</c> never comes.</summary>
    public bool NeverCompletes { get; set; }

    /// <summary>Fault: <c>dataLossOccurred</c>.</summary>
    public bool DataLoss { get; set; }

    /// <summary>Fault: the connection is reset when this much of a stream has been read, in bytes.</summary>
    public long? DropAfterStreamBytes { get; set; }

    /// <summary>Whether somebody records.</summary>
    public bool IsRecording
    {
        get
        {
            lock (_gate)
                return _recorder is not null;
        }
    }

    private static byte[] Compress(ReadOnlyMemory<byte> bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(bytes.Span);
        return compressed.ToArray();
    }

    private static ReadOnlyMemory<byte> DefaultTrace(CdpTestRecording recording) => recording.Format == "proto"
        ? new byte[] { 0x0A, 0x02, 0x50, 0x01 } // one TracePacket with nothing but a trusted_packet_sequence_id
        : Encoding.UTF8.GetBytes($"{{\"traceEvents\":[{string.Join(",\n", MarkerEvents(recording.Markers))}],\"metadata\":{{}}}}");

    private static IReadOnlyList<string> MarkerEvents(IEnumerable<(string SyncId, double Micros)> markers) =>
    [
        .. markers.Select(m => new JsonObject
        {
            ["args"] = new JsonObject { ["sync_id"] = m.SyncId },
            ["cat"] = "__metadata",
            ["name"] = "clock_sync",
            ["ph"] = "c",
            ["pid"] = 1,
            ["tid"] = 1,
            ["ts"] = m.Micros,
        }.ToJsonString()),
    ];

    private double NowMicros() => Clock.GetTimestamp() * 1e6 / Clock.TimestampFrequency;

    private void ForgetTracing(CdpTestConnection connection)
    {
        if (_recorder?.Start.Connection == connection)
            _recorder = null;
        foreach (var (handle, _) in _streams.Where(s => s.Value.Connection == connection).ToArray())
            _streams.Remove(handle);
    }

    private CdpTestAnswer? BehaveTracing(CdpTestRequest request) => request.Method switch
    {
        "Tracing.getCategories" => GetCategories(),
        "Tracing.getTrackEventDescriptor" => CdpTestAnswer.Result("{\"descriptor\":\"CgA=\"}"),
        "Tracing.start" => StartTracing(request),
        "Tracing.end" => EndTracing(request),
        "Tracing.recordClockSyncMarker" => WhileRecording(recorder =>
        {
            recorder.Markers.Add((request.Text("syncId") ?? "", NowMicros()));
            return CdpTestAnswer.Result();
        }),
        "Tracing.requestMemoryDump" => WhileRecording(recorder => CdpTestAnswer.Result(new JsonObject
        {
            ["dumpGuid"] = $"0x{++_dumps:x}",
            ["success"] = recorder.Start.Params.ToString().Contains("memory-infra", StringComparison.Ordinal),
        })),
        "IO.read" => Read(request),
        "IO.close" => _streams.Remove(request.Text("handle") ?? "") ? CdpTestAnswer.Result() : InvalidHandle,
        _ => null,
    };

    private static CdpTestAnswer InvalidHandle => CdpTestAnswer.Error(-32602, "Invalid stream handle");

    private static CdpTestAnswer NotStarted => CdpTestAnswer.Error(-32000, "Tracing is not started");

    private CdpTestAnswer GetCategories()
    {
        var known = EmptyCategoryAnswers-- > 0 ? [] : Categories;
        return CdpTestAnswer.Result(new JsonObject { ["categories"] = new JsonArray([.. known.Select(JsonNode? (c) => c)]) });
    }

    private CdpTestAnswer WhileRecording(Func<Recorder, CdpTestAnswer> answer) => _recorder is { } recorder ? answer(recorder) : NotStarted;

    private CdpTestAnswer StartTracing(CdpTestRequest request)
    {
        if (_recorder is not null)
            return CdpTestAnswer.Error(-32000, "Tracing has already been started (possibly in another tab).");
        if (request.Has("traceConfig") && (request.Has("categories") || request.Has("options")))
            return CdpTestAnswer.Error(-32602, "Either trace config (preferred), or categories+options should be specified, but not both.");
        if (RefuseStart is { } refusal)
            return CdpTestAnswer.Error(refusal.Code, refusal.Message);
        if (request.Text("perfettoConfig") is { } config && PerfettoConfigCheck.Refuse(config) is { } wrong)
            return wrong;
        if (request.Text("transferMode") != "ReturnAsStream" && (request.Has("perfettoConfig") || request.Text("streamFormat") == "proto"))
            return CdpTestAnswer.Error(-32602, "Proto format is only supported when using stream transfer mode.");

        _recorder = new Recorder(request);
        if (_recorder.IsStuck)
            return CdpTestAnswer.Error(-32000, "Peer disconnected");
        var answer = CdpTestAnswer.Result();
        if (request.Has("bufferUsageReportingInterval"))
        {
            foreach (var part in BufferUsage)
                answer = answer.Then(CdpTestAnswer.Event("Tracing.bufferUsage", new JsonObject { ["percentFull"] = part, ["eventCount"] = 0, ["value"] = part }));
        }

        return answer;
    }

    private CdpTestAnswer EndTracing(CdpTestRequest request)
    {
        if (_recorder is not { } recorder || recorder.Start.Connection != request.Connection || recorder.Start.SessionId != request.SessionId)
            return NotStarted;
        if (recorder.IsStuck)
            return CdpTestAnswer.Error(-32000, "Tracing failed");
        _recorder = null;

        var recording = recorder.ToRecording();
        var complete = new JsonObject { ["dataLossOccurred"] = DataLoss };
        var answer = CdpTestAnswer.Result();
        if (recording.AsStream)
        {
            var bytes = Trace(recording);
            var stream = new OpenStream(request.Connection, request.SessionId, recording.Compression == "gzip" ? Compress(bytes) : bytes, recording.Format == "proto" || recording.Compression == "gzip");
            var handle = $"{++_ids}";
            _streams[handle] = stream;
            (complete["stream"], complete["traceFormat"], complete["streamCompression"]) = (handle, recording.Format, recording.Compression);
        }
        else
        {
            foreach (var events in TraceEvents(recording))
                answer = answer.Then(CdpTestAnswer.Do(r => r.Connection.SendEventAsync("Tracing.dataCollected", $"{{\"value\":[{string.Join(',', events)}]}}", r.SessionId)));
        }

        return NeverCompletes ? answer : answer.Then(CdpTestAnswer.Event("Tracing.tracingComplete", complete));
    }

    private CdpTestAnswer Read(CdpTestRequest request)
    {
        const int chromiumsOwnSize = 10 << 20;
        if (!_streams.TryGetValue(request.Text("handle") ?? "", out var stream) || stream.Connection != request.Connection || stream.SessionId != request.SessionId)
            return InvalidHandle;

        stream.Position = request.Number("offset") ?? stream.Position;
        var part = stream.Next((int)(request.Number("size") ?? chromiumsOwnSize));
        if (DropAfterStreamBytes is { } most && stream.Position > most)
            return CdpTestAnswer.Drop;
        return CdpTestAnswer.Result(new JsonObject
        {
            ["base64Encoded"] = stream.IsBinary,
            ["data"] = stream.IsBinary ? Convert.ToBase64String(part.Span) : Encoding.UTF8.GetString(part.Span),
            ["eof"] = part.IsEmpty, // Chromium tells the end with an answer of its own
        });
    }

    private sealed class Recorder(CdpTestRequest start)
    {
        public CdpTestRequest Start { get; } = start;

        public List<(string SyncId, double Micros)> Markers { get; } = [];

        /// <summary>It waits for a service of the system that is not there. Chromium does not recover from that until the connection is closed.</summary>
        public bool IsStuck { get; } = start.Text("tracingBackend") == "system";

        public CdpTestRecording ToRecording() =>
            new(Start, Start.Has("perfettoConfig") ? "proto" : Start.Text("streamFormat") ?? "json", Start.Text("streamCompression") ?? "none", Start.Text("transferMode") == "ReturnAsStream", [.. Markers]);
    }

    private sealed class OpenStream(CdpTestConnection connection, string? sessionId, ReadOnlyMemory<byte> bytes, bool isBinary)
    {
        public CdpTestConnection Connection { get; } = connection;

        public string? SessionId { get; } = sessionId;

        public ReadOnlyMemory<byte> Bytes { get; } = bytes;

        public bool IsBinary { get; } = isBinary;

        public long Position { get; set; }

        /// <summary>Text is not cut within a character, as in Chromium.</summary>
        public ReadOnlyMemory<byte> Next(int size)
        {
            var at = (int)Math.Min(Position, Bytes.Length);
            var end = (int)Math.Min((long)at + size, Bytes.Length);
            while (!IsBinary && end < Bytes.Length && end > at + 1 && (Bytes.Span[end] & 0xC0) == 0x80)
                end--;
            Position = end;
            return Bytes[at..end];
        }
    }
}
