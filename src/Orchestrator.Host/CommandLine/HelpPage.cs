using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Orchestrator.Host.CommandLine;

/// <summary>The help of a verb: its options in groups, then its notes and examples.</summary>
internal sealed class HelpPage(int width, CommonOptions common) : SynchronousCommandLineAction
{
    private const int OptionColumn = 38;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command, parseResult.InvocationConfiguration.Output);
        return ExitCode.Complete;
    }

    public void Write(Command command, TextWriter to)
    {
        var verbs = command.Subcommands.Where(verb => !verb.Hidden).ToList();
        Paragraph(command.Description ?? "", "", to);
        to.WriteLine();
        to.WriteLine("Usage:");
        to.WriteLine($"  {Usage(command, verbs.Count > 0)}");
        Section("Verbs", [.. verbs.Select(verb => (verb.Name, verb.Description ?? ""))], to);
        Section("Arguments", [.. command.Arguments.Select(argument => (argument.HelpName ?? argument.Name, argument.Description ?? ""))], to);
        foreach (var group in Groups(command))
            Section(group.Title, [.. group.Options.Select(option => (Label(option), option.Description ?? ""))], to);
        if (command is not IHelpTopic topic) return;
        foreach (var note in topic.Notes)
        {
            to.WriteLine();
            foreach (var paragraph in note.Split('\n')) Paragraph(paragraph, "", to);
        }

        to.WriteLine();
        to.WriteLine("Examples:");
        foreach (var example in topic.Examples)
        {
            to.WriteLine($"  {example.Line}");
            Paragraph(example.Does, "      ", to);
        }
    }

    private IEnumerable<OptionGroup> Groups(Command command)
    {
        foreach (var group in (command as IHelpTopic)?.Groups ?? []) yield return group;
        var root = Lineage(command)[0];
        yield return common.Group with { Options = [.. common.Group.Options, .. root.Options.Where(option => option is HelpOption || (option is VersionOption && command == root))] };
    }

    private static string Usage(Command command, bool hasVerbs)
    {
        var names = Lineage(command).Select(at => at is RootCommand ? "orchestrator" : at.Name).ToList();
        names.AddRange(command.Arguments.Select(argument => argument.HelpName ?? argument.Name));
        if (hasVerbs) names.Add("VERB");
        names.Add("[options]");
        return string.Join(' ', names);
    }

    /// <summary>The command and those that it stands under, the root first.</summary>
    private static List<Command> Lineage(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? [.. Lineage(parent), command] : [command];

    private static string Label(Option option)
    {
        var names = string.Join(", ", option.Aliases.Where(alias => !alias.StartsWith('/') && alias != "-?").Prepend(option.Name));
        return option.HelpName is { } value ? $"{names} {value}" : names;
    }

    private void Section(string title, IReadOnlyList<(string Label, string Text)> rows, TextWriter to)
    {
        if (rows.Count == 0) return;
        to.WriteLine();
        to.WriteLine($"{title}:");
        foreach (var (label, text) in rows)
        {
            var first = $"  {label}".PadRight(OptionColumn);
            var indent = new string(' ', OptionColumn);
            if (first.Length > OptionColumn)
            {
                to.WriteLine(first.TrimEnd());
                first = indent;
            }

            Paragraph(text, indent, to, first);
        }
    }

    private void Paragraph(string text, string indent, TextWriter to, string? first = null)
    {
        var line = first ?? indent;
        var empty = true;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!empty && line.Length + 1 + word.Length > width)
            {
                to.WriteLine(line);
                (line, empty) = (indent, true);
            }

            line += empty ? word : " " + word;
            empty = false;
        }

        to.WriteLine(line.TrimEnd());
    }
}
