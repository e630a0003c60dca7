using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Clocks;

/// <summary>A session's time line as this process can tell it: by its own clock, and by how that lies to the time line's.</summary>
/// <param name="timeline">Null: this process's own clock.</param>
/// <param name="references">Null: there are no other nodes.</param>
public sealed class SessionTime(Timeline? timeline, NodeClock clock, ReferenceClocks? references = null)
{
    private readonly bool _isOwn = timeline is null || timeline.IsSameAs(clock.Timeline);

    /// <summary>The instant <paramref name="after"/> from now.</summary>
    public long In(TimeSpan after) => ToTimeline(clock.Timestamp) + after.Ticks * 100;

    /// <param name="timestamp">Ticks of this process's clock.</param>
    public long ToTimeline(long timestamp)
    {
        var nanos = clock.ToNanos(timestamp);
        if (_isOwn) return nanos;
        // Before the first exchange, and where the reference is gone for good, the two wall clocks are all there is.
        return references?.On(timeline!) is { } related ? related.ToTimeline(nanos) : timeline!.FromUtc(clock.Timeline.ToUtc(nanos));
    }

    public long ToTimestamp(long timelineNanos)
    {
        if (_isOwn) return clock.ToTimestamp(timelineNanos);
        return clock.ToTimestamp(references?.On(timeline!) is { } related ? related.FromTimeline(timelineNanos) : clock.Timeline.FromUtc(timeline!.ToUtc(timelineNanos)));
    }
}
