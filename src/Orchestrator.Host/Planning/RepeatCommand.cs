using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Host.Hosting;

namespace Orchestrator.Host.Planning;

/// <summary>The command line that repeats a simulation, for a shell.</summary>
internal static partial class RepeatCommand
{
    /// <param name="seed">Told in any case: a scenario's file may change.</param>
    /// <param name="folder">That of <c>--record</c>; null when there is none.</param>
    public static string Of(SimulateOptions options, int seed, string? folder, IMachine machine)
    {
        var words = new List<string> { "orchestrator", "simulate" };
        void Add(string option, string? value)
        {
            if (value is not null) words.AddRange([option, Quoted(value)]);
        }

        Add("--scenario", options.Scenario);
        Add("--browsers", options.Browsers);
        Add("--nodes", options.Nodes);
        Add("--duration", options.Duration);
        Add("--mark-every", options.MarkEvery);
        Add("--seed", seed.ToString(CultureInfo.InvariantCulture));
        Add("--record", folder is null ? null : New(options.Record!, machine));
        Add("--config", options.Config);
        Add("--data", options.Data);
        if (options.Json) words.Add("--json");
        return string.Join(' ', words);
    }

    /// <summary>The word as a shell is to be given it.</summary>
    public static string Quoted(string word) => Plain().IsMatch(word) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // The folder that was named has files in it by then, and a simulation wants one without.
    private static string New(string named, IMachine machine)
    {
        var folder = Path.TrimEndingDirectorySeparator(named);
        var number = 2;
        while (machine.Look(Path.GetFullPath(Name(), machine.WorkingFolder)) is not FileKind.Missing) number++;
        return Name();

        string Name() => string.Create(CultureInfo.InvariantCulture, $"{folder}-{number}");
    }

    [GeneratedRegex(@"^[A-Za-z0-9_./:@%+=,-]+\z")]
    private static partial Regex Plain();
}
