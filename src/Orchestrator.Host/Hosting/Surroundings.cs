using Akka.Configuration;
using Orchestrator.Actors.Hosting;
using Orchestrator.TestKit.Simulations;
using Spectre.Console;

namespace Orchestrator.Host.Hosting;

/// <summary>All that a verb touches beyond its arguments, so that a test can put something else in its place.</summary>
internal sealed record Surroundings
{
    /// <summary>Where results go: with <c>--json</c> exactly one document.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Everything else.</summary>
    public required TextWriter Error { get; init; }

    public required bool OutIsTerminal { get; init; }
    public required bool ErrorIsTerminal { get; init; }
    public required int HelpWidth { get; init; }
    public required IMachine Machine { get; init; }
    public required TimeProvider Time { get; init; }
    public required Random Random { get; init; }
    public required ReadConfiguration ReadConfiguration { get; init; }
    public required OpenSessions OpenSessions { get; init; }
    public required Simulate Simulate { get; init; }

    public static Surroundings OfThisProcess()
    {
        var time = TimeProvider.System;
        var surroundings = new Surroundings
        {
            // A terminal that was closed takes nothing any more; the session that it watched goes on. A file on a full
            // disk is another matter: there the result is lost, and the exit code says so.
            Out = Console.IsOutputRedirected ? Console.Out : new UnbreakableWriter(Console.Out),
            Error = new UnbreakableWriter(Console.Error),
            OutIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            HelpWidth = Console.IsOutputRedirected ? 110 : Math.Clamp(Console.WindowWidth, 60, 120),
            Machine = new LocalMachine(),
            Time = time,
            Random = new Random(),
            ReadConfiguration = LocalOrchestrator.ReadConfiguration,
            OpenSessions = async (dataFolder, configuration, cancellationToken) =>
                new LocalSessionService(await LocalOrchestrator.StartAsync(dataFolder, configuration, time, cancellationToken)),
            Simulate = Simulation.Run,
        };
        // Whatever a library prints by itself must not get between a script and its JSON.
        Console.SetOut(Console.Error);
        return surroundings;
    }

    public IAnsiConsole OutConsole() => Terminals.Over(Out, OutIsTerminal);

    public IAnsiConsole ErrorConsole() => Terminals.Over(Error, ErrorIsTerminal);
}

/// <inheritdoc cref="Simulation.Run"/>
internal delegate SimulationResult Simulate(Scenario scenario, string? folder, Config? settings, Action<SimulationProgress>? progress, CancellationToken cancellationToken);
