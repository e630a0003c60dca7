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
        catch (Exception failure) when (failure is ServerUnavailableException or ServerRefusalException or InvalidDataException)
        {
            await surroundings.Error.WriteLineAsync($"error: {failure.Message}");
            return ExitCode.Failed;
        }
    }
}
