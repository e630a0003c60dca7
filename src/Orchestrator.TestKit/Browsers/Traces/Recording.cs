namespace Orchestrator.TestKit.Browsers.Traces;

/// <summary>A recording from its start to its last byte.</summary>
internal sealed class Recording(SimulatedConnection owner, string? sessionId, RecordingSetup setup)
{
    public SimulatedConnection Owner => owner;

    public string? SessionId => sessionId;

    public RecordingSetup Setup => setup;

    /// <summary>The page by whose endpoint or session it was started; null: by the browser's.</summary>
    public SimulatedTarget? Page { get; init; }

    /// <summary>The first of a browser is 0.</summary>
    public int Number { get; init; }

    /// <summary>Null: the start has been taken, and is not carried out yet.</summary>
    public long? StartedNanos { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    /// <summary>Null: it records. Else it is flushed, and blocks others until that is done.</summary>
    public long? EndedNanos { get; set; }

    public MarkerLog Markers { get; } = new();

    public List<MemoryDumped>? Dumps { get; private set; }

    /// <summary>Takes a marker, if it is one that stands in the trace.</summary>
    public void Mark(long trueNanos, string syncId)
    {
        if (setup.TakesMarkers && EndedNanos is null && StartedNanos is not null) Markers.Add(trueNanos, syncId);
    }

    public void Dump(long trueNanos, string level, long guid) => (Dumps ??= []).Add(new MemoryDumped(trueNanos, level, guid));
}

/// <param name="Level"><c>background</c>, <c>light</c> or <c>detailed</c>.</param>
internal readonly record struct MemoryDumped(long TrueNanos, string Level, long Guid);
