using Akka.Configuration;
using Akka.Configuration.Hocon;
using Orchestrator.TestKit.Hocon;
using Orchestrator.TestKit.Simulations;
using Orchestrator.TestKit.Tests.Hocon;

namespace Orchestrator.TestKit.Tests.Simulations;

public sealed class ShippedScenarioTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "scenarios");
    private static readonly string Reference = File.ReadAllText(Path.Combine(Folder, "reference.conf"));

    public static TheoryData<string> Shipped => [.. Directory.GetFiles(Folder).Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_shipped_scenario_can_be_used_and_bears_its_files_name(string file)
    {
        var scenario = ScenarioFile.Load(Path.Combine(Folder, file));
        Assert.Equal(Path.GetFileNameWithoutExtension(file), scenario.Name);
        Assert.All(Enumerable.Range(1, scenario.Browsers), number => Assert.NotNull(scenario.ConditionsOf(number)));
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_shipped_scenario_says_what_it_is_for(string file) => Assert.StartsWith("# ", File.ReadAllText(Path.Combine(Folder, file)));

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_shipped_scenario_says_the_same_to_Akka(string file)
    {
        var text = File.ReadAllText(Path.Combine(Folder, file));
        Assert.Equal(Told(ConfigurationFactory.ParseString(text).Root), HoconReaderTests.Told(HoconReader.Read(text)));
    }

    [Fact]
    public void The_reference_says_what_holds_anyway() =>
        Equal.Scenarios(new Scenario { Name = "reference" }, ScenarioFile.Load(Path.Combine(Folder, "reference.conf")));

    [Fact]
    public void The_reference_has_every_key()
    {
        var keys = ScenarioFile.Read(Reference, "reference.conf").Keys;
        Assert.Contains("scenario.timeouts.flush", keys);
        Assert.All(Keys.Of(keys), key => Assert.Matches($@"\b{key}( =| \{{)", Reference));
    }

    [Fact]
    public void The_reference_has_every_fault_with_its_keys()
    {
        foreach (var kind in ScenarioFileRules.FaultKinds)
        {
            var line = Assert.Single(Reference.Split('\n'), line => line.StartsWith($"  #   {{ fault = {kind}", StringComparison.Ordinal));
            var keys = ScenarioFile.Read($"scenario {{ faults = [ {{ fault = {kind} }} ] }}", "x.conf").Keys.Where(key => key.StartsWith("scenario.faults[].", StringComparison.Ordinal));
            Assert.All(Keys.Of(keys).Except(["browsers", "probability"]), key => Assert.Contains($"{key} =", line));
            // What stands there in a comment can be used as it stands.
            Assert.Empty(ScenarioFile.Read($"scenario {{ faults = [ {line.TrimStart(' ', '#')[..(line.LastIndexOf('}') - 5)]} ] }}", "x.conf").Errors);
        }
    }

    [Fact]
    public void The_users_page_has_every_key_and_every_fault_and_its_example_can_be_used()
    {
        var page = File.ReadAllText(Path.Combine(Repository(), "docs", "simulate.md"));
        // Distributions have a table of their own, and blocks are named with their keys.
        var paths = ScenarioFile.Read(Reference, "reference.conf").Keys
            .Where(path => path != "scenario" && !path.Contains(".uniform") && !path.Contains(".log-normal") && !path.Contains(".heavy-tail")).ToList();
        var leaves = paths.Where(path => !paths.Exists(other => other.StartsWith(path + ".", StringComparison.Ordinal))).ToList();
        Assert.Contains("scenario.delays.there", leaves);
        Assert.All(leaves, path => Assert.Contains($"`{path["scenario.".Length..]}`", page));
        Assert.All(ScenarioFileRules.FaultKinds, kind => Assert.Contains($"| `{kind}` |", page));
        var example = page.Split("```hocon\n")[1].Split("```")[0];
        Assert.Empty(ScenarioFile.Read(example, "rehearsal.conf").Errors);
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }

    private static string Told(HoconValue value) => value switch
    {
        _ when value.IsObject() => $"{{{string.Join(",", value.GetObject().Items.Select(item => $"{item.Key}:{Told(item.Value)}"))}}}",
        _ when value.IsArray() => $"[{string.Join(",", value.GetArray().Select(Told))}]",
        // Akka takes an empty list for no list.
        _ => value.GetString()?.Trim() ?? "[]",
    };
}

internal static class Keys
{
    /// <summary>The last parts of the paths.</summary>
    public static IEnumerable<string> Of(IEnumerable<string> paths) => paths.Select(path => path[(path.LastIndexOf('.') + 1)..]).Distinct();
}
