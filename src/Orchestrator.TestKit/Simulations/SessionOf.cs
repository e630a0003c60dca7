using Orchestrator.Actors.Browsers;
using Orchestrator.Cdp.Protocol;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>The session that a scenario asks for, as the command line would plan it.</summary>
internal static class SessionOf
{
    public const string Id = "simulated";

    // A recording shows its buffer some twenty times, and never more often than a real one.
    private const int BufferReports = 20;
    private static readonly TimeSpan MostFrequentBufferReport = TimeSpan.FromMilliseconds(500);

    /// <param name="endpoints">Of the browsers, in the order of their numbers.</param>
    public static SessionPlan Plan(Scenario scenario, string folder, IEnumerable<Uri> endpoints) => new()
    {
        SessionId = Id,
        OutputFolder = folder,
        Targets = [.. endpoints.Select((endpoint, place) => new BrowserTarget { Name = Scenario.NameOf(place + 1), Endpoint = endpoint.OriginalString })],
        Tracing = new TracingPlan
        {
            Start = TracingStart.ToJson(Start(scenario)),
            Transfer = scenario.Transfer,
            Format = scenario.Format,
            Compression = scenario.Compression,
        },
        Window = new WindowPlan
        {
            Duration = scenario.Duration,
            MarkEvery = scenario.MarkEvery,
            Markers = scenario.Markers,
            MemoryDumps = scenario.MemoryDumps,
        },
        Require = scenario.Require,
        Timeouts = scenario.Timeouts,
        Merge = MergeChoice.None,
    };

    private static TracingStartParams Start(Scenario scenario)
    {
        var isStream = scenario.Transfer is TraceTransfer.Stream;
        var reporting = scenario.Duration / BufferReports;
        return new TracingStartParams
        {
            TransferMode = isStream ? TransferMode.ReturnAsStream : TransferMode.ReportEvents,
            StreamFormat = isStream ? scenario.Format is TraceFormat.Proto ? StreamFormat.Proto : StreamFormat.Json : null,
            StreamCompression = isStream ? scenario.Compression is TraceCompression.Gzip ? StreamCompression.Gzip : StreamCompression.None : null,
            BufferUsageReportingInterval = (reporting > MostFrequentBufferReport ? reporting : MostFrequentBufferReport).TotalMilliseconds,
            TraceConfig = new TraceConfig
            {
                IncludedCategories = [.. (scenario.Content is TraceContent.Generated generated ? generated.Categories : [])
                    .Concat(scenario.MemoryDumps.Count > 0 ? ["disabled-by-default-memory-infra"] : [])],
            },
        };
    }
}
