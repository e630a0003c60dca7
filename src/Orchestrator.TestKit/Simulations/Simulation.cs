namespace Orchestrator.TestKit.Simulations;

/// <summary>Runs the product's own actors on virtual time against simulated browsers.</summary>
public static class Simulation
{
    /// <summary>Runs one session to its outcome. All of it happens on the calling thread.</summary>
    /// <param name="folder">Where the session's folder is to stay, an absolute path of a folder that does not exist or is empty; null: it is thrown away.</param>
    /// <param name="progress">Told a few times a second of real time.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static SimulationResult Run(
        Scenario scenario, string? folder = null, Action<SimulationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();
}
