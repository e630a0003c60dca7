using Orchestrator.Actors.Artifacts;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Hosting;

/// <summary>What a node of a cluster is told when its process starts.</summary>
public sealed record NodeOptions
{
    public const string CoordinatorRole = "coordinator";

    /// <summary><c>coordinator</c>, <c>browsers</c>, or both.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Where the cluster's port is opened; port 0: any that is free.</summary>
    public required HostAndPort Bind { get; init; }

    /// <summary>How other nodes reach it; null: as it is bound.</summary>
    public HostAndPort? Advertise { get; init; }

    /// <summary>Nodes of the cluster to join, in the same order on every node; empty: it forms a cluster of its own.</summary>
    public IReadOnlyList<HostAndPort> Seeds { get; init; } = [];

    /// <summary>The folder of spools, sessions and the embedded journal; absolute.</summary>
    public required string DataFolder { get; init; }

    /// <summary>How many browsers it may launch at once; 0 where it has no browser to launch.</summary>
    public required int Capacity { get; init; }

    /// <summary>Endpoints of running browsers that it offers.</summary>
    public IReadOnlyList<string> Offers { get; init; } = [];

    /// <summary>How it launches browsers; null: it does not.</summary>
    public LaunchPlan? Launch { get; init; }

    /// <summary>The URL of the page that ships with the product.</summary>
    public required string SamplePage { get; init; }

    /// <summary>Null on a node that does not coordinate.</summary>
    public JournalPlace? Journal { get; init; }

    /// <summary>Of the program.</summary>
    public required string Version { get; init; }

    /// <summary>How it fetches what other nodes recorded.</summary>
    public required ISpoolTransfer Transfer { get; init; }

    public bool Coordinates => Roles.Contains(CoordinatorRole, StringComparer.Ordinal);
}

/// <param name="Host">A name or an address; an IPv6 address without brackets.</param>
/// <param name="Port">0 to 65535.</param>
public readonly record struct HostAndPort(string Host, int Port)
{
    /// <summary>Reads <c>HOST:PORT</c>; an IPv6 address stands in brackets.</summary>
    public static bool TryParse(string text, out HostAndPort parsed)
    {
        parsed = default;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var port)) return false;
        var host = text[..colon];
        var isBracketed = host.StartsWith('[') && host.EndsWith(']');
        if (isBracketed) host = host[1..^1];
        if (host.Length == 0 || (host.Contains(':') && !isBracketed) || Uri.CheckHostName(host) is UriHostNameType.Unknown) return false;
        parsed = new HostAndPort(host, port);
        return true;
    }

    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
