using System.Globalization;
using Orchestrator.Actors.Hosting;
using Orchestrator.Cdp;
using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Planning;

/// <summary>Which browsers of a cluster take part. How its nodes launch browsers is theirs to say; what they do not offer is not attached to.</summary>
internal sealed class ClusterTargetRules(RecordOptions options, IMachine machine, UsageErrors errors)
{
    private readonly TargetRules _rules = new(options, machine, errors);

    /// <summary>Adds what is wrong already before the nodes are known.</summary>
    public void Check() => Read();

    /// <summary>The browsers b1, b2, …: those that are launched anywhere, those that are launched on each node, those that are attached.</summary>
    public IReadOnlyList<BrowserTarget> ReadTargets(ClusterStatus cluster)
    {
        var (launched, perNode, endpoints, urls) = Read();
        var nodes = cluster.Nodes.Where(node => node is { Records: true, Capacity: > 0 }).ToList();
        CheckRoom(launched, perNode, nodes, cluster);
        var places = Enumerable.Repeat<(string? Node, string? Endpoint)>((null, null), launched)
            .Concat(nodes.SelectMany(node => Enumerable.Repeat<(string? Node, string? Endpoint)>((node.Name, null), perNode)))
            .Concat(endpoints.SelectMany(endpoint => Offering(endpoint, cluster)));
        return
        [
            .. places.Select((place, index) => new BrowserTarget
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"b{index + 1}"),
                Endpoint = place.Endpoint,
                Url = urls.Count > 0 ? urls[index % urls.Count] : null,
                Node = place.Node,
            }),
        ];
    }

    private (int Launched, int PerNode, IReadOnlyList<string> Endpoints, IReadOnlyList<string> Urls) Read()
    {
        if (options.Chrome is { } chrome) errors.Add("--chrome", chrome, "each node of a cluster launches the browser that its own settings name; leave it out");
        if (options.ChromeArgs is [var argument, ..]) errors.Add("--chrome-arg", argument, "each node of a cluster launches browsers as its own settings say; leave it out");
        var perNode = Choices.Number("--per-node", options.PerNode, 1, TargetRules.MostLaunched, "browsers", errors) ?? 0;
        var isNothingNamed = options.Attach.Count == 0 && options.PerNode is null;
        var launched = Choices.Number("--launch", options.Launch, 0, TargetRules.MostLaunched, "browsers", errors) ?? (isNothingNamed ? TargetRules.DefaultLaunched : 0);
        if (launched == 0 && isNothingNamed)
            errors.Add("--launch", options.Launch ?? "0", "no browser is left to record; launch at least one, or name one with --attach");
        // Whoever may record may not read the files of the nodes' users, and a picture of a page shows them.
        foreach (var file in options.Urls.Where(url => url.StartsWith("file:", StringComparison.OrdinalIgnoreCase)))
            errors.Add("--url", file, "the browsers of a cluster open no files of their nodes; serve the page over http");
        return (launched, perNode, _rules.ReadEndpoints(), _rules.ReadUrls(filesAreHere: false));
    }

    private void CheckRoom(int launched, int perNode, List<NodeStatus> nodes, ClusterStatus cluster)
    {
        if (nodes.Count == 0 && launched + perNode > 0)
        {
            errors.Add(launched > 0 ? "--launch" : "--per-node", Number(Math.Max(launched, perNode)), $"no node of the cluster launches browsers now; {Named(cluster.Nodes, Why)}");
            return;
        }

        if (nodes.Where(node => node.Free < perNode).ToList() is [_, ..] full)
            errors.Add("--per-node", Number(perNode), $"not every node has so many free places: {Named(full, Places)}; ask for fewer, or wait until other sessions have ended");
        var free = nodes.Sum(node => Math.Max(0, node.Free - perNode));
        if (launched > free)
            errors.Add("--launch", Number(launched), $"the cluster has {Number(free)} free places{(perNode > 0 ? " beside those of --per-node" : "")}: {Named(nodes, Places)}; ask for fewer, or wait until other sessions have ended");
    }

    /// <summary>The nodes that offer the endpoint, and how each of them writes it.</summary>
    private IReadOnlyList<(string? Node, string? Endpoint)> Offering(string endpoint, ClusterStatus cluster)
    {
        var offers = cluster.Nodes.Where(node => node.Records).SelectMany(node => node.Offers.Select(offer => (Node: node.Name, Endpoint: offer))).ToList();
        var nodes = offers.Where(offer => Address(offer.Endpoint) == Address(endpoint)).DistinctBy(offer => offer.Node).ToList();
        if (nodes.Count > 0) return [.. nodes.Select(offer => ((string?)offer.Node, (string?)offer.Endpoint))];
        errors.Add("--attach", endpoint, offers.Count == 0
            ? "no node of the cluster offers it, nor any other browser; start a node with --attach ENDPOINT to offer one"
            : $"no node of the cluster offers it; there are {string.Join(", ", offers.Select(offer => $"{offer.Endpoint} ({offer.Node})"))}");
        return [];
    }

    private static string Address(string endpoint) =>
        (CdpEndpoint.TryParse(endpoint, out var address, out _) ? address.Url.AbsoluteUri : endpoint).TrimEnd('/').ToLowerInvariant();

    private static string Why(NodeStatus node) => node.Refused is { } refused ? $"is refused: {refused}"
        : node.State != NodeStatus.Up ? $"is {node.State}"
        : !node.Records ? "has not the role browsers"
        : "has a capacity of 0";

    private static string Places(NodeStatus node) => string.Create(CultureInfo.InvariantCulture, $"has {node.Free} of {node.Capacity} free");

    private static string Named(IReadOnlyCollection<NodeStatus> nodes, Func<NodeStatus, string> how) =>
        nodes.Count == 0 ? "there is no node" : string.Join(", ", nodes.Select(node => $"{node.Name} {how(node)}"));

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
