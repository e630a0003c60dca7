using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Actors.Configuration;

namespace Orchestrator.Actors.Security;

/// <summary>Reads the files of an identity and keeps every complaint. What starts badly here would otherwise start, and then find no peer.</summary>
internal sealed class NodeIdentityFiles(TlsSettings files, TimeProvider time)
{
    private static readonly TimeSpan Notice = TimeSpan.FromDays(14);

    private readonly List<string> _errors = [];
    private readonly List<string> _warnings = [];

    public NodeIdentity? Load(out IReadOnlyList<string> errors, out IReadOnlyList<string> warnings)
    {
        (errors, warnings) = (_errors, _warnings);
        var certificatePem = Text("certificate", files.Certificate);
        var keyPem = Text("key", files.Key);
        var caPem = Text("ca", files.Ca);

        using var certificate = certificatePem is null ? null : CertificateOf(certificatePem);
        var keyed = certificate is null || keyPem is null ? null : KeyedBy(certificatePem!, keyPem);
        var authority = caPem is null ? null : AuthorityOf(caPem);
        if (certificate is not null) CheckCertificate(certificate);
        if (certificate is not null && authority is not null) CheckChain(certificate, authority);

        return _errors.Count == 0 ? new NodeIdentity(keyed!, authority!, time) : null;
    }

    private string? Text(string key, string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Complain(key, file, $"cannot be read ({failure.Message.TrimEnd('.')}); name a PEM file that the node's user may read");
            return null;
        }
    }

    private X509Certificate2? CertificateOf(string pem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(pem);
        }
        catch (CryptographicException)
        {
            Complain("certificate", files.Certificate, "holds no certificate; it must be PEM, and begins with -----BEGIN CERTIFICATE-----");
            return null;
        }
    }

    private X509Certificate2? KeyedBy(string certificatePem, string keyPem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(certificatePem, keyPem);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            Complain("key", files.Key, keyPem.Contains("ENCRYPTED", StringComparison.Ordinal)
                ? "is encrypted, and nobody is there to type its password; write it decrypted ('openssl pkey -in OLD -out NEW') to a file that only the node's user may read"
                : $"holds no private key that belongs to the certificate in {files.Certificate}; take the key that it was requested with, as PEM");
            return null;
        }
    }

    private X509Certificate2Collection? AuthorityOf(string pem)
    {
        var authority = new X509Certificate2Collection();
        try
        {
            authority.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            // Told below, as a file without any.
            authority.Clear();
        }

        if (authority.Count > 0) return authority;
        Complain("ca", files.Ca, "holds no certificates; it must be PEM, and begins with -----BEGIN CERTIFICATE-----");
        return null;
    }

    private void CheckCertificate(X509Certificate2 certificate)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var (from, to) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        if (now > to) Complain("certificate", files.Certificate, $"expired on {Day(to)}; issue a new one");
        else if (to - now < Notice) _warnings.Add(Expires("certificate", files.Certificate, to));
        if (now < from) Complain("certificate", files.Certificate, $"is valid from {Day(from)} only; look at this machine's clock, or issue a new one");
        if (!NodeIdentity.ServesBothWays(certificate))
            Complain("certificate", files.Certificate, "must have both serverAuth and clientAuth among its extended key usages, because a node is both; issue it anew with them");
    }

    private void CheckChain(X509Certificate2 certificate, X509Certificate2Collection authority)
    {
        using var judge = new NodeIdentity(new X509Certificate2(certificate), [.. authority.Select(one => new X509Certificate2(one))], time);
        var now = time.GetUtcNow();
        using var chain = new X509Chain { ChainPolicy = judge.ChainPolicy(now) };
        var built = chain.Build(certificate);

        // The certificate's own dates were judged already; here they would say the same again.
        var problems = chain.ChainElements.Skip(1).SelectMany(element => element.ChainElementStatus)
            .Concat(chain.ChainElements[0].ChainElementStatus.Where(status => status.Status is not X509ChainStatusFlags.NotTimeValid))
            .Select(status => status.StatusInformation.Trim().TrimEnd('.')).Distinct().ToArray();
        if (!built && problems.Length > 0)
            Complain("ca", files.Ca, $"does not vouch for the certificate in {files.Certificate} ({string.Join("; ", problems)}); name the file of the authority that issued it, with its root and whatever is between");
        var soonest = chain.ChainElements.Skip(1).Select(element => element.Certificate.NotAfter.ToUniversalTime()).Order().FirstOrDefault();
        if (built && soonest - now.UtcDateTime < Notice && chain.ChainElements.Count > 1) _warnings.Add(Expires("ca", files.Ca, soonest));
    }

    private static string Expires(string key, string file, DateTime day) => $"{TlsSettings.Path}.{key}: {file} expires on {Day(day)}: from then on this node finds no peer.";

    private void Complain(string key, string file, string problem) => _errors.Add($"{TlsSettings.Path}.{key}: {file} {problem}.");

    private static string Day(DateTime utc) => utc.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
