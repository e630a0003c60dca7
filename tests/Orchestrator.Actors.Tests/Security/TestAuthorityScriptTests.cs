using System.Diagnostics;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Security;
using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Actors.Tests.Security;

public sealed class TestAuthorityScriptTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_the_script_makes_is_an_identity_for_each_node_and_they_trust_each_other()
    {
        var (code, said) = await Run("node-1", "node-2=10.0.0.2,node-2.cluster.example");
        Assert.True(code == 0, said);
        Assert.Contains(_folder.At("tls", "node-2.key"), said);

        using var first = Identity("node-1");
        using var second = Identity("node-2");
        Assert.True(first.Trusts(second.Certificate));
        Assert.True(second.Certificate.MatchesHostname("node-2.cluster.example"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(_folder.At("tls", "node-1.key")).UnixFileMode);
    }

    [Fact]
    public async Task It_overwrites_nothing_says_all_that_is_wrong_and_issues_more_when_asked_again()
    {
        await Run("node-1");
        var before = File.ReadAllText(_folder.At("tls", "node-1.key"));

        var (code, said) = await Run("node-1", "node-2", "no/name");
        Assert.Equal(2, code);
        Assert.Contains("node-1.key is there already", said);
        Assert.Contains("'no/name' is no host name", said);
        Assert.Equal(before, File.ReadAllText(_folder.At("tls", "node-1.key")));
        Assert.Equal(["tls/ca.crt", "tls/ca.key", "tls/node-1.crt", "tls/node-1.key"], _folder.Files());

        await Run("node-2");
        using var first = Identity("node-1");
        using var second = Identity("node-2");
        Assert.True(first.Trusts(second.Certificate));
    }

    private NodeIdentity Identity(string name)
    {
        var files = new TlsSettings(_folder.At("tls", $"{name}.crt"), _folder.At("tls", $"{name}.key"), _folder.At("tls", "ca.crt"));
        var identity = NodeIdentity.Load(files, TimeProvider.System, out var errors, out var warnings);
        Assert.Empty(errors);
        Assert.Empty(warnings);
        return identity!;
    }

    private async Task<(int Code, string Said)> Run(params string[] nodes)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Orchestrator.sln"))) root = root.Parent ?? throw new InvalidOperationException("These tests run within the repository.");
        var start = new ProcessStartInfo("bash", [Path.Combine(root.FullName, "deploy", "make-test-ca.sh"), _folder.At("tls"), .. nodes])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var script = Process.Start(start)!;
        var said = await Task.WhenAll(script.StandardOutput.ReadToEndAsync(), script.StandardError.ReadToEndAsync()).Soon();
        await script.WaitForExitAsync().Soon();
        return (script.ExitCode, string.Concat(said));
    }
}
