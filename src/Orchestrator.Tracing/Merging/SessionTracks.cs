namespace Orchestrator.Tracing.Merging;

/// <summary>
/// The orchestrator's own account of a session, as lines of a time line: phases, each browser's states, every marker,
/// skews, bounds, faults. Written into each merged file and drawn in the report. Instants are nanoseconds of the time line.
/// </summary>
public sealed record SessionTracks(string SessionId, IReadOnlyList<TrackLine> Lines);

/// <summary>One line. The first is the session's own, called <c>session</c>; then one for each browser, under its merged name.</summary>
public sealed record TrackLine(
    string Name, IReadOnlyList<TrackSlice> Slices, IReadOnlyList<TrackInstant> Instants, IReadOnlyList<TrackCounter> Counters);

/// <summary>Slices of a line follow each other and do not overlap.</summary>
public sealed record TrackSlice(string Name, long FromNanos, long UntilNanos, IReadOnlyDictionary<string, string> Arguments);

/// <param name="Kind">What drawing it depends on.</param>
public sealed record TrackInstant(string Name, long AtNanos, TrackInstantKind Kind, IReadOnlyDictionary<string, string> Arguments);

public enum TrackInstantKind
{
    /// <summary>A marker that a person asked for.</summary>
    Label,

    /// <summary>A clock sync marker of the orchestrator's own.</summary>
    Marker,

    /// <summary>The window opened or closed, with its skew.</summary>
    Skew,

    /// <summary>Something went wrong.</summary>
    Fault,
}

/// <param name="Unit">Such as <c>µs</c> or <c>%</c>.</param>
public sealed record TrackCounter(string Name, string Unit, IReadOnlyList<TrackSample> Samples);

public readonly record struct TrackSample(long AtNanos, double Value);
