using Akka.Configuration;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>Runs the product's own actors on virtual time against simulated browsers.</summary>
public static class Simulation
{
    /// <summary>Runs one session to its outcome. All of it happens on the calling thread.</summary>
    /// <param name="folder">Where the session's folder is to stay, an absolute path of a folder that does not exist or is empty; null: it is thrown away.</param>
    /// <param name="settings">The user's settings of the product (HOCON, checked before), as <c>--config</c> reads them; null: those of the reference, with a <c>progress-interval</c> of 5 s, as nobody looks more often.</param>
    /// <param name="progress">Told a few times a second of real time.</param>
    /// <exception cref="ArgumentException">The scenario cannot be; names everything that is wrong with it.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static SimulationResult Run(
        Scenario scenario, string? folder = null, Config? settings = null, Action<SimulationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (scenario.Problems() is { Count: > 0 } problems) throw new ArgumentException($"The scenario cannot be: {string.Join("; ", problems)}.", nameof(scenario));
        var began = TimeProvider.System.GetTimestamp();
        using var scratch = folder is null ? new ScratchFolder(scenario) : null;
        var world = new SimulatedWorld(scenario, settings ?? Config.Empty, folder ?? Path.Combine(scratch!.Path, "session"));
        var beganNanos = world.Time.NowNanos;
        world.Run(progress, cancellationToken);
        progress?.Invoke(world.Progress(beganNanos) with { Phase = SessionPhase.Ended });
        return SimulationAccount.Of(scenario, world, beganNanos, TimeProvider.System.GetElapsedTime(began), cancellationToken);
    }
}
