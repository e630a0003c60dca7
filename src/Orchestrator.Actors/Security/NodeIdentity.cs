using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Actors.Configuration;

namespace Orchestrator.Actors.Security;

/// <summary>A node's certificate with its key, and the authority whose certificates make a node a node.</summary>
public sealed class NodeIdentity : IDisposable
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _authority;
    private readonly TimeProvider _time;

    internal NodeIdentity(X509Certificate2 certificate, X509Certificate2Collection authority, TimeProvider time) =>
        (Certificate, _authority, _time) = (certificate, authority, time);

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Certificates of the authority that others issued; a peer that knows only the root needs them.</summary>
    internal X509Certificate2Collection Intermediates => [.. _authority.Where(certificate => !IsRoot(certificate))];

    internal X509Certificate2Collection Roots => [.. _authority.Where(IsRoot)];

    /// <summary>Reads the three files and checks that a node can live with them; null when it cannot.</summary>
    /// <param name="errors">All that is wrong, each with its key, its file and what to do.</param>
    /// <param name="warnings">That the certificate or its authority expires within two weeks.</param>
    public static NodeIdentity? Load(TlsSettings files, TimeProvider time, out IReadOnlyList<string> errors, out IReadOnlyList<string> warnings) =>
        new NodeIdentityFiles(files, time).Load(out errors, out warnings);

    /// <summary>
    /// Whether this is a node's certificate: issued by the authority, in its time, for servers and clients. Names do not count:
    /// nodes come and go under addresses that no certificate foresees, and every node is trusted with everything (docs/decisions/0010).
    /// </summary>
    public bool Trusts(X509Certificate2? certificate)
    {
        if (certificate is null || !ServesBothWays(certificate)) return false;
        using var chain = new X509Chain { ChainPolicy = ChainPolicy(_time.GetUtcNow()) };
        var trusted = chain.Build(certificate);
        foreach (var element in chain.ChainElements) element.Certificate.Dispose();
        return trusted;
    }

    public void Dispose()
    {
        Certificate.Dispose();
        foreach (var certificate in _authority) certificate.Dispose();
    }

    /// <summary>Of the authority alone, whatever the machine trusts besides.</summary>
    internal X509ChainPolicy ChainPolicy(DateTimeOffset? at)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // Nobody publishes a revocation list for such an authority; docs/security.md says how a certificate is withdrawn.
            RevocationMode = X509RevocationMode.NoCheck,
            // A stranger's certificate names the address from which its issuer is to be had: nothing is fetched from there.
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(Roots);
        policy.ExtraStore.AddRange(Intermediates);
        if (at is { } instant) policy.VerificationTime = instant.UtcDateTime;
        return policy;
    }

    internal static bool ServesBothWays(X509Certificate2 certificate)
    {
        var usages = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().SelectMany(extension => extension.EnhancedKeyUsages.OfType<Oid>()).Select(usage => usage.Value).ToArray();
        return usages.Contains(ServerUsage) && usages.Contains(ClientUsage);
    }

    private static bool IsRoot(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
}
