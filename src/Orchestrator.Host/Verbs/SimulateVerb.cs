using System.CommandLine;
using System.Text.Json;
using Akka.Configuration;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Planning;
using Orchestrator.Host.Views;
using Orchestrator.TestKit.Simulations;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Verbs;

/// <summary><c>simulate</c>: one session over simulated browsers, on virtual time, beside what was true in their world.</summary>
internal sealed class SimulateVerb : Verb
{
    private const int MostTold = 20;
    private static readonly Scenario Usual = new();

    private readonly CommonOptions _common;
    private readonly Option<string?> _scenario = OptionShapes.Value("--scenario", "FILE|NAME", "The world in HOCON, or the name of a scenario that ships: below (default: a plain one of 100 browsers)");
    private readonly Option<string?> _browsers = OptionShapes.Value("--browsers", "N", "How many browsers, 1 to 100000");
    private readonly Option<string?> _nodes = OptionShapes.Value("--nodes", "N", "How many nodes they are spread over, 1 to 1000");
    private readonly Option<string?> _duration = OptionShapes.Value("--duration", "TIME", "Length of the window in which all browsers record");
    private readonly Option<string?> _markEvery = OptionShapes.Value("--mark-every", "TIME", "Cadence of the clock sync markers");
    private readonly Option<string?> _seed = OptionShapes.Value("--seed", "N", "What chance follows from: the same seed, the same run");
    private readonly Option<string?> _record = OptionShapes.Value("--record", "DIR", "Keep the session's folder, new or empty, merged as 'merge' does; at most 1000 browsers (default: nothing stays)");

    public SimulateVerb(CommonOptions common) : base("simulate", "Rehearses a session with simulated browsers on virtual time: their clocks, delays and faults are yours to choose, and the truth is known.")
    {
        _common = common;
        AddOptions(new OptionGroup("World (over what the scenario says)", [_scenario, _browsers, _nodes, _duration, _markEvery, _seed]), new OptionGroup("Output", [_record]));
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("orchestrator simulate --scenario dying-browsers", "500 browsers, of which one in ten has something: who ends how?"),
        new("orchestrator simulate --browsers 10000 --nodes 100 --duration 10m", "Ten thousand browsers for ten minutes, of which you wait for a fraction."),
        new("orchestrator simulate --scenario drifting-clocks --seed 7 --json", "The same clocks from another seed, as one JSON document."),
        new("orchestrator simulate --scenario rehearsal.conf --browsers 20 --nodes 2 --record rehearsed", "A world of your own, smaller, with a session's folder to open in ui.perfetto.dev."),
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "Scenarios that ship:\n" + string.Join('\n', ShippedScenarios.All.Select(scenario => $"{scenario.Name}: {scenario.About}")),
        "docs/simulate.md lists the keys of a scenario file. --scenario ./calm is a file, whatever ships.",
        $"What neither an option nor the scenario says: {Usual.Browsers} browsers, {Figures.Count(Usual.Nodes, "node")}, a window of {Durations.Format(Usual.Duration)}, a marker every {Durations.Format(Usual.MarkEvery)}, seed {Usual.Seed}.",
        "Exit codes: 0 the session ran and every promise held, however it ended, 1 a promise was broken or the simulation failed, and the command that repeats it was told, "
            + "2 wrong usage or a scenario with mistakes, all named, 130 given up.",
    ];

    public override async Task<int> RunAsync(ParseResult line, UsageErrors errors, Surroundings surroundings)
    {
        var settings = _common.ReadConfiguration(line, errors, surroundings);
        var plan = SimulationPlanner.Plan(Read(line), surroundings.Machine, errors);
        if (errors.Any || plan is null) return ExitCode.Usage;

        using var interruption = new Interruption();
        try
        {
            if (await SimulateAsync(plan, settings, surroundings, interruption.Token) is not { } result) return ExitCode.Failed;
            var (merged, isMerged) = plan.Folder is null ? (null, true) : await MergeAsync(plan.Folder, surroundings, interruption.Token);
            await TellAsync(result, plan, merged, line.GetValue(_common.Json), surroundings);
            return isMerged && result.HoldsAllPromises ? ExitCode.Complete : ExitCode.Failed;
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            await surroundings.Error.WriteLineAsync("given up");
            return ExitCode.Aborted;
        }
    }

    /// <summary>The result; null when the simulation failed, which was told.</summary>
    private static async Task<SimulationResult?> SimulateAsync(SimulationPlan plan, Config? settings, Surroundings surroundings, CancellationToken cancellationToken)
    {
        try
        {
            return await SimulationWatch.ShowAsync(
                surroundings, plan.Scenario, progress => Task.Run(() => surroundings.Simulate(plan.Scenario, plan.Folder, settings, progress, cancellationToken), CancellationToken.None));
        }
        catch (Exception unexpected) when (!cancellationToken.IsCancellationRequested)
        {
            OrchestratorCommandLine.TellUnexpected(unexpected, surroundings, "the simulation failed: ");
            await surroundings.Error.WriteLineAsync($"repeat it: {plan.Repeat}");
            return null;
        }
    }

    private static async Task TellAsync(SimulationResult result, SimulationPlan plan, MergedSessions? merged, bool json, Surroundings surroundings)
    {
        if (json)
        {
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(SimulateJson.Of(result, plan, merged), SimulateJsonContext.Default.SimulateJson));
        }
        else
        {
            SimulationReport.Write(result, surroundings.OutConsole());
            if (merged is not null) MergeReport.Write(merged, surroundings.OutConsole());
        }

        if (!result.HoldsAllPromises) await TellBrokenAsync(result, plan, surroundings.Error);
    }

    private static async Task TellBrokenAsync(SimulationResult result, SimulationPlan plan, TextWriter to)
    {
        var outside = result.OutsideOfBound.Select(name => $"The true clock of {name} lies outside of its bound.");
        var broken = result.BrokenPromises.Count > 0 ? result.BrokenPromises : [.. outside];
        foreach (var promise in broken.Take(MostTold)) await to.WriteLineAsync($"error: {promise}");
        if (broken.Count > MostTold) await to.WriteLineAsync($"error: and {broken.Count - MostTold} more broken promises; --json tells them all");
        await to.WriteLineAsync($"repeat it: {plan.Repeat}");
    }

    /// <summary>What <c>merge</c> makes of the folder; false with what is wrong told when it could not be read or written.</summary>
    private static async Task<(MergedSessions? Merged, bool IsDone)> MergeAsync(string folder, Surroundings surroundings, CancellationToken cancellationToken)
    {
        try
        {
            var errors = new UsageErrors();
            if (MergePlanner.Plan([folder], output: null, merge: null, maxClockError: null, surroundings.Machine, errors) is { } plan)
                return (await WorkProgress.ShowAsync(surroundings, progress => MergedSessions.MakeAsync(plan, progress, cancellationToken)), true);
            foreach (var error in errors.Lines) await surroundings.Error.WriteLineAsync($"error: {error}");
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            await surroundings.Error.WriteLineAsync($"error: {folder}: {unwritable.Message}");
        }

        return (null, false);
    }

    private SimulateOptions Read(ParseResult line) => new()
    {
        Scenario = line.Typed(_scenario),
        Browsers = line.Typed(_browsers),
        Nodes = line.Typed(_nodes),
        Duration = line.Typed(_duration),
        MarkEvery = line.Typed(_markEvery),
        Seed = line.Typed(_seed),
        Record = line.Typed(_record),
        Config = line.Typed(_common.Config),
        Data = line.Typed(_common.Data),
        Json = line.Errors.Count == 0 && line.GetValue(_common.Json),
    };
}
