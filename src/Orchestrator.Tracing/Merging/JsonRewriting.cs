using Orchestrator.Tracing.Clocks;

namespace Orchestrator.Tracing.Merging;

/// <summary>How one browser's JSON events have to change to stand beside other browsers' on one time line.</summary>
internal sealed record JsonRewriting
{
    public required RelatedClock Clock { get; init; }

    /// <summary>Added to every instant of the time line, so that none is negative.</summary>
    public long ShiftNanos { get; init; }

    /// <summary>
    /// The instant of metadata events, which have none of their own: at 0 they would stand before the trace's beginning. Null leaves them.
    /// </summary>
    public long? MetadataNanos { get; init; }

    public ProcessIdMap ProcessIds { get; init; } = ProcessIdMap.Same;

    /// <summary>Goes in front of the names of its processes; null leaves them.</summary>
    public string? Name { get; init; }

    /// <summary>Around which its processes are sorted; null leaves their order.</summary>
    public int? SortIndex { get; init; }

    /// <summary>Ids that are known to all processes are combined with it by exclusive or: 0 leaves them, any other number tells them from other browsers'.</summary>
    public ulong IdKey { get; init; }

    /// <summary>The same for frames, loaders and workers, which need it only where one recording is merged twice.</summary>
    public UInt128 TokenKey { get; init; }

    /// <summary>The instant on the merged time line.</summary>
    public long Map(long browserNanos) => Clock.ToTimeline(browserNanos) + ShiftNanos;

    /// <summary>A key for the browser at that place; the first needs none. The mixing is SplitMix64's (Steele, Lea, Flood 2014).</summary>
    public static ulong KeyOf(int place)
    {
        if (place == 0) return 0;
        var mixed = unchecked((ulong)place * 0x9E3779B97F4A7C15);
        mixed = unchecked((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9);
        mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB);
        return mixed ^ (mixed >> 31);
    }
}
