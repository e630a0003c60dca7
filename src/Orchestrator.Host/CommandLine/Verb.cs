using System.CommandLine;
using Orchestrator.Host.Hosting;

namespace Orchestrator.Host.CommandLine;

/// <summary>One verb: its options in the groups that its help shows, examples, and what it does.</summary>
internal abstract class Verb(string name, string description) : Command(name, description), IHelpTopic
{
    public IReadOnlyList<OptionGroup> Groups { get; private set; } = [];

    public abstract IReadOnlyList<Example> Examples { get; }

    public virtual IReadOnlyList<string> Notes => [];

    /// <param name="errors">What is wrong with the command line so far; the verb adds its own and starts nothing if there are any.</param>
    /// <returns>The exit code.</returns>
    public abstract Task<int> RunAsync(ParseResult line, UsageErrors errors, Surroundings surroundings);

    protected void AddOptions(params IReadOnlyList<OptionGroup> groups)
    {
        Groups = groups;
        foreach (var option in groups.SelectMany(group => group.Options)) Add(option);
    }
}

internal sealed record OptionGroup(string Title, IReadOnlyList<Option> Options);

/// <param name="Line">A command line that works as it stands.</param>
/// <param name="Does">What it does, in a few words.</param>
internal sealed record Example(string Line, string Does);

/// <summary>A command that the help tells more about than its options.</summary>
internal interface IHelpTopic
{
    IReadOnlyList<OptionGroup> Groups { get; }
    IReadOnlyList<Example> Examples { get; }

    /// <summary>Paragraphs after the options.</summary>
    IReadOnlyList<string> Notes { get; }
}

/// <summary>The three shapes that options have here. Values stay text: the planning rules read them, so that every error has the same form.</summary>
internal static class OptionShapes
{
    public static Option<string?> Value(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { HelpName = value, Description = description, Arity = ArgumentArity.ExactlyOne };

    /// <summary>May be given again and again, one value each time.</summary>
    public static Option<string[]> Repeatable(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description + " (repeatable)", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };

    public static Option<bool?> Switch(string name, string description) => new(name) { Description = description };
}
