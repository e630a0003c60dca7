using System.CommandLine;
using System.Text;
using Akka.Configuration;
using Orchestrator.Host.Hosting;

namespace Orchestrator.Host.CommandLine;

/// <summary>The options that every verb has.</summary>
internal sealed class CommonOptions
{
    private const int LargestConfiguration = 1 << 20;

    public Option<bool> Json { get; } =
        new("--json") { Description = "One JSON document on stdout, all else on stderr", Recursive = true };

    public Option<string?> Config { get; } = Recursive(OptionShapes.Value(
        "--config", "FILE.conf", "Settings in HOCON, read over the built-in reference (hocon/orchestrator.conf)"));

    public Option<string?> Data { get; } = Recursive(OptionShapes.Value(
        "--data", "DIR", "Folder of the journal (default: $XDG_DATA_HOME/orchestrator, else ~/.local/share/orchestrator)"));

    public OptionGroup Group => new("Common options", [Json, Config, Data]);

    /// <summary>The settings that <c>--config</c> names, read and checked; null with errors added.</summary>
    public Config? ReadConfiguration(ParseResult line, UsageErrors errors, Surroundings surroundings)
    {
        var path = line.Typed(Config);
        string? hocon = null;
        if (path is not null)
        {
            var file = surroundings.Machine.ReadFile(path, LargestConfiguration);
            if (file.Problem is not null)
            {
                errors.Add("--config", path, file.Problem);
                return null;
            }

            hocon = Encoding.UTF8.GetString(file.Bytes);
        }

        var configuration = surroundings.ReadConfiguration(hocon, out var problems);
        foreach (var problem in problems)
        {
            if (path is null) errors.Add(problem);
            else errors.Add("--config", path, problem);
        }

        return problems.Count == 0 ? configuration : null;
    }

    /// <summary>The absolute path of the data folder; null with an error added.</summary>
    public string? DataFolder(ParseResult line, UsageErrors errors, IMachine machine)
    {
        if (line.Typed(Data) is { } given)
        {
            if (!string.IsNullOrWhiteSpace(given)) return Path.GetFullPath(given, machine.WorkingFolder);
            errors.Add("--data", given, "is empty; name a folder");
            return null;
        }

        // The XDG specification: a path that is not absolute is to be ignored.
        if (machine.Variable("XDG_DATA_HOME") is { } xdg && Path.IsPathFullyQualified(xdg)) return Path.Combine(xdg, "orchestrator");
        if (machine.Variable("HOME") is { } home && Path.IsPathFullyQualified(home)) return Path.Combine(home, ".local", "share", "orchestrator");
        errors.Add("--data is missing, and neither XDG_DATA_HOME nor HOME is set: name a folder for the journal");
        return null;
    }

    private static Option<string?> Recursive(Option<string?> option)
    {
        option.Recursive = true;
        return option;
    }
}
