namespace Orchestrator.Host.Planning;

/// <summary>The options of <c>node</c> as they were typed; null and empty where they were not.</summary>
internal sealed record NodeCommand
{
    public string? Name { get; init; }
    public string? Roles { get; init; }
    public string? Bind { get; init; }
    public string? Advertise { get; init; }
    public IReadOnlyList<string> Seeds { get; init; } = [];
    public string? Http { get; init; }
    public string? Capacity { get; init; }
    public IReadOnlyList<string> Attach { get; init; } = [];
    public string? TokenFile { get; init; }
    public string? Journal { get; init; }
    public string? ConnectionStringFile { get; init; }
    public string? Chrome { get; init; }
    public IReadOnlyList<string> ChromeArgs { get; init; } = [];
}
