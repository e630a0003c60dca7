using Akka.Configuration;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;

namespace Orchestrator.Host.Tests.Support;

/// <summary>Runs a command line in this process, over a machine and sessions of the test's own.</summary>
internal sealed class CommandLineRun
{
    public FakeMachine Machine { get; } = new();
    public FakeSessions Sessions { get; } = new();
    public FakeSimulation Simulation { get; } = new();

    /// <summary>Of the command; default: one that stands still.</summary>
    public TimeProvider Time { get; init; } = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 45, 1, TimeSpan.Zero));

    /// <summary>What runs simulations; default: <see cref="Simulation"/>.</summary>
    public Simulate? Simulate { get; init; }

    /// <summary>The data folders that sessions were opened in.</summary>
    public List<string> Opened { get; } = [];

    public IReadOnlyList<string> ConfigurationErrors { get; set; } = [];
    public Func<Exception?> OnOpen { get; set; } = () => null;

    public string Out { get; private set; } = "";
    public string Error { get; private set; } = "";
    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public async Task<int> RunAsync(params string[] args)
    {
        using var stdout = new StringWriter();
        using var stderr = new StringWriter();
        var code = await OrchestratorCommandLine.RunAsync(args, new Surroundings
        {
            Out = stdout,
            Error = stderr,
            OutIsTerminal = false,
            ErrorIsTerminal = false,
            HelpWidth = 100,
            Machine = Machine,
            Time = Time,
            Random = new Random(1),
            ReadConfiguration = ReadConfiguration,
            OpenSessions = (folder, _, _) =>
            {
                if (OnOpen() is { } exception) throw exception;
                Opened.Add(folder);
                return Task.FromResult<ISessionService>(Sessions);
            },
            Simulate = Simulate ?? Simulation.Run,
        });
        (Out, Error) = (stdout.ToString(), stderr.ToString());
        return code;
    }

    private Config ReadConfiguration(string? userHocon, out IReadOnlyList<string> errors)
    {
        errors = ConfigurationErrors;
        return userHocon is null ? Config.Empty : ConfigurationFactory.ParseString(userHocon);
    }
}
