namespace Orchestrator.Host.Planning;

/// <summary>The options of <c>record</c> as they were typed; null and empty where they were not.</summary>
internal sealed record RecordOptions
{
    public string? Launch { get; init; }
    public string? PerNode { get; init; }
    public IReadOnlyList<string> Attach { get; init; } = [];
    public string? Chrome { get; init; }
    public IReadOnlyList<string> ChromeArgs { get; init; } = [];
    public IReadOnlyList<string> Urls { get; init; } = [];

    public string? Duration { get; init; }
    public IReadOnlyList<string> Marks { get; init; } = [];
    public string? MarkEvery { get; init; }
    public IReadOnlyList<string> MemoryDumps { get; init; } = [];
    public bool? MemoryDumpDeterministic { get; init; }

    public string? Categories { get; init; }
    public string? TraceConfig { get; init; }
    public string? RecordMode { get; init; }
    public string? BufferSizeKb { get; init; }
    public bool? Sampling { get; init; }
    public bool? Systrace { get; init; }
    public bool? ArgumentFilter { get; init; }
    public IReadOnlyList<string> SyntheticDelays { get; init; } = [];
    public string? MemoryDumpConfig { get; init; }
    public string? PerfettoConfig { get; init; }
    public string? Backend { get; init; }
    public string? Transfer { get; init; }
    public string? Format { get; init; }
    public string? Compression { get; init; }
    public string? BufferUsageInterval { get; init; }
    public string? ScreenshotMaxSize { get; init; }
    public string? ScreenshotMaxCount { get; init; }
    public string? LegacyCategories { get; init; }
    public string? LegacyOptions { get; init; }

    public string? Require { get; init; }
    public string? PrepareTimeout { get; init; }
    public string? StartTimeout { get; init; }
    public string? FlushTimeout { get; init; }

    public string? MaxClockError { get; init; }

    public string? Output { get; init; }
    public string? Merge { get; init; }
}
