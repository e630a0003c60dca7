using Orchestrator.Actors.Hosting;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>Orchestrators as the command line starts them, over a journal in SQLite.</summary>
internal static class Local
{
    private const string Quick = """
        akka.loglevel = OFF
        orchestrator {
          start-lead = 20ms
          end-lead = 10ms
          spin-lead = 0ms
          burst-markers = 2
          progress-interval = 20ms
        }
        """;

    public static Task<LocalOrchestrator> StartAsync(string dataFolder)
    {
        var configuration = LocalOrchestrator.ReadConfiguration(Quick, out var errors);
        Assert.Empty(errors);
        return LocalOrchestrator.StartAsync(dataFolder, configuration, TimeProvider.System, CancellationToken.None).Soon();
    }

    public static Task<SessionDocument> RecordAsync(
        this LocalOrchestrator orchestrator, SessionPlan plan, ViewLog? views = null, CancellationToken end = default, CancellationToken abort = default) =>
        orchestrator.RecordAsync(plan, (views ?? new ViewLog()).Add, end, abort).Soon();

    public static async Task<string?[]> ManifestsAsync(this LocalOrchestrator orchestrator, string sessionId) =>
        [.. (await orchestrator.ReadEventsAsync(sessionId, CancellationToken.None)).Select(entry => entry.Manifest)];

    public static string DocumentFile(this SessionPlan plan) => Path.Combine(plan.OutputFolder, RecordedSessions.DocumentName);
}
