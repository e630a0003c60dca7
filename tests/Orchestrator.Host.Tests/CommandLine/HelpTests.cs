using System.CommandLine;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Tests.Support;

namespace Orchestrator.Host.Tests.CommandLine;

public class HelpTests
{
    private readonly CommandLineRun _run = new();

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("record", "--help")]
    [InlineData("record", "--nonsense", "--help")]
    [InlineData("sessions", "--help")]
    [InlineData("sessions", "list", "--help")]
    [InlineData("sessions", "show", "--help")]
    [InlineData("sessions", "events", "--help")]
    [InlineData("merge", "--help")]
    [InlineData("verify", "--help")]
    [InlineData("categories", "--help")]
    [InlineData("simulate", "--help")]
    [InlineData("status", "--help")]
    public async Task Every_verb_has_help_with_examples_and_the_common_options(params string[] args)
    {
        Assert.Equal(0, await _run.RunAsync(args));
        Assert.Equal("", _run.Error);
        Assert.Contains("Examples:\n  orchestrator ", _run.Out);
        foreach (var option in (string[])["--json", "--config FILE.conf", "--data DIR", "--help, -h"]) Assert.Contains(option, _run.Out);
    }

    [Theory]
    [InlineData("record")]
    [InlineData("simulate")]
    public async Task Help_names_every_option_and_stays_within_its_width(string name)
    {
        await _run.RunAsync(name, "--help");
        var common = new CommonOptions();
        var root = OrchestratorCommandLine.Root(new HelpPage(100, common), common);
        foreach (var option in root.Subcommands.Single(verb => verb.Name == name).Options) Assert.Contains(option.Name, _run.Out);
        Assert.All(_run.Out.Split('\n').Where(line => line.Contains(' ') && !line.StartsWith("  orchestrator", StringComparison.Ordinal)), line => Assert.True(line.Length <= 100, line));
    }

    [Fact]
    public void Examples_are_command_lines_that_parse()
    {
        var common = new CommonOptions();
        var root = OrchestratorCommandLine.Root(new HelpPage(100, common), common);
        var examples = Descendants(root).OfType<IHelpTopic>().SelectMany(topic => topic.Examples).ToList();
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Empty(root.Parse(example.Line["orchestrator ".Length..]).Errors));
    }

    [Fact]
    public async Task No_verb_is_an_error_with_help_on_stderr()
    {
        Assert.Equal(2, await _run.RunAsync());
        Assert.Equal("", _run.Out);
        Assert.Contains("Verbs:", _run.Error);
    }

    [Fact]
    public async Task An_unknown_verb_is_an_error()
    {
        Assert.Equal(2, await _run.RunAsync("recrod"));
        Assert.StartsWith("error: ", _run.Error);
        Assert.Contains("'recrod'", _run.Error);
    }

    [Fact]
    public async Task The_version_is_told()
    {
        Assert.Equal(0, await _run.RunAsync("--version"));
        Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+", _run.Out);
    }

    private static IEnumerable<Command> Descendants(Command command) => command.Subcommands.SelectMany(Descendants).Prepend(command);
}
