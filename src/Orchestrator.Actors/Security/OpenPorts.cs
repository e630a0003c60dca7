using System.Net;
using Orchestrator.Actors.Configuration;

namespace Orchestrator.Actors.Security;

/// <summary>What a node is about to open, and what guards it.</summary>
/// <param name="ClusterHost">The host of <c>--bind</c>: a name or an address, an IPv6 one with or without brackets.</param>
/// <param name="HttpHost">The host of <c>--http</c>; null when it is off.</param>
/// <param name="Tls">The <c>orchestrator.tls</c> block names certificates.</param>
/// <param name="Token">There is a token.</param>
/// <param name="Insecure"><c>orchestrator.insecure = on</c>.</param>
public sealed record OpenPorts(string ClusterHost, string? HttpHost, bool Tls, bool Token, bool Insecure)
{
    /// <summary>
    /// The rule: within this machine all is allowed; beyond it the cluster's port needs TLS, and HTTP needs TLS or a token.
    /// With TLS and no token, HTTP is for those with a node's certificate only (<see cref="EveryoneNeedsCertificate"/>).
    /// </summary>
    /// <param name="resolve">The addresses of a name; empty when it has none. Not asked about what is an address already.</param>
    /// <param name="warnings">To be told at each start.</param>
    /// <returns>Why the node must not start; empty when it may.</returns>
    public IReadOnlyList<string> Errors(Func<string, IReadOnlyList<IPAddress>> resolve, out IReadOnlyList<string> warnings)
    {
        var (errors, told) = (new List<string>(), new List<string>());
        warnings = told;
        var clusterBeyond = Beyond("--bind", ClusterHost, resolve, errors);
        var httpBeyond = HttpHost is not null && Beyond("--http", HttpHost, resolve, errors);

        if (clusterBeyond && !Tls)
        {
            Refuse($"--bind {ClusterHost}: whoever reaches the cluster's port from another machine could join, and run the browsers of this one; name certificates in {TlsSettings.Path}, or bind to 127.0.0.1");
        }

        if (httpBeyond && !Tls && !Token)
        {
            Refuse($"--http {HttpHost}: whoever reaches this port from another machine could start sessions and read traces; set a token (--token-file), name certificates in {TlsSettings.Path}, or bind to 127.0.0.1");
        }
        else if (httpBeyond && !Tls)
        {
            told.Add($"--http {HttpHost}: the token and all traces cross the network readable by anybody on the way; name certificates in {TlsSettings.Path}.");
        }

        return errors;

        void Refuse(string why)
        {
            if (Insecure) told.Add($"{why}. Started all the same, because orchestrator.insecure is on.");
            else errors.Add($"{why}. (orchestrator.insecure = on starts the node all the same.)");
        }
    }

    /// <summary>Nothing but a certificate tells who comes by HTTPS: there is no token.</summary>
    public bool EveryoneNeedsCertificate => Tls && !Token;

    private static bool Beyond(string option, string host, Func<string, IReadOnlyList<IPAddress>> resolve, List<string> errors)
    {
        var addresses = IPAddress.TryParse(host, out var address) ? [address] : resolve(host);
        if (addresses.Count == 0)
        {
            errors.Add($"{option} {host}: no address belongs to this name; bind to an address or a name of this machine.");
            return false;
        }

        // 0.0.0.0 and [::] are no loopback addresses, and are open to all.
        return addresses.Any(one => !IPAddress.IsLoopback(one.IsIPv4MappedToIPv6 ? one.MapToIPv4() : one));
    }
}
