namespace Orchestrator.Tracing.Sessions;

/// <summary>How far apart the browsers of one phase were, measured.</summary>
public static class Skew
{
    /// <summary>Latest minus earliest instant, in microseconds; null of no instants.</summary>
    public static double? Micros(IReadOnlyCollection<long> timelineNanos) =>
        timelineNanos.Count == 0 ? null : (timelineNanos.Max() - timelineNanos.Min()) / 1000.0;
}
