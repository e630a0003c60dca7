using System.Xml.Linq;

namespace Orchestrator.Host.Tests;

/// <summary>Dependencies go one way (docs/architecture.md): this is the whole graph, and a new edge has to be put here.</summary>
public sealed class ProjectReferencesTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Orchestrator.Cdp"] = [],
        ["Orchestrator.Tracing"] = [],
        ["Orchestrator.Actors"] = ["Orchestrator.Cdp", "Orchestrator.Tracing"],
        ["Orchestrator.Host"] = ["Orchestrator.Actors", "Orchestrator.TestKit"],
        ["Orchestrator.TestKit"] = ["Orchestrator.Actors"],
    };

    [Fact]
    public void Dependencies_go_one_way()
    {
        var found = Directory.GetFiles(SourceFolder(), "*.csproj", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetFileNameWithoutExtension(file),
            file => References(file, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))).Order().ToArray());

        Assert.Equal(Allowed.Keys.Order(), found.Keys.Order());
        foreach (var (project, references) in found) Assert.Equal(Allowed[project].Order(), references);
    }

    [Theory]
    [InlineData("Orchestrator.Cdp")]
    [InlineData("Orchestrator.Tracing")]
    public void The_leaves_know_no_Akka(string project)
    {
        var packages = References(Path.Combine(SourceFolder(), project, project + ".csproj"), "PackageReference");

        Assert.DoesNotContain(packages, package => package.StartsWith("Akka", StringComparison.Ordinal));
    }

    private static IEnumerable<string> References(string projectFile, string kind) =>
        XDocument.Load(projectFile).Descendants(kind).Select(reference => reference.Attribute("Include")!.Value);

    private static string SourceFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln"))) folder = folder.Parent!;
        return Path.Combine(folder.FullName, "src");
    }
}
