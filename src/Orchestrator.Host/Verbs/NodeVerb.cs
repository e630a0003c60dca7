using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Hosting;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Planning;

namespace Orchestrator.Host.Verbs;

/// <summary><c>node</c>: a long-running node of a cluster.</summary>
internal sealed class NodeVerb : Verb
{
    private readonly CommonOptions _common;
    private readonly Option<string?> _name = OptionShapes.Value("--name", "NAME", "What the node is called in sessions and files; unique in its cluster (default: orchestrator.node-name, else the machine's name)");
    private readonly Option<string?> _roles = OptionShapes.Value("--roles", "LIST", "coordinator: may run sessions; browsers: records browsers (default: coordinator,browsers)");
    private readonly Option<string?> _bind = OptionShapes.Value("--bind", "HOST:PORT", "The cluster's port; port 0: any that is free (default: 127.0.0.1:4053)");
    private readonly Option<string?> _advertise = OptionShapes.Value("--advertise", "HOST:PORT", "How other nodes reach that port (default: as it is bound)");
    private readonly Option<string[]> _seeds = OptionShapes.Repeatable("--seed", "HOST:PORT", $"A node of the cluster to join (default: ${NodePlanner.SeedsVariable}, else orchestrator.seeds; none: the node forms a cluster of its own)");
    private readonly Option<string?> _http = OptionShapes.Value("--http", "HOST:PORT", "The API's port, from which recordings are fetched, too; off for none (default: 127.0.0.1:8080)");
    private readonly Option<string?> _tokenFile = OptionShapes.Value("--token-file", "FILE", $"File with the token that every HTTP request must carry, the same on all nodes (default: ${Tokens.Variable})");
    private readonly Option<string?> _capacity = OptionShapes.Value("--capacity", "N", "Browsers that it may launch at once (default: one for each core, at least 2; 0 without a browser)");
    private readonly Option<string[]> _attach = OptionShapes.Repeatable("--attach", "ENDPOINT", "A running browser that it offers, as in record");
    private readonly Option<string?> _chrome = OptionShapes.Value("--chrome", "PATH", "The browser that it launches, as in record");
    private readonly Option<string[]> _chromeArgs = OptionShapes.Repeatable("--chrome-arg", "ARG", "Further argument of launched browsers");
    private readonly Option<string?> _journal = OptionShapes.Value("--journal", "KIND", "sqlite: a file in the data folder, for a cluster's only coordinator; postgres: a database that all coordinators share (default: sqlite)");
    private readonly Option<string?> _connection = OptionShapes.Value("--connection-string-file", "FILE", "File with the connection string of --journal postgres");

    public NodeVerb(CommonOptions common) : base("node", "Runs a node of a cluster until it is told to stop: it records browsers, coordinates sessions, and serves the API.")
    {
        _common = common;
        AddOptions(
            new OptionGroup("Cluster", [_name, _roles, _bind, _advertise, _seeds]),
            new OptionGroup("HTTP", [_http, _tokenFile]),
            new OptionGroup("Browsers", [_capacity, _attach, _chrome, _chromeArgs]),
            new OptionGroup("Journal", [_journal, _connection]));
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("orchestrator node", "A cluster of one node, for sessions that are started with 'record --server http://127.0.0.1:8080'."),
        new("orchestrator node --name b --data /var/lib/b --bind 127.0.0.1:4054 --seed 127.0.0.1:4053 --http 127.0.0.1:8081 --roles browsers", "A second one on the same machine, which only records."),
        new("orchestrator node --bind 10.0.0.7:4053 --seed node-1:4053 --http 10.0.0.7:8080 --token-file token --journal postgres --connection-string-file journal --config tls.conf", "One of several coordinators, on a host of its own."),
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "When it can take sessions it prints a line on stderr that begins with 'ready'; with --json one JSON document on stdout: {\"ready\":true,\"cluster\":\"HOST:PORT\",\"http\":\"http://HOST:PORT\"}.",
        "SIGTERM or Ctrl-C: ends what is recorded here, hands over, waits until what was recorded has been fetched (orchestrator.drain-timeout), leaves, exit code 0. A second one ends the process at once.",
        "A port beyond this machine needs certificates (orchestrator.tls in --config) or, for HTTP, a token.",
    ];

