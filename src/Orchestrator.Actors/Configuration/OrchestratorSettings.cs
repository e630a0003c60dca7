namespace Orchestrator.Actors.Configuration;

/// <summary>The <c>orchestrator</c> block of the configuration, read once, whole: hocon/orchestrator.conf documents each key.</summary>
public sealed record OrchestratorSettings
{
    public required string NodeName { get; init; }
    public required TimeSpan StartLead { get; init; }
    public required TimeSpan EndLead { get; init; }
    public required TimeSpan SpinLead { get; init; }
    public required int BurstMarkers { get; init; }
    public required TimeSpan BurstBudget { get; init; }
    public required TimeSpan ProgressInterval { get; init; }
    public required TimeSpan NodeGrace { get; init; }
    public required int ReadSizeBytes { get; init; }
    public required int ReadsInFlight { get; init; }
    public required int MaxMessageBytes { get; init; }
    public required bool JournalFullSync { get; init; }
}
