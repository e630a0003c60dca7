using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Recording;

namespace Orchestrator.Tracing.Sessions;

/// <summary>session.json: what happened, for scripts and people. Fields are added, never changed (schema 1).</summary>
public sealed record SessionDocument
{
    [JsonPropertyOrder(-1)] public int Schema { get; init; } = 1;
    public required string SessionId { get; init; }

    /// <summary>Null while the session is open.</summary>
    public SessionOutcome? Outcome { get; init; }

    public string? Reason { get; init; }
    public required DateTimeOffset PreparedAt { get; init; }
    public DateTimeOffset? WindowOpenedAt { get; init; }
    public DateTimeOffset? WindowClosedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The absolute path of the folder that the session was recorded to.</summary>
    public required string Folder { get; init; }

    public required SkewDocument Skew { get; init; }
    public required Timeline Timeline { get; init; }
    public required IReadOnlyList<MarkerDocument> Markers { get; init; }
    public required IReadOnlyList<BrowserDocument> Browsers { get; init; }

    /// <summary>The nodes that recorded or were a reference for those that did, and how their clocks lay to the time line; empty before that is known.</summary>
    public IReadOnlyList<NodeDocument> Nodes { get; init; } = [];

    public IReadOnlyList<MergedFile> Merged { get; init; } = [];

    /// <summary>What could not be put into the merged files, and why.</summary>
    public IReadOnlyList<string> MergeProblems { get; init; } = [];

    /// <summary>The widest clock bound that the user would accept; null: any.</summary>
    public long? MaxClockErrorNanos { get; init; }

    /// <summary>The node of a cluster on which the session's folder is; null where there is no cluster.</summary>
    public string? MergedOn { get; init; }

    /// <summary>What else people should know, such as that another coordinator went on with the session.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    public static SessionDocument Of(TraceSession session) => new()
    {
        SessionId = session.Plan.SessionId,
        Outcome = session.End?.Outcome,
        Reason = session.End?.Reason,
        PreparedAt = session.OpenedAt,
        WindowOpenedAt = session.WindowOpened is { } opened ? session.Timeline.ToUtc(opened.TimelineNanos) : null,
        WindowClosedAt = session.WindowClosed is { } closed ? session.Timeline.ToUtc(closed.TimelineNanos) : null,
        EndedAt = session.End?.At,
        Folder = session.Plan.OutputFolder,
        Skew = new SkewDocument(
            session.WindowOpened?.StartSendSkewMicros, session.WindowOpened?.StartAckSkewMicros, session.WindowClosed?.EndSendSkewMicros),
        Timeline = session.Timeline,
        Markers = [.. session.Markers.Select(marker => new MarkerDocument(marker.Label, marker.SyncId, marker.TimelineNanos))],
        Browsers = [.. session.Browsers.Select(browser => BrowserDocument.Of(browser, session))],
        Nodes = NodeDocument.Of(session.NodeClocks),
        Merged = session.Merged?.Files ?? [],
        MergeProblems = session.Merged?.Problems ?? [],
        MaxClockErrorNanos = session.Plan.MaxClockError?.Ticks * 100,
        MergedOn = session.Epoch is null ? null : session.FolderNode,
        Notes = session.Notes,
    };

    /// <summary>The document as indented UTF-8 JSON.</summary>
    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, SessionJsonContext.Default.SessionDocument);

    /// <exception cref="JsonException">The bytes are no session.json.</exception>
    public static SessionDocument Parse(ReadOnlySpan<byte> utf8)
    {
        var document = JsonSerializer.Deserialize(utf8, SessionJsonContext.Default.SessionDocument)
            ?? throw new JsonException("A session.json holds an object, not null.");
        FromOutside.CheckTimeline(document.Timeline);
        var whole = document with
        {
            Markers = FromOutside.List(document.Markers, "markers"),
            Browsers = [.. FromOutside.List(document.Browsers, "browsers").Select(browser => browser with
            {
                MemoryDumps = FromOutside.List(browser.MemoryDumps, "memoryDumps"),
                Warnings = FromOutside.List(browser.Warnings, "warnings"),
                Clock = browser.Clock with { Findings = FromOutside.List(browser.Clock.Findings, "findings") },
            })],
            Nodes = [.. FromOutside.List(document.Nodes, "nodes").Select(node => node with
            {
                Clock = node.Clock with { Findings = FromOutside.List(node.Clock.Findings, "findings") },
            })],
            Merged = FromOutside.List(document.Merged, "merged"),
            MergeProblems = FromOutside.List(document.MergeProblems, "mergeProblems"),
            Notes = FromOutside.List(document.Notes, "notes"),
        };
        return whole;
    }
}

