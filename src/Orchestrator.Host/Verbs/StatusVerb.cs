using System.CommandLine;
using System.Text.Json;
using Orchestrator.Host.Api;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Remote;
using Orchestrator.Host.Views;

namespace Orchestrator.Host.Verbs;

/// <summary><c>status</c>: the nodes of a cluster, and its open sessions.</summary>
internal sealed class StatusVerb : Verb
{
    private readonly CommonOptions _common;
    private readonly ServerOptions _server = new();

    public StatusVerb(CommonOptions common) : base("status", "Shows a cluster: its nodes, what they offer, how well their clocks are known, and the open sessions.")
    {
        _common = common;
        AddOptions(_server.Group);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("orchestrator status --server http://127.0.0.1:8080", "Asks any node of the cluster."),
        new("orchestrator status --server http://127.0.0.1:8080 --token-file token --json", "The same as a JSON document, from a cluster that has a token."),
    ];

    public override async Task<int> RunAsync(ParseResult line, UsageErrors errors, Surroundings surroundings)
    {
        _common.ReadConfiguration(line, errors, surroundings);
        var server = _server.Read(line, _common, errors, surroundings.Machine, out var isNamed);
        if (!isNamed) errors.Add($"--server is missing, and {ServerOptions.ServerVariable} is not set: name a node of the cluster, as in --server http://127.0.0.1:8080");
        if (errors.Any || server is null) return ExitCode.Usage;

        await using var client = new ClusterClient(server, surroundings.Time);
        return await Asking.AnswerAsync(async () =>
        {
            var cluster = await client.StatusAsync(CancellationToken.None);
            if (line.GetValue(_common.Json)) await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(cluster, IndentedJson.Default.ClusterStatus));
            else ClusterReport.Write(cluster, surroundings.Time, surroundings.OutConsole());
            return ExitCode.Complete;
        }, surroundings);
    }
}
