using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Planning;
using Orchestrator.Host.Views;
using Orchestrator.Tracing.Verification;

namespace Orchestrator.Host.Verbs;

/// <summary><c>verify DIR...</c>: checks recorded sessions from their files alone.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly CommonOptions _common;
    private readonly Argument<string[]> _folders = new("dir") { HelpName = "DIR...", Description = "Folders that 'record' wrote, whole or cut off", Arity = ArgumentArity.OneOrMore };

    public VerifyVerb(CommonOptions common) : base("verify", "Checks recorded sessions: files, hashes, traces to their end, markers, clock bounds by cause and effect, merged files. Changes nothing.")
    {
        _common = common;
        Add(_folders);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("orchestrator verify session-20261123-124501-x7k2", "Lists each check with ok or FAILED."),
        new("orchestrator verify monday tuesday --json", "The checks of two sessions as one JSON document."),
    ];

    public override IReadOnlyList<string> Notes => ["Exit codes: 0 all is well, 1 something is wrong, and each thing was named, 2 wrong usage, 130 given up."];

    public override async Task<int> RunAsync(ParseResult line, UsageErrors errors, Surroundings surroundings)
    {
        _common.ReadConfiguration(line, errors, surroundings);
        var typed = line.GetResult(_folders)?.Tokens.Select(token => token.Value).ToList() ?? [];
        var sessions = MergePlanner.ReadFolders(typed, surroundings.Machine, errors);
        if (errors.Any) return ExitCode.Usage;

        using var interruption = new Interruption();
        try
        {
            var verified = await WorkProgress.ShowAsync(surroundings, async progress =>
            {
                var all = new List<VerifiedSession>();
                foreach (var session in sessions) all.Add(await SessionVerification.VerifyAsync(session, progress, interruption.Token));
                return all;
            });
            if (line.GetValue(_common.Json)) await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new VerifyJson(verified), VerifyJsonContext.Default.VerifyJson));
            else foreach (var session in verified) VerifyReport.Write(session, surroundings.OutConsole());
            return verified.TrueForAll(session => session.IsOk) ? ExitCode.Complete : ExitCode.Failed;
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            await surroundings.Error.WriteLineAsync("given up");
            return ExitCode.Aborted;
        }
    }
}

/// <summary>What <c>verify --json</c> prints.</summary>
internal sealed record VerifyJson(IReadOnlyList<VerifiedSession> Sessions)
{
    [JsonPropertyOrder(-1)] public int Schema { get; } = 1;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(VerifyJson))]
internal sealed partial class VerifyJsonContext : JsonSerializerContext;
