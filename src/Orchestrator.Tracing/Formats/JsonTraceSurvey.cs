namespace Orchestrator.Tracing.Formats;

/// <summary>What one pass over a Chrome JSON trace finds: beside what every survey tells, what a merge has to know before it writes the first byte.</summary>
public sealed record JsonTraceSurvey : TraceSurvey
{
    /// <summary>Every <c>pid</c> of an event.</summary>
    public IReadOnlySet<long> ProcessIds { get; init; } = new HashSet<long>();

    /// <summary>Those that a metadata event gives a name.</summary>
    public IReadOnlyDictionary<long, string> ProcessNames { get; init; } = new Dictionary<long, string>();

    /// <summary>The pages' frames, as far as the trace tells of them; at most <see cref="MostFrames"/>.</summary>
    public IReadOnlyList<TraceFrame> Frames { get; init; } = [];

    /// <summary>The trace's own <c>metadata</c> object as it stands there; null when it has none, or one over 4 MiB.</summary>
    public ReadOnlyMemory<byte>? Metadata { get; init; }

    /// <summary>Other keys of the trace's object, which no merge takes over.</summary>
    public IReadOnlyList<string> PassedOver { get; init; } = [];

    public const int MostFrames = 4096;
}

/// <summary>A frame of a page in one process, as DevTools' <c>TracingStartedInBrowser</c> lists it.</summary>
/// <param name="Frame">Its id: DevTools' frame token, 32 hex digits.</param>
/// <param name="ProcessId">Of the renderer.</param>
public sealed record TraceFrame(string Frame, long ProcessId)
{
    public string? Url { get; init; }
    public string? Name { get; init; }

    /// <summary>The parent's id; null of a main frame, and where nothing tells of it.</summary>
    public string? Parent { get; init; }

    /// <summary>It is the outermost frame of a page.</summary>
    public bool IsMain { get; init; }

    /// <summary>The trace lists it in <c>TracingStartedInBrowser</c>: it was there when the recording began.</summary>
    public bool WasThereAtStart { get; init; }

    /// <summary>How many events of that process carry its id.</summary>
    public long Events { get; init; }
}
