using System.Globalization;
using Orchestrator.TestKit.Hocon;

namespace Orchestrator.TestKit.Simulations;

/// <summary>Scenarios in files: commented HOCON with one block <c>scenario</c>. docs/simulate.md lists its keys.</summary>
public static class ScenarioFile
{
    /// <summary>Reads the scenario in a file.</summary>
    /// <exception cref="ScenarioFileException">Something in it is wrong; all of it is told.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Scenario Load(string path)
    {
        var reading = Read(File.ReadAllText(path), path);
        return reading.Scenario ?? throw new ScenarioFileException(reading.Errors);
    }

    /// <summary>Reads the scenario in a text. It never throws for what the text says.</summary>
    /// <param name="file">The path of the file that it came from, as errors are to name it.</param>
    /// <param name="overrides">What is to hold whatever the file says.</param>
    /// <param name="readReplay">Reads the recorded trace that the file names; default: a file beside it. It may throw an <see cref="IOException"/>.</param>
    public static ScenarioReading Read(string text, string file, ScenarioOverrides? overrides = null, Func<string, byte[]>? readReplay = null)
    {
        var findings = new ScenarioFileFindings(file);
        try
        {
            var root = HoconReader.Read(text);
            var scenario = new ScenarioFileReader(findings, overrides ?? new ScenarioOverrides(), readReplay ?? Beside(file)).Read(root);
            return new ScenarioReading(findings.Errors.Count == 0 ? scenario : null, findings.Errors, findings.Keys);
        }
        catch (HoconException not)
        {
            return new ScenarioReading(null, [new ScenarioError(file, not.Line, "", not.Message)], findings.Keys);
        }
    }

    private static Func<string, byte[]> Beside(string file) =>
        name => File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file)) ?? "", name));
}

/// <summary>What came of reading a scenario file.</summary>
/// <param name="Scenario">Null when there are errors.</param>
/// <param name="Errors">In the order of their lines.</param>
public sealed record ScenarioReading(Scenario? Scenario, IReadOnlyList<ScenarioError> Errors)
{
    internal ScenarioReading(Scenario? scenario, IReadOnlyList<ScenarioError> errors, IReadOnlySet<string> keys) : this(scenario, errors) => Keys = keys;

    /// <summary>The paths of all keys that the reader looked for, indexes left out.</summary>
    internal IReadOnlySet<string> Keys { get; } = new HashSet<string>();
}

/// <summary>Something that is wrong in a scenario file.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Key">The key's path; empty when it is about none.</param>
/// <param name="Problem">What is wrong, and what is allowed.</param>
public sealed record ScenarioError(string File, int Line, string Key, string Problem)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}: {(Key.Length > 0 ? $"{Key}: " : "")}{Problem}");
}

/// <summary>What holds whatever a scenario file says; null: what it says.</summary>
public sealed record ScenarioOverrides
{
    public int? Browsers { get; init; }
    public int? Nodes { get; init; }
    public int? Seed { get; init; }
    public TimeSpan? Duration { get; init; }
    public TimeSpan? MarkEvery { get; init; }

    /// <summary>The scenario with what these say.</summary>
    public Scenario Over(Scenario scenario) => scenario with
    {
        Browsers = Browsers ?? scenario.Browsers,
        Nodes = Nodes ?? scenario.Nodes,
        Seed = Seed ?? scenario.Seed,
        Duration = Duration ?? scenario.Duration,
        MarkEvery = MarkEvery ?? scenario.MarkEvery,
    };
}

/// <summary>A scenario file that cannot be used.</summary>
public sealed class ScenarioFileException(IReadOnlyList<ScenarioError> errors) : Exception(string.Join(Environment.NewLine, errors))
{
    public IReadOnlyList<ScenarioError> Errors => errors;
}
