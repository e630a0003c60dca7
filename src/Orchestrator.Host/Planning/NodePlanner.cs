using System.Net;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Hosting;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Planning;

/// <summary>What <c>node</c> is to do.</summary>
/// <param name="Http">Where the HTTP server listens; null: there is none.</param>
/// <param name="Postgres">The file with the journal's connection string; null: the embedded journal, or none.</param>
internal sealed record NodePlan(
    IReadOnlyList<string> Roles, HostAndPort Bind, HostAndPort? Advertise, IReadOnlyList<HostAndPort> Seeds, HostAndPort? Http, int Capacity,
    IReadOnlyList<string> Offers, LaunchPlan? Launch, string? Token, string? Postgres)
{
    public bool Coordinates => Roles.Contains(NodeOptions.CoordinatorRole);
}

/// <summary>From what was typed to a node. It looks at files and folders, and starts and makes nothing.</summary>
internal static class NodePlanner
{
    public const string SeedsVariable = "ORCHESTRATOR_SEEDS";

    private const string DefaultBind = "127.0.0.1:4053";
    private const string DefaultHttp = "127.0.0.1:8080";
    private const int MostCapacity = 1000;

    private static readonly string[] AllRoles = [NodeOptions.CoordinatorRole, NodeStatus.BrowsersRole];
    private static readonly (string Word, bool Value)[] Journals = [("sqlite", false), ("postgres", true)];

    /// <summary>The plan; null when there are errors, all of which are added.</summary>
    /// <param name="notes">What is allowed but may surprise.</param>
    public static NodePlan? Plan(NodeCommand command, OrchestratorSettings settings, IMachine machine, UsageErrors errors, out IReadOnlyList<string> notes)
    {
        var told = new List<string>();
        notes = told;
        var roles = ReadRoles(command.Roles, errors);
        var bind = ReadAddress("--bind", command.Bind ?? DefaultBind, errors);
        var advertise = command.Advertise is { } name ? ReadAddress("--advertise", name, errors) : null;
        var http = command.Http is "off" ? null : ReadAddress("--http", command.Http ?? DefaultHttp, errors);
        var token = Tokens.Read(command.TokenFile, errors, machine);
        var browsers = roles.Contains(NodeStatus.BrowsersRole);
        if (command.Http is "off" && browsers && settings.SharedFolder.Length == 0)
            errors.Add("--http", "off", "what this node records is fetched from it over HTTP; give it a port, or set orchestrator.shared-folder to a folder that all nodes share");
        if (bind is { } open && advertise is null && IPAddress.TryParse(open.Host, out var any) && (any.Equals(IPAddress.Any) || any.Equals(IPAddress.IPv6Any)))
            errors.Add("--bind", open.ToString(), "other nodes cannot reach all addresses as one; say with --advertise HOST:PORT how they reach this node");
        if (http is { } api && (advertise ?? bind) is { } cluster && IsOfThisMachine(api) && !IsOfThisMachine(cluster))
            errors.Add("--http", api.ToString(), $"other nodes reach this one as {cluster.Host}, and this port not at all: what is recorded here is fetched from it, and requests are forwarded to it; bind it to an address that they reach");
        var postgres = ReadJournal(command, roles, errors);
        var targets = new TargetRules(new RecordOptions { Chrome = command.Chrome, ChromeArgs = command.ChromeArgs, Attach = command.Attach }, machine, errors);
        var offers = targets.ReadEndpoints();
        if (!browsers && (command.Attach.Count > 0 || command.Capacity is not (null or "0")))
            errors.Add("--roles", command.Roles, "without the role browsers a node has none; leave out --attach and --capacity, or add the role");
        var (capacity, launch) = browsers ? ReadCapacity(command, targets, machine, errors, told) : (0, null);
        if (errors.Any) return null;
        return new NodePlan(roles, bind!.Value, advertise, ReadSeeds(command, settings, machine, errors), http, capacity, offers, launch, token, postgres) is var plan && errors.Any ? null : plan;
    }

    private static IReadOnlyList<string> ReadRoles(string? text, UsageErrors errors)
    {
        if (text is null) return AllRoles;
        var roles = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToList();
        foreach (var unknown in roles.Except(AllRoles)) errors.Add("--roles", text, $"{UsageErrors.Shown(unknown)} is not one of {string.Join(", ", AllRoles)}");
        if (roles.Count == 0) errors.Add("--roles", text, $"names no role; there are {string.Join(", ", AllRoles)}");
        return roles;
    }

    private static HostAndPort? ReadAddress(string option, string text, UsageErrors errors)
    {
        if (HostAndPort.TryParse(text, out var address)) return address;
        errors.Add(option, text, "not HOST:PORT, as in 127.0.0.1:4053; an IPv6 address stands in brackets");
        return null;
    }

    private static bool IsOfThisMachine(HostAndPort address) =>
        IPAddress.TryParse(address.Host, out var ip) ? IPAddress.IsLoopback(ip) : address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static List<HostAndPort> ReadSeeds(NodeCommand command, OrchestratorSettings settings, IMachine machine, UsageErrors errors)
    {
        var (option, texts) = command.Seeds.Count > 0 ? ("--seed", command.Seeds)
            : machine.Variable(SeedsVariable) is { } variable ? (SeedsVariable, Split(variable))
            : ("orchestrator.seeds", Split(settings.Seeds));
        var seeds = new List<HostAndPort>();
        foreach (var text in texts)
        {
            if (!HostAndPort.TryParse(text, out var seed) || seed.Port == 0) errors.Add(option, text, "not HOST:PORT of a node to join, as in node-1:4053");
            else if (!seeds.Contains(seed)) seeds.Add(seed);
        }

        return seeds;
        static string[] Split(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    private static string? ReadJournal(NodeCommand command, IReadOnlyList<string> roles, UsageErrors errors)
    {
        var isPostgres = Choices.Read("--journal", command.Journal, Journals, errors) ?? false;
        if (isPostgres && command.ConnectionStringFile is null) errors.Add("--connection-string-file is missing: it names the file that tells where the PostgreSQL journal is");
        if (!isPostgres && command.ConnectionStringFile is { } file) errors.Add("--connection-string-file", file, "belongs to --journal postgres; add that, or leave it out");
        return isPostgres && roles.Contains(NodeOptions.CoordinatorRole) ? command.ConnectionStringFile : null;
    }

    private static (int Capacity, LaunchPlan? Launch) ReadCapacity(NodeCommand command, TargetRules targets, IMachine machine, UsageErrors errors, List<string> notes)
    {
        var wanted = Choices.Number("--capacity", command.Capacity, 0, MostCapacity, "browsers", errors);
        if (wanted == 0) return (0, null);
        BrowserTarget[] any = [new BrowserTarget { Name = "any" }];
        if (wanted is not null || command.Chrome is not null || command.ChromeArgs.Count > 0 || machine.Variable(TargetRules.ChromeVariable) is not null)
            return (wanted ?? DefaultCapacity, targets.ReadLaunch(any));

        // Nobody asked for browsers to be launched here: that there are none is worth a word, and no reason to refuse.
        var absent = new UsageErrors();
        var launch = new TargetRules(new RecordOptions(), machine, absent).ReadLaunch(any);
        if (launch is not null) return (DefaultCapacity, launch);
        notes.Add("no browser was found on this machine: it launches none");
        return (0, null);
    }

    /// <summary>A browser that is busy takes a core.</summary>
    private static int DefaultCapacity => Math.Max(2, Environment.ProcessorCount);
}
