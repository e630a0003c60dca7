using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Security;
using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Actors.Tests.Security;

/// <summary>An authority that issues what a test needs, good or bad.</summary>
internal sealed class TestAuthority : IDisposable
{
    public const string Server = "1.3.6.1.5.5.7.3.1";
    public const string Client = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _root;

    public TestAuthority(TimeSpan? validFor = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        // By it a chain is told from that of another authority of the same name.
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _root = request.CreateSelfSigned(Now.AddDays(-100), Now + (validFor ?? TimeSpan.FromDays(1000)));
    }

    public static DateTimeOffset Now { get; } = TimeProvider.System.GetUtcNow();

    public string Pem => _root.ExportCertificatePem();

    public void Dispose() => _root.Dispose();

    /// <summary>A certificate with its key; from and to are days from now.</summary>
    public X509Certificate2 Issue(double from = -1, double to = 90, params string[] usages)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        var oids = new OidCollection();
        foreach (var usage in usages.Length == 0 ? [Server, Client] : usages) oids.Add(new Oid(usage));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(oids, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root, true, false));
        using var certificate = request.Create(_root, Now.AddDays(from), Now.AddDays(to), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <param name="issuer">Where the certificate says that its issuer's is to be had; null: it does not say.</param>
    public static X509Certificate2 SelfSigned(Uri? issuer = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(Server), new Oid(Client)], false));
        if (issuer is null) return request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(90));
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuer.AbsoluteUri]));
        using var certificate = request.Create(new X500DistinguishedName("CN=nobody"), X509SignatureGenerator.CreateForECDsa(key), Now.AddDays(-1), Now.AddDays(90), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>The files of a node, in a folder of their own below <paramref name="folder"/>.</summary>
    public TlsSettings Files(TempFolder folder, X509Certificate2 certificate)
    {
        var place = Directory.CreateDirectory(folder.At(certificate.SerialNumber)).FullName;
        var files = new TlsSettings(Path.Combine(place, "node.crt"), Path.Combine(place, "node.key"), Path.Combine(place, "ca.crt"));
        File.WriteAllText(files.Certificate, certificate.ExportCertificatePem());
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(files.Ca, Pem);
        return files;
    }

    /// <summary>What a node of this authority makes of its files.</summary>
    public NodeIdentity Identity(TempFolder folder)
    {
        using var certificate = Issue();
        var identity = NodeIdentity.Load(Files(folder, certificate), TimeProvider.System, out var errors, out _);
        Assert.Empty(errors);
        return identity!;
    }
}
