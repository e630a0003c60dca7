using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Folders;

/// <summary>
/// <c>browsers/NAME.recording.json</c>: what the node saw of one browser's recording, on its own clock. It is written with
/// the trace, so that a folder whose session was cut off can still be aligned and merged.
/// </summary>
public sealed record RecordingLog
{
    public const string Suffix = ".recording.json";

    public int Schema { get; init; } = 1;
    public required string SessionId { get; init; }
    public required string Browser { get; init; }

    /// <summary>The clock that all instants here are told on: the node's.</summary>
    public required Timeline Timeline { get; init; }

    /// <summary>How it was checked that the browser reads the very clock of the node; null when it was not, or was found not to.</summary>
    public string? SharedClock { get; init; }

    /// <summary>Each state of the recording and when it began, in order.</summary>
    public IReadOnlyList<LoggedState> States { get; init; } = [];

    /// <summary>Every clock sync marker that the browser acknowledged.</summary>
    public IReadOnlyList<LoggedMarker> Markers { get; init; } = [];

    /// <summary>How full the browser's buffer was, 0 to 1.</summary>
    public IReadOnlyList<LoggedFill> BufferFill { get; init; } = [];

    /// <summary>What went wrong, and when.</summary>
    public IReadOnlyList<LoggedFault> Faults { get; init; } = [];

    /// <summary>The browser's pages at the end of the window.</summary>
    public IReadOnlyList<LoggedPage> Pages { get; init; } = [];

    /// <summary>The same recording, told on a time line to which its node's clock lies like this: each instant where it is estimated to be.</summary>
    public RecordingLog On(Timeline timeline, RelatedClock node) => this with
    {
        Timeline = timeline,
        States = [.. States.Select(state => state with { AtNanos = node.ToTimeline(state.AtNanos) })],
        Markers = [.. Markers.Select(marker => marker with { SentNanos = node.ToTimeline(marker.SentNanos), AnsweredNanos = node.ToTimeline(marker.AnsweredNanos) })],
        BufferFill = [.. BufferFill.Select(fill => fill with { AtNanos = node.ToTimeline(fill.AtNanos) })],
        Faults = [.. Faults.Select(fault => fault with { AtNanos = node.ToTimeline(fault.AtNanos) })],
    };

    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, RecordingLogJsonContext.Default.RecordingLog);

    /// <exception cref="JsonException">The bytes are no recording log.</exception>
    public static RecordingLog Parse(ReadOnlySpan<byte> utf8)
    {
        var log = JsonSerializer.Deserialize(utf8, RecordingLogJsonContext.Default.RecordingLog)
            ?? throw new JsonException("A recording log holds an object, not null.");
        FromOutside.CheckTimeline(log.Timeline);
        return log with
        {
            States = FromOutside.List(log.States, "states"),
            Markers = FromOutside.List(log.Markers, "markers"),
            BufferFill = FromOutside.List(log.BufferFill, "bufferFill"),
            Faults = FromOutside.List(log.Faults, "faults"),
            Pages = FromOutside.List(log.Pages, "pages"),
        };
    }
}

/// <param name="State"><c>connecting</c>, or the name of a <see cref="Recording.RecordingState"/>.</param>
public sealed record LoggedState(string State, long AtNanos);

/// <param name="SyncId">As it stands in the trace.</param>
/// <param name="Label">Of a marker that a person asked for; null of the clock's own.</param>
/// <param name="SentNanos">Just before the command was sent.</param>
/// <param name="AnsweredNanos">When the answer had come.</param>
public sealed record LoggedMarker(string SyncId, string? Label, long SentNanos, long AnsweredNanos);

public sealed record LoggedFill(long AtNanos, double Fraction);

public sealed record LoggedFault(long AtNanos, string Text);

/// <param name="Frame">Its main frame's id (DevTools: equal to the page's target id).</param>
public sealed record LoggedPage(string Frame, string Url, string Title);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RecordingLog))]
internal sealed partial class RecordingLogJsonContext : JsonSerializerContext;
