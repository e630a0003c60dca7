using System.Net;
using Orchestrator.Host.Api;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Remote;

namespace Orchestrator.Host.Verbs;

/// <summary>What becomes of a verb that asks a server, when that does not answer as it should.</summary>
internal static class Asking
{
    /// <returns>The verb's exit code.</returns>
    public static async Task<int> AnswerAsync(Func<Task<int>> ask, Surroundings surroundings)
    {
        try
        {
            return await ask();
        }
        catch (ServerRefusalException refusal) when (IsUsage(refusal.Problem))
        {
            await surroundings.Error.WriteLineAsync($"error: {refusal.Message}");
            return ExitCode.Usage;
        }
        catch (Exception failure) when (failure is ServerUnavailableException or ServerRefusalException or InvalidDataException)
        {
            await surroundings.Error.WriteLineAsync($"error: {failure.Message}");
            return ExitCode.Failed;
        }
    }

    /// <summary>Whether it is about how the command was written or set up, and not about the cluster.</summary>
    public static bool IsUsage(Problem problem) => (HttpStatusCode)problem.Status is
        HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.NotFound;
}
