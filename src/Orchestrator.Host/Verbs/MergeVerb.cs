using System.CommandLine;
using System.Text.Json;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Planning;
using Orchestrator.Host.Views;

namespace Orchestrator.Host.Verbs;

/// <summary><c>merge DIR...</c>: aligns and merges recorded sessions again, offline.</summary>
internal sealed class MergeVerb : Verb
{
    private readonly CommonOptions _common;
    private readonly Argument<string[]> _folders = new("dir") { HelpName = "DIR...", Description = "Folders that 'record' wrote, whole or cut off", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _merge = OptionShapes.Value("--merge", "WHAT", "perfetto (trace.tar, from proto recordings), json (trace.json.gz, from JSON recordings) or both (what fits the recordings; the default)");
    private readonly Option<string?> _output = OptionShapes.Value("--output", "DIR", "A new or empty folder for the merged files; needed for several sessions (default: the session's own)", "-o");
    private readonly Option<string?> _maxClockError = OptionShapes.Value("--max-clock-error", "TIME", "Exit with 3 when the clock of a browser is not known at least this well, as in 200us");

    public MergeVerb(CommonOptions common) : base("merge", "Aligns the clocks of recorded sessions and merges their traces into one file, without any browser or network.")
    {
        _common = common;
        Add(_folders);
        AddOptions(new OptionGroup("Output", [_merge, _output]), new OptionGroup("Policy", [_maxClockError]));
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("orchestrator merge session-20261123-124501-x7k2", "Writes that session's trace.tar and report.html again, and brings its session.json up to date."),
        new("orchestrator merge monday tuesday -o both", "Puts two sessions on one time line, in one file."),
        new("orchestrator merge cut-off --max-clock-error 100us --json", "Makes what can be made of a session that was cut off, and fails the job if a clock is known less well than that."),
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "A trace whose bytes are not those that were recorded, or that is no trace, is left out and named; the rest is merged.",
        "Exit codes: 0 all was merged, 1 nothing was, 2 wrong usage, 3 something was left out or a clock error above --max-clock-error, 130 given up.",
    ];

    public override async Task<int> RunAsync(ParseResult line, UsageErrors errors, Surroundings surroundings)
    {
        _common.ReadConfiguration(line, errors, surroundings);
        var typed = line.GetResult(_folders)?.Tokens.Select(token => token.Value).ToList() ?? [];
        var plan = MergePlanner.Plan(typed, line.Typed(_output), line.Typed(_merge), line.Typed(_maxClockError), surroundings.Machine, errors);
        if (errors.Any || plan is null) return ExitCode.Usage;

        using var interruption = new Interruption();
        try
        {
            var merged = await WorkProgress.ShowAsync(surroundings, progress => MergedSessions.MakeAsync(plan, progress, interruption.Token));
            if (line.GetValue(_common.Json)) await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(MergeJson.Of(merged), MergeJsonContext.Default.MergeJson));
            else MergeReport.Write(merged, surroundings.OutConsole());
            return merged.ExitCode;
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            await surroundings.Error.WriteLineAsync("given up; what was merged before is as it was, and nothing half-written stands under its name");
            return ExitCode.Aborted;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            await surroundings.Error.WriteLineAsync($"error: {plan.OutputFolder}: {unwritable.Message}");
            return ExitCode.Failed;
        }
    }
}
