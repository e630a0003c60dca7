using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Configuration;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Security;
using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Actors.Tests.Security;

public sealed class NodeIdentityTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public void Without_files_there_is_no_TLS()
    {
        Assert.Null(OrchestratorSettings.Read(ReferenceConfiguration.Settings(), out var errors).Tls);
        Assert.Empty(errors);
    }

    [Fact]
    public void I_can_name_the_three_files()
    {
        Assert.Equal(new TlsSettings("c", "k", "a"), Settings("orchestrator.tls { certificate = c, key = k, ca = a }", out var errors));
        Assert.Empty(errors);
    }

    [Fact]
    public void All_three_or_none()
    {
        Settings("orchestrator.tls { certificate = c, certificat = d }\norchestrator.start-lead = soon", out var errors);
        Assert.Equal(4, errors.Count);
        Assert.Contains(errors, error => error.StartsWith("orchestrator.tls.key: is empty", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("orchestrator.tls.ca: is empty", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("orchestrator.tls.certificat: there is no such setting", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("orchestrator.start-lead: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("orchestrator.tls = on")]
    [InlineData("orchestrator.tls = [a, b]")]
    public void What_is_no_block_is_an_error(string hocon)
    {
        Settings(hocon, out var errors);
        Assert.StartsWith("orchestrator.tls: ", Assert.Single(errors));
    }

    [Fact]
    public void A_good_identity_has_neither_errors_nor_warnings_and_trusts_its_like()
    {
        using var certificate = _authority.Issue();
        using var identity = NodeIdentity.Load(_authority.Files(_folder, certificate), TimeProvider.System, out var errors, out var warnings);

        Assert.Empty(errors);
        Assert.Empty(warnings);
        Assert.True(identity!.Certificate.HasPrivateKey);
        using var peer = _authority.Issue();
        Assert.True(identity.Trusts(peer));
    }

    public static TheoryData<string> Strangers() => ["none", "self-signed", "another authority", "expired", "not yet valid", "server only", "client only"];

    [Theory]
    [MemberData(nameof(Strangers))]
    public void It_trusts_nobody_else(string kind)
    {
        using var identity = _authority.Identity(_folder);
        using var another = new TestAuthority();
        using var stranger = kind switch
        {
            "none" => null,
            "self-signed" => TestAuthority.SelfSigned(),
            "another authority" => another.Issue(),
            "expired" => _authority.Issue(from: -10, to: -0.1),
            "not yet valid" => _authority.Issue(from: 1),
            "server only" => _authority.Issue(usages: TestAuthority.Server),
            _ => _authority.Issue(usages: TestAuthority.Client),
        };
        Assert.False(identity.Trusts(stranger));
    }

    [Fact]
    public void A_peer_s_certificate_expires_while_the_node_runs()
    {
        var time = new FakeTimeProvider(TestAuthority.Now);
        using var own = _authority.Issue();
        using var identity = NodeIdentity.Load(_authority.Files(_folder, own), time, out _, out _);
        using var peer = _authority.Issue(to: 30);
        Assert.True(identity!.Trusts(peer));

        time.Advance(TimeSpan.FromDays(31));
        Assert.False(identity.Trusts(peer));
    }

    [Fact]
    public void Two_authorities_in_one_file_are_both_trusted_so_that_one_can_follow_the_other()
    {
        using var next = new TestAuthority();
        using var own = _authority.Issue();
        var files = _authority.Files(_folder, own);
        File.AppendAllText(files.Ca, "\n" + next.Pem);
        using var identity = NodeIdentity.Load(files, TimeProvider.System, out var errors, out _);

        Assert.Empty(errors);
        using (var old = _authority.Issue()) Assert.True(identity!.Trusts(old));
        using (var peer = next.Issue()) Assert.True(identity!.Trusts(peer));
    }

    [Fact]
    public void Every_file_that_cannot_be_read_is_named()
    {
        NodeIdentity.Load(new TlsSettings(_folder.At("no.crt"), _folder.At("no.key"), _folder.Root), TimeProvider.System, out var errors, out _);

        Assert.Equal(3, errors.Count);
        Assert.Collection(
            errors,
            error => Assert.StartsWith($"orchestrator.tls.certificate: {_folder.At("no.crt")} cannot be read (", error),
            error => Assert.StartsWith($"orchestrator.tls.key: {_folder.At("no.key")} cannot be read (", error),
            error => Assert.StartsWith($"orchestrator.tls.ca: {_folder.Root} cannot be read (", error));
    }

    [Fact]
    public void Files_that_hold_something_else_are_named_all_at_once()
    {
        using var certificate = _authority.Issue();
        var files = _authority.Files(_folder, certificate);
        foreach (var file in new[] { files.Certificate, files.Ca }) File.WriteAllText(file, "no PEM");

        Assert.Equal(["certificate: holds no certificate", "ca: holds no certificates"], Errors(files));
        Assert.Equal(["key: holds no private key that belongs"], Errors(files with { Certificate = Write(certificate.ExportCertificatePem()), Ca = Write(_authority.Pem), Key = Write("no PEM") }));
    }

    [Fact]
    public void A_key_of_another_certificate_is_refused_and_an_encrypted_one()
    {
        using var certificate = _authority.Issue();
        var files = _authority.Files(_folder, certificate);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(["key: holds no private key that belongs"], Errors(files with { Key = Write(other.ExportPkcs8PrivateKeyPem()) }));

        using var key = certificate.GetECDsaPrivateKey()!;
        var encrypted = key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        Assert.Equal(["key: is encrypted"], Errors(files with { Key = Write(encrypted) }));
    }

    [Fact]
    public void A_certificate_that_nobody_would_trust_is_refused_with_all_its_faults()
    {
        using var another = new TestAuthority();
        using var expired = another.Issue(from: -9, to: -2, TestAuthority.Server);
        Assert.Equal(
            ["certificate: expired on", "certificate: must have both serverAuth and clientAuth", "ca: does not vouch"],
            Errors(another.Files(_folder, expired) with { Ca = Write(_authority.Pem) }));

        using var early = _authority.Issue(from: 3);
        Assert.Equal(["certificate: is valid from"], Errors(_authority.Files(_folder, early)));
    }

    [Fact]
    public void An_expired_authority_is_named()
    {
        using var expired = new TestAuthority(validFor: TimeSpan.FromDays(-1));
        using var certificate = expired.Issue(from: -9, to: -2);
        var time = new FakeTimeProvider(TestAuthority.Now.AddDays(-3));
        NodeIdentity.Load(expired.Files(_folder, certificate), time, out var errors, out var warnings);
        Assert.Empty(errors);
        Assert.Collection(
            warnings,
            warning => Assert.StartsWith("orchestrator.tls.certificate: ", warning),
            warning => Assert.StartsWith("orchestrator.tls.ca: ", warning));

        Assert.Equal(["certificate: expired on", "ca: does not vouch"], Errors(expired.Files(_folder, certificate)));
    }

    [Theory]
    [InlineData(15, false)]
    [InlineData(13, true)]
    public void Two_weeks_before_the_end_there_is_a_warning(int daysLeft, bool warned)
    {
        using var certificate = _authority.Issue(to: daysLeft);
        var files = _authority.Files(_folder, certificate);
        using var identity = NodeIdentity.Load(files, TimeProvider.System, out var errors, out var warnings);

        Assert.Empty(errors);
        Assert.Equal(warned ? 1 : 0, warnings.Count);
        Assert.All(warnings, warning => Assert.StartsWith($"orchestrator.tls.certificate: {files.Certificate} expires on ", warning));
    }

    [Theory]
    [InlineData("akka.remote.dot-netty.tcp.ssl.suppress-validation = on", "akka.remote.dot-netty.tcp.ssl: ")]
    [InlineData("akka.remote.dot-netty.tcp.ssl { require-mutual-authentication = off }", "akka.remote.dot-netty.tcp.ssl: ")]
    [InlineData("akka.remote.dot-netty.tcp { enable-ssl = off }", "akka.remote.dot-netty.tcp.enable-ssl: ")]
    public void Akka_s_own_TLS_settings_are_refused(string hocon, string start)
    {
        LocalOrchestrator.ReadConfiguration(hocon, out var errors);
        Assert.StartsWith(start, Assert.Single(errors));
    }

    private static TlsSettings? Settings(string hocon, out IReadOnlyList<string> errors) =>
        OrchestratorSettings.Read(ConfigurationFactory.ParseString(hocon).WithFallback(ReferenceConfiguration.Settings()), out errors).Tls;

    private string Write(string text)
    {
        var file = _folder.At(Guid.NewGuid().ToString("N"));
        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>The errors without prefix and file, and only what their beginning says.</summary>
    private static IEnumerable<string> Errors(TlsSettings files)
    {
        Assert.Null(NodeIdentity.Load(files, TimeProvider.System, out var errors, out _));
        string[] beginnings =
        [
            "holds no certificates", "holds no certificate", "holds no private key that belongs", "is encrypted", "expired on", "is valid from",
            "must have both serverAuth and clientAuth", "does not vouch",
        ];
        foreach (var error in errors)
        {
            var key = error["orchestrator.tls.".Length..error.IndexOf(':', StringComparison.Ordinal)];
            var file = key switch { "certificate" => files.Certificate, "key" => files.Key, _ => files.Ca };
            Assert.StartsWith($"orchestrator.tls.{key}: {file} ", error);
            yield return $"{key}: {beginnings.First(beginning => error.Contains($"{file} {beginning}", StringComparison.Ordinal))}";
        }
    }
}