    public override async Task<int> RunAsync(ParseResult line, UsageErrors errors, Surroundings surroundings)
    {
        var machine = surroundings.Machine;
        var configuration = _common.ReadConfiguration(line, errors, surroundings);
        var dataFolder = _common.DataFolder(line, errors, machine);
        if (dataFolder is not null) FolderRules.CheckData(dataFolder, machine, errors);
        if (configuration is null) return ExitCode.Usage;
        var settings = OrchestratorSettings.Read(configuration.WithFallback(ReferenceConfiguration.Settings()), out _);
        if (line.Typed(_name) is { } name) settings = settings with { NodeName = name };
        if (!Tracing.Folders.NodeClockLog.IsName(settings.NodeName)) errors.Add("--name", settings.NodeName, "is no name of a file, which nodes' names become; use letters, digits and hyphens");
        var plan = NodePlanner.Plan(Read(line), settings, machine, errors, out var notes);
        if (errors.Any || plan is null) return ExitCode.Usage;
        foreach (var note in notes) await surroundings.Error.WriteLineAsync($"note: {note}");

        using var stop = new Interruption();
        await using var process = await NodeProcess.StartAsync(plan, settings, configuration, dataFolder!, surroundings, errors, stop.Token);
        if (process is null) return ExitCode.Usage;
        var ready = process.Orchestrator.ReadyAsync(stop.Token);
        if (await Task.WhenAny(ready, process.Orchestrator.Refused) == ready && ready.IsCompletedSuccessfully)
        {
            await surroundings.Error.WriteLineAsync($"ready: node {settings.NodeName}, cluster {process.Orchestrator.Address}{(process.Http is { } http ? $", http {http.OriginalString.TrimEnd('/')}" : "")}");
            if (line.GetValue(_common.Json))
                await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new ReadyDocument(true, process.Orchestrator.Address, process.Http?.OriginalString.TrimEnd('/')), NodeJsonContext.Default.ReadyDocument));
        }

        await Task.WhenAny(process.Orchestrator.Refused, stop.RequestedAsync());
        if (process.Orchestrator.Refused is { IsCompletedSuccessfully: true } refused)
        {
            await surroundings.Error.WriteLineAsync($"error: {await refused}");
            await process.Orchestrator.StopAsync(CancellationToken.None);
            return ExitCode.Usage;
        }

        await surroundings.Error.WriteLineAsync("stopping: what is recorded here is ended and handed in; once more to end this process as it stands");
        await process.Orchestrator.StopAsync(CancellationToken.None);
        await surroundings.Error.WriteLineAsync("stopped");
        return ExitCode.Complete;
    }

    private NodeCommand Read(ParseResult line) => new()
    {
        Name = line.Typed(_name),
        Roles = line.Typed(_roles),
        Bind = line.Typed(_bind),
        Advertise = line.Typed(_advertise),
        Seeds = line.Typed(_seeds),
        Http = line.Typed(_http),
        Capacity = line.Typed(_capacity),
        Attach = line.Typed(_attach),
        TokenFile = line.Typed(_tokenFile),
        Journal = line.Typed(_journal),
        ConnectionStringFile = line.Typed(_connection),
        Chrome = line.Typed(_chrome),
        ChromeArgs = line.Typed(_chromeArgs),
    };
}

/// <summary>What <c>node --json</c> prints when it can take sessions.</summary>
internal sealed record ReadyDocument(bool Ready, string Cluster, string? Http);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReadyDocument))]
internal sealed partial class NodeJsonContext : JsonSerializerContext;
