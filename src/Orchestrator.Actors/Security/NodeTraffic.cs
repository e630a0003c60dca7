using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;
using Orchestrator.Actors.Configuration;

namespace Orchestrator.Actors.Security;

/// <summary>How nodes talk when they have identities: the cluster's messages and HTTP, each side with its certificate.</summary>
public static class NodeTraffic
{
    private const string Transport = "akka.remote.dot-netty.tcp";

    /// <summary>To be put over the configuration of a node with an identity, together with <see cref="AkkaSetup"/>: addresses become <c>akka.ssl.tcp://</c>.</summary>
    public static Config AkkaConfiguration() => ConfigurationFactory.ParseString($"""
        akka.remote.enabled-transports = ["{Transport}"]
        {Transport}.enable-ssl = on
        """);

    /// <summary>The certificates go to Akka.Remote as objects: from a file it would take the machine's authorities, and PKCS #12 only.</summary>
    public static Setup AkkaSetup(NodeIdentity identity) => new DotNettySslSetup(
        identity.Certificate,
        suppressValidation: false,
        requireMutualAuthentication: true,
        validateCertificateHostname: false,
        customValidator: (certificate, _, _, _, _) => identity.Trusts(certificate));

    /// <summary>What is wrong with a user's configuration: Akka's own TLS settings, which could only weaken what <see cref="TlsSettings"/> names, or seem to.</summary>
    public static IReadOnlyList<string> AkkaTlsErrors(Config user) =>
        [.. new[] { $"{Transport}.ssl", $"{Transport}.enable-ssl" }
            .Where(user.HasPath)
            .Select(path => $"{path}: TLS between nodes is set in {TlsSettings.Path}, with every check on; take this setting out.")];

    /// <summary>For an HTTPS server and all its connections. A certificate that is not a node's ends the handshake: whoever came with one is a node.</summary>
    /// <param name="everyoneNeedsCertificate">False: who has none is let in, to show a token instead.</param>
    public static SslServerAuthenticationOptions HttpServer(NodeIdentity identity, bool everyoneNeedsCertificate) => new()
    {
        // Tells clients which authority's certificates are wanted, so that a browser asks its user for none of the others.
        ServerCertificateContext = SslStreamCertificateContext.Create(
            identity.Certificate, identity.Intermediates, offline: true, SslCertificateTrust.CreateForX509Collection(identity.Roots, sendTrustInHandshake: true)),
        ClientCertificateRequired = true,
        CertificateChainPolicy = identity.ChainPolicy(at: null),
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is null ? !everyoneNeedsCertificate : Trusts(identity, certificate),
    };

    /// <summary>For HTTP to other nodes.</summary>
    public static SocketsHttpHandler HttpClient(NodeIdentity identity) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificateContext = SslStreamCertificateContext.Create(identity.Certificate, identity.Intermediates, offline: true),
            CertificateChainPolicy = identity.ChainPolicy(at: null),
            RemoteCertificateValidationCallback = (_, certificate, _, _) => Trusts(identity, certificate),
        },
    };

    private static bool Trusts(NodeIdentity identity, X509Certificate? certificate)
    {
        if (certificate is X509Certificate2 one) return identity.Trusts(one);
        using var copy = certificate is null ? null : new X509Certificate2(certificate);
        return identity.Trusts(copy);
    }
}
