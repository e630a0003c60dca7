using Akka.Configuration;

namespace Orchestrator.Actors.Configuration;

/// <summary>The <c>orchestrator</c> block of the configuration, read once and whole; hocon/orchestrator.conf says what each key does.</summary>
public sealed record OrchestratorSettings
{
    public required string NodeName { get; init; }
    public required TimeSpan StartLead { get; init; }
    public required TimeSpan EndLead { get; init; }
    public required TimeSpan SpinLead { get; init; }
    public required int BurstMarkers { get; init; }
    public required int BurstMostMarkers { get; init; }
    public required TimeSpan BurstNarrowEnough { get; init; }
    public required TimeSpan BurstBudget { get; init; }
    public required TimeSpan ProgressInterval { get; init; }
    public required TimeSpan NodeGrace { get; init; }
    public required TimeSpan NodeReturn { get; init; }
    public required TimeSpan ClockInterval { get; init; }
    public required TimeSpan SpoolRetention { get; init; }
    public required TimeSpan DrainTimeout { get; init; }
    public required int ParallelTransfers { get; init; }
    public required string SharedFolder { get; init; }
    public required string Seeds { get; init; }
    public required bool Insecure { get; init; }
    public required int ReadSizeBytes { get; init; }
    public required int ReadsInFlight { get; init; }
    public required int MaxMessageBytes { get; init; }

    /// <summary>Null: no TLS between nodes.</summary>
    public required TlsSettings? Tls { get; init; }

    /// <summary>Reads the block; <paramref name="errors"/> names every unknown key and every value that cannot be used.</summary>
    public static OrchestratorSettings Read(Config configuration, out IReadOnlyList<string> errors)
    {
        var block = new SettingsBlock("orchestrator", configuration.GetConfig("orchestrator"));
        var settings = new OrchestratorSettings
        {
            NodeName = block.Text("node-name") is { Length: > 0 } name ? name : Environment.MachineName,
            StartLead = block.Duration("start-lead", TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            EndLead = block.Duration("end-lead", TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            SpinLead = block.Duration("spin-lead", TimeSpan.Zero, TimeSpan.FromMilliseconds(20)),
            BurstMarkers = block.Number("burst-markers", 0, 1000),
            BurstMostMarkers = block.Number("burst-most-markers", 0, 10_000),
            BurstNarrowEnough = block.Duration("burst-narrow-enough", TimeSpan.Zero, TimeSpan.FromSeconds(1)),
            BurstBudget = block.Duration("burst-budget", TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            ProgressInterval = block.Duration("progress-interval", TimeSpan.FromMilliseconds(20), TimeSpan.FromMinutes(1)),
            NodeGrace = block.Duration("node-grace", TimeSpan.Zero, TimeSpan.FromHours(1)),
            NodeReturn = block.Duration("node-return", TimeSpan.Zero, TimeSpan.FromHours(1)),
            ClockInterval = block.Duration("clock-interval", TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1)),
            SpoolRetention = block.Duration("spool-retention", TimeSpan.FromMinutes(1), TimeSpan.FromDays(365)),
            DrainTimeout = block.Duration("drain-timeout", TimeSpan.Zero, TimeSpan.FromHours(1)),
            ParallelTransfers = block.Number("parallel-transfers", 1, 64),
            SharedFolder = block.Text("shared-folder"),
            Seeds = block.Text("seeds"),
            Insecure = block.Switch("insecure"),
            ReadSizeBytes = block.Size("read-size", 4 * 1024, 64 * 1024 * 1024),
            ReadsInFlight = block.Number("reads-in-flight", 1, 64),
            MaxMessageBytes = block.Size("max-message-size", 1024 * 1024, 1024 * 1024 * 1024),
            Tls = TlsSettings.Read(block.Block("tls")),
        };
        errors = block.Errors();
        return settings;
    }
}
