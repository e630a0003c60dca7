using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Recording;

namespace Orchestrator.Tracing.Sessions;

/// <summary>A running session at a glance, for people who watch it.</summary>
/// <param name="WindowOpenedAt">Wall clock; null before the window opens.</param>
/// <param name="Browsers">In the order of the plan.</param>
/// <param name="Merge">How far the merging is; null before it.</param>
public sealed record SessionView(
    string SessionId, SessionPhase Phase, DateTimeOffset? WindowOpenedAt, TimeSpan Duration, IReadOnlyList<BrowserView> Browsers, MergeProgress? Merge = null);

public enum SessionPhase
{
    Preparing,
    Starting,
    Window,
    Flushing,
    Merging,
    Ended,
}

/// <param name="State"><c>connecting</c>, then the name of the <see cref="RecordingState"/>.</param>
/// <param name="BufferFill">How full the browser's buffer was last, 0 to 1; null when it has not said.</param>
/// <param name="Bytes">Of the trace, on disk so far.</param>
public sealed record BrowserView(
    string Name, string State, double? BufferFill, long Bytes, int Markers, BrowserOutcome? Outcome, string? Reason, string? Product);
