using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Verbs;

namespace Orchestrator.Host.CommandLine;

/// <summary>The whole command line: parses it, gives it to its verb, and turns what nobody expected into one line.</summary>
internal static class OrchestratorCommandLine
{
    private static readonly ParserConfiguration Parser = new()
    {
        // A value may begin with '-' (a category that is excluded) or with '@': it is never taken apart, never a file of arguments.
        EnablePosixBundling = false,
        ResponseFileTokenReplacer = null,
    };

    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(string[] args, Surroundings surroundings)
    {
        try
        {
            var common = new CommonOptions();
            var help = new HelpPage(surroundings.HelpWidth, common);
            var line = Root(help, common).Parse(args, Parser);
            if (line.Action is not (null or ParseErrorAction))
                return await line.InvokeAsync(new InvocationConfiguration { Output = surroundings.Out, Error = surroundings.Error, ProcessTerminationTimeout = null });

            var errors = new UsageErrors();
            foreach (var error in line.Errors) errors.Add(Said(error.Message, line, common));
            if (line.CommandResult.Command is Verb verb)
            {
                var code = await verb.RunAsync(line, errors, surroundings);
                if (!errors.Any) return code;
            }

            Tell(errors, line, help, surroundings.Error);
            return ExitCode.Usage;
        }
        catch (Exception unexpected)
        {
            TellUnexpected(unexpected, surroundings);
            return ExitCode.Failed;
        }
    }

    /// <summary>One line about what nobody expected, and all of it for those who ask.</summary>
    /// <param name="during">What was being done; ends with a colon and a blank when there is any.</param>
    internal static void TellUnexpected(Exception unexpected, Surroundings surroundings, string during = "")
    {
        surroundings.Error.WriteLine($"error: {during}{OneLine(unexpected)}");
        if (surroundings.Machine.Variable("ORCHESTRATOR_DEBUG") == "1") surroundings.Error.WriteLine(unexpected.ToString());
        else surroundings.Error.WriteLine("ORCHESTRATOR_DEBUG=1 shows where it comes from.");
    }

    internal static RootCommand Root(HelpPage help, CommonOptions common)
    {
        var root = new OrchestratorRoot { common.Json, common.Config, common.Data };
        foreach (var option in root.Options)
        {
            if (option is HelpOption helpOption) (helpOption.Action, helpOption.Description) = (help, "Show this help");
            if (option is VersionOption version) version.Description = "Show the version";
        }

        root.Add(new RecordVerb(common));
        root.Add(new NodeVerb(common));
        root.Add(new SessionsVerb(common));
        root.Add(new MergeVerb(common));
        root.Add(new VerifyVerb(common));
        root.Add(new CategoriesVerb(common));
        root.Add(new SimulateVerb(common));
        root.Add(new StatusVerb(common));
        return root;
    }

    private static void Tell(UsageErrors errors, ParseResult line, HelpPage help, TextWriter to)
    {
        foreach (var error in errors.Lines) to.WriteLine($"error: {error}");
        var command = line.CommandResult.Command;
        if (command.Subcommands.Count == 0)
        {
            to.WriteLine($"Nothing was started. 'orchestrator {Path(command)} --help' shows every option.");
            return;
        }

        to.WriteLine();
        help.Write(command, to);
    }

    private static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand ? $"{Path(parent)} {command.Name}" : command.Name;

    /// <summary>The parser's message, with the option that was probably meant.</summary>
    private static string Said(string message, ParseResult line, CommonOptions common)
    {
        var unknown = line.UnmatchedTokens.FirstOrDefault(token => token.StartsWith("--", StringComparison.Ordinal) && message.Contains($"'{token}'", StringComparison.Ordinal));
        if (unknown is null) return message.TrimEnd('.');
        var known = line.CommandResult.Command.Options.Concat(common.Group.Options).Select(option => option.Name);
        var name = unknown.Split('=')[0];
        return Spelling.Nearest(name, known) is { } near ? $"unknown option {UsageErrors.Shown(name)}; did you mean {near}?" : $"unknown option {UsageErrors.Shown(name)}";
    }

    private static string OneLine(Exception exception)
    {
        var said = exception is AggregateException { InnerExceptions.Count: 1 } one ? one.InnerException! : exception;
        var message = said.Message.ReplaceLineEndings(" ").Trim();
        return message.Length > 0 ? message : said.GetType().Name;
    }

    private sealed class OrchestratorRoot() : RootCommand("Records many Chromium browsers together: one command, one session, one outcome."), IHelpTopic
    {
        public IReadOnlyList<OptionGroup> Groups => [];
        public IReadOnlyList<string> Notes =>
        [
            "Exit codes: 0 complete, 1 failed, 2 wrong usage or configuration, 3 partial or complete with data loss, 130 aborted.",
        ];

        public IReadOnlyList<Example> Examples =>
        [
            new("orchestrator record --launch 3 --url https://example.com --duration 5s", "Launches three browsers and traces them together for five seconds."),
            new("orchestrator sessions list", "Shows what was recorded before."),
        ];
    }
}
