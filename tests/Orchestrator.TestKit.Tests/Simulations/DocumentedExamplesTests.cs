using System.Text.RegularExpressions;

namespace Orchestrator.TestKit.Tests.Simulations;

/// <summary>What docs/testkit.md shows is what <see cref="SimulationExamples"/> and <see cref="BrowserExamples"/> compile and run.</summary>
public sealed partial class DocumentedExamplesTests
{
    [Fact]
    public void Every_example_of_the_documentation_is_run_as_it_stands_there()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Orchestrator.sln"))) root = root.Parent!;
        var shown = Fences().Matches(Read(root, "docs/testkit.md")).Select(fence => fence.Groups[1].Value.Trim()).Where(code => code.StartsWith("[Fact]", StringComparison.Ordinal));
        var run = new[] { "SimulationExamples.cs", "BrowserExamples.cs" }
            .SelectMany(file => Examples().Matches(Read(root, $"tests/Orchestrator.TestKit.Tests/Simulations/{file}")))
            .Select(example => Indent().Replace(example.Groups[1].Value, "").Trim());

        Assert.Equal(run, shown);
        Assert.NotEmpty(shown);
    }

    private static string Read(DirectoryInfo root, string file) => File.ReadAllText(Path.Combine(root.FullName, file)).ReplaceLineEndings("\n");

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fences();

    [GeneratedRegex(@"// <example: [^>]*>\n(.*?)\n *// </example>", RegexOptions.Singleline)]
    private static partial Regex Examples();

    [GeneratedRegex("^    ", RegexOptions.Multiline)]
    private static partial Regex Indent();
}
