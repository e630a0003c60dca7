namespace Orchestrator.Host.Planning;

/// <summary>The options of <c>simulate</c> as they were typed; null where they were not.</summary>
internal sealed record SimulateOptions
{
    public string? Scenario { get; init; }
    public string? Browsers { get; init; }
    public string? Nodes { get; init; }
    public string? Duration { get; init; }
    public string? MarkEvery { get; init; }
    public string? Seed { get; init; }
    public string? Record { get; init; }

    public string? Config { get; init; }
    public string? Data { get; init; }
    public bool Json { get; init; }
}
