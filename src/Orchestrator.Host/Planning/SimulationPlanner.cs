using System.Text;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.TestKit.Simulations;

namespace Orchestrator.Host.Planning;

/// <summary>What <c>simulate</c> is to do.</summary>
/// <param name="Folder">Where the session's folder is to stay, an absolute path; null: nowhere.</param>
/// <param name="Repeat">The command that does the same once more.</param>
internal sealed record SimulationPlan(Scenario Scenario, string? Folder, string Repeat);

/// <summary>From what was typed to a scenario. It reads files, and starts and makes nothing.</summary>
internal static class SimulationPlanner
{
    private const int MostRecorded = 1000;
    private const int LargestScenario = 1 << 20;
    private const int LargestReplay = 256 << 20;
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    /// <summary>The plan; null when there are errors, all of which are added.</summary>
    public static SimulationPlan? Plan(SimulateOptions options, IMachine machine, UsageErrors errors)
    {
        var overrides = ReadOverrides(options, errors);
        var scenario = options.Scenario is { } value ? ReadScenario(value, overrides, machine, errors) : overrides.Over(new Scenario());
        if (scenario is not null && overrides.Nodes > scenario.Browsers)
            errors.Add("--nodes", options.Nodes!, $"there are {scenario.Browsers} browsers, and each node has at least one; ask for at most as many");
        var folder = options.Record is null ? null : FolderRules.ReadNew("--record", options.Record, "", machine, errors);
        if (options.Record is { } record && scenario?.Browsers > MostRecorded)
            errors.Add("--record", record, $"{scenario.Browsers} browsers are too many for a folder: at most {MostRecorded} are recorded; lower --browsers or leave --record out");
        return errors.Any || scenario is null ? null : new SimulationPlan(scenario, folder, RepeatCommand.Of(options, scenario.Seed, folder, machine));
    }

    private static ScenarioOverrides ReadOverrides(SimulateOptions options, UsageErrors errors)
    {
        var usual = new Scenario();
        return new ScenarioOverrides
        {
            Browsers = Choices.Number("--browsers", options.Browsers, 1, Scenario.MostBrowsers, "browsers", errors),
            Nodes = Choices.Number("--nodes", options.Nodes, 1, Scenario.MostNodes, "nodes", errors),
            Seed = Choices.Number("--seed", options.Seed, 0, int.MaxValue, "", errors),
            Duration = options.Duration is null ? null : DurationOptions.Read("--duration", options.Duration, usual.Duration, TimeSpan.FromMilliseconds(100), Day, errors),
            MarkEvery = options.MarkEvery is null ? null : DurationOptions.Read("--mark-every", options.MarkEvery, usual.MarkEvery, TimeSpan.FromMilliseconds(10), Day, errors),
        };
    }

    private static Scenario? ReadScenario(string value, ScenarioOverrides overrides, IMachine machine, UsageErrors errors)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            errors.Add("--scenario", value, "is empty; name a file, or a scenario that ships");
            return null;
        }

        var path = ShippedScenarios.PathOf(value, machine.ScenarioFolder);
        var file = machine.ReadFile(path, LargestScenario);
        if (file.Problem is not null)
        {
            errors.Add("--scenario", value, file.Problem + (machine.Look(Path.GetFullPath(path, machine.WorkingFolder)) is FileKind.Missing ? ShippedScenarios.Hint(value) : ""));
            return null;
        }

        var reading = ScenarioFile.Read(Encoding.UTF8.GetString(file.Bytes), path, overrides, name => ReadReplay(Path.Combine(Path.GetDirectoryName(path) ?? "", name), machine));
        foreach (var error in reading.Errors) errors.Add(error.ToString());
        return reading.Scenario;
    }

    private static byte[] ReadReplay(string path, IMachine machine)
    {
        if (machine.Look(Path.GetFullPath(path, machine.WorkingFolder)) is FileKind.Missing) throw new FileNotFoundException();
        var file = machine.ReadFile(path, LargestReplay);
        return file.Problem is { } problem ? throw new IOException(problem) : file.Bytes;
    }
}
