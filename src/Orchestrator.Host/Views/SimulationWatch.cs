using System.Globalization;
using Orchestrator.Host.Hosting;
using Orchestrator.TestKit.Simulations;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Views;

/// <summary>Shows how far a simulation is.</summary>
internal static class SimulationWatch
{
    /// <param name="work">Reports from whatever thread it runs on.</param>
    public static Task<T> ShowAsync<T>(Surroundings surroundings, Scenario scenario, Func<Action<SimulationProgress>, Task<T>> work)
    {
        var began = surroundings.Time.GetTimestamp();
        return WorkProgress.ShowAsync(surroundings, "building the world", progress => Step(progress, scenario, surroundings.Time.GetElapsedTime(began)), work);
    }

    private static WorkStep Step(SimulationProgress progress, Scenario scenario, TimeSpan real)
    {
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{Phase(progress.Phase)}: {Figures.Seconds(progress.VirtualTime)} simulated, the window lasts {Figures.Seconds(scenario.Duration)}; {progress.Ended} of {Figures.Count(progress.Browsers, "browser")} ended; {Figures.Seconds(real)} of real time");
        var done = progress.Phase > SessionPhase.Window ? scenario.Duration : progress.VirtualTime;
        return new WorkStep(line, line, Math.Min(done.TotalSeconds, scenario.Duration.TotalSeconds), scenario.Duration.TotalSeconds, progress.Phase.ToString());
    }

    private static string Phase(SessionPhase phase) => phase switch
    {
        SessionPhase.Preparing => "preparing",
        SessionPhase.Starting => "starting to record",
        SessionPhase.Window => "recording",
        SessionPhase.Flushing => "flushing the traces",
        SessionPhase.Merging => "aligning the clocks",
        _ => "comparing with the truth",
    };
}
