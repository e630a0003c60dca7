using System.CommandLine;
using System.Text;
using Akka.Configuration;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Planning;
using Orchestrator.Host.Views;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Verbs;

/// <summary><c>record</c>: one coordinated session, from the command line to the report.</summary>
internal sealed class RecordVerb : Verb
{
    private readonly CommonOptions _common;
    private readonly RecordVerbOptions _options = new();
    private readonly ServerOptions _server = new();

    public RecordVerb(CommonOptions common) : base("record", "Records browsers together: prepare all, start all at one instant, mark, end all at one instant, keep each trace.")
    {
        _common = common;
        AddOptions([.. _options.Groups, _server.Group]);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("orchestrator record --launch 3 --url https://example.com --duration 5s", "Launches three browsers on that page and records five seconds of all of them."),
        new("orchestrator record --launch 4 --format json --max-clock-error 100us -o load-test", "Writes one trace.json.gz of all four for DevTools' Performance panel, and fails the job if a clock is known less well than that."),
        new("orchestrator record --attach http://localhost:9222 --attach http://localhost:9223 --duration 30s --mark login@5s -o load-test", "Records two running browsers, with a marker in both traces after five seconds."),
        new("orchestrator record --categories devtools.timeline,disabled-by-default-memory-infra --memory-dump light@2s --format json --json", "Takes a memory dump in each browser, writes Chrome JSON, and prints session.json."),
        new("orchestrator record --server http://127.0.0.1:8080 --per-node 2 --duration 30s -o load-test", "Records two browsers on each node of a cluster, and fetches what came of it."),
    ];

    public override IReadOnlyList<string> Notes =>
    [
        $"Default categories, from which DevTools' Performance panel draws, without JavaScript samples, stacks and screenshots, which cost much:\n{CategoryFilter.Default}",
        "Categories: a '*' may end a name. Where only disabled-by-default categories are named, the browser records its own default ones as well, unless -* excludes them. "
            + "'orchestrator categories --attach ENDPOINT' lists what a browser knows.",
        "Durations are numbers with us, ms, s, m or h. Ctrl-C ends the window early and keeps everything, a second one gives the session up.",
        "Exit codes: 0 complete, 1 failed, 2 wrong usage or configuration, 3 partial, complete with data loss, not merged wholly, or a clock error above --max-clock-error, 130 aborted.",
    ];

    public override async Task<int> RunAsync(ParseResult line, UsageErrors errors, Surroundings surroundings)
    {
        var machine = surroundings.Machine;
        var configuration = _common.ReadConfiguration(line, errors, surroundings);
        var options = _options.Read(line);
        var server = _server.Read(line, _common, errors, machine, out var isRemote);
        if (isRemote) return await RemoteRecording.RunAsync(server, options, line.GetValue(_common.Json), errors, surroundings);
        var dataFolder = _common.DataFolder(line, errors, machine);
        if (dataFolder is not null) FolderRules.CheckData(dataFolder, machine, errors);
        var plan = RecordPlanner.Plan(options, SessionIds.New(surroundings.Time, surroundings.Random), machine, errors, out var notes);
        if (errors.Any || plan is null) return ExitCode.Usage;

        foreach (var note in notes) await surroundings.Error.WriteLineAsync($"note: {note}");
        var document = await RecordAsync(plan, dataFolder!, configuration!, surroundings);
        if (document is null) return ExitCode.Aborted;
        return await TellAsync(document, line.GetValue(_common.Json), surroundings);
    }

    /// <returns>The exit code.</returns>
    internal static async Task<int> TellAsync(SessionDocument document, bool json, Surroundings surroundings)
    {
        if (json) await surroundings.Out.WriteLineAsync(Encoding.UTF8.GetString(document.ToUtf8()));
        else SessionReport.WriteResult(document, surroundings.OutConsole());
        return ExitCode.Of(document);
    }

    /// <summary>Runs the session; null when it was stopped before it could begin.</summary>
    private static async Task<SessionDocument?> RecordAsync(SessionPlan plan, string dataFolder, Config configuration, Surroundings surroundings)
    {
        await using var display = SessionDisplays.Open(surroundings);
        using var stop = new StopRequests(display.Say);
        using var signals = stop.Listen();
        await using var sessions = await surroundings.OpenSessions(dataFolder, configuration, CancellationToken.None);
        Recovered.Tell(sessions, display.Say);
        if (stop.End.IsCancellationRequested)
        {
            display.Say("stopped before anything was started");
            return null;
        }

        display.Say($"session {plan.SessionId}: {Figures.Count(plan.Targets.Count, "browser")}, to {plan.OutputFolder}");
        return await sessions.RecordAsync(plan, display.Show, stop.End, stop.Abort);
    }
}