/// <summary>Latest minus earliest instant over the browsers, in microseconds on the timeline; null where the session did not get there.</summary>
public sealed record SkewDocument(double? StartSendMicros, double? StartAckMicros, double? EndSendMicros);

public sealed record MarkerDocument(string Label, string SyncId, long TimelineNanos);

/// <param name="Clock">How the node's clock lay to the time line; of the time line's own node, shared.</param>
public sealed record NodeDocument(string Name, ClockFacts Clock)
{
    /// <param name="clocks">By node.</param>
    public static IReadOnlyList<NodeDocument> Of(IReadOnlyDictionary<string, ClockFacts> clocks) =>
        [.. clocks.OrderBy(node => node.Key, StringComparer.Ordinal).Select(node => new NodeDocument(node.Key, node.Value))];
}

public sealed record BrowserDocument
{
    public required string Name { get; init; }
    public string? Node { get; init; }
    public string? Endpoint { get; init; }
    public string? Product { get; init; }
    public int? ProcessId { get; init; }
    public string? Url { get; init; }
    public BrowserOutcome? Outcome { get; init; }
    public string? Reason { get; init; }
    public bool DataLoss { get; init; }
    public double? BufferPeak { get; init; }
    public int Markers { get; init; }
    public required ClockFacts Clock { get; init; }
    public string? File { get; init; }

    /// <summary>True: <see cref="File"/> holds what came before the failure, not the whole trace.</summary>
    public bool Partial { get; init; }

    public required TraceFormat Format { get; init; }
    public required TraceCompression Compression { get; init; }
    public long Bytes { get; init; }
    public string? Sha256 { get; init; }
    public IReadOnlyList<MemoryDump> MemoryDumps { get; init; } = [];
    public IReadOnlyList<string> Warnings { get; init; } = [];

    internal static BrowserDocument Of(SessionBrowser browser, TraceSession session) => new()
    {
        Name = browser.Target.Name,
        Node = browser.Ready?.Node,
        Endpoint = browser.Ready?.Endpoint ?? browser.Target.Endpoint,
        Product = browser.Ready?.Product,
        ProcessId = browser.Ready?.ProcessId,
        Url = browser.Target.Url,
        Outcome = browser.Report?.Outcome,
        Reason = browser.Report?.Reason,
        DataLoss = browser.Report?.DataLoss ?? false,
        BufferPeak = browser.Report?.BufferPeak,
        Markers = browser.Report?.Markers ?? 0,
        Clock = session.Clocks.GetValueOrDefault(browser.Target.Name) ?? new ClockFacts(),
        File = browser.Report?.Trace?.Path,
        Partial = browser.Report?.Trace is { IsWhole: false },
        Format = session.Plan.Tracing.Format,
        Compression = session.Plan.Tracing.Compression,
        Bytes = browser.Report?.Trace?.Bytes ?? 0,
        Sha256 = browser.Report?.Trace?.Sha256,
        MemoryDumps = browser.Report?.MemoryDumps ?? [],
        Warnings = browser.Report?.Warnings ?? [],
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SessionDocument))]
[JsonSerializable(typeof(IReadOnlyList<SessionSummary>))]
public sealed partial class SessionJsonContext : JsonSerializerContext;
