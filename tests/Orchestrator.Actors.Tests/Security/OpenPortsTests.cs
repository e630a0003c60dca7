using System.Net;
using Orchestrator.Actors.Security;

namespace Orchestrator.Actors.Tests.Security;

public sealed class OpenPortsTests
{
    private const bool Off = false;
    private const bool On = true;

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", null)]
    [InlineData("127.8.9.1", "::1")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("::ffff:127.0.0.1", "localhost")]
    public void Within_the_machine_nothing_is_needed(string cluster, string? http)
    {
        var (errors, warnings) = Judge(new OpenPorts(cluster, http, Off, Off, Off));
        Assert.Empty(errors);
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("[::]")]
    [InlineData("10.1.2.3")]
    [InlineData("fe80::1")]
    [InlineData("::ffff:10.1.2.3")]
    [InlineData("node-1.cluster.example")]
    [InlineData("both.example")]
    public void Beyond_it_both_ports_need_a_guard_and_each_says_which(string host)
    {
        var (errors, warnings) = Judge(new OpenPorts(host, host, Off, Off, Off));
        Assert.Empty(warnings);
        Assert.Collection(
            errors,
            error =>
            {
                Assert.StartsWith($"--bind {host}: ", error);
                Assert.Contains("orchestrator.tls", error);
                Assert.DoesNotContain("--token-file", error);
            },
            error =>
            {
                Assert.StartsWith($"--http {host}: ", error);
                Assert.Contains("orchestrator.tls", error);
                Assert.Contains("--token-file", error);
            });
    }

    [Fact]
    public void A_token_does_not_guard_the_cluster_s_port()
    {
        var (errors, _) = Judge(new OpenPorts("0.0.0.0", null, Off, Token: On, Off));
        Assert.StartsWith("--bind 0.0.0.0: ", Assert.Single(errors));
    }

    [Fact]
    public void A_token_without_TLS_is_allowed_and_told_to_be_readable()
    {
        var (errors, warnings) = Judge(new OpenPorts("127.0.0.1", "0.0.0.0", Off, Token: On, Off));
        Assert.Empty(errors);
        Assert.StartsWith("--http 0.0.0.0: the token", Assert.Single(warnings));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void With_TLS_all_is_well_and_without_a_token_only_nodes_are_let_in(bool token, bool certificateForEveryone)
    {
        var ports = new OpenPorts("0.0.0.0", "0.0.0.0", Tls: On, token, Off);
        var (errors, warnings) = Judge(ports);
        Assert.Empty(errors);
        Assert.Empty(warnings);
        Assert.Equal(certificateForEveryone, ports.EveryoneNeedsCertificate);
    }

    [Fact]
    public void Insecure_written_out_starts_all_and_is_told_for_each_port()
    {
        var (errors, warnings) = Judge(new OpenPorts("0.0.0.0", "0.0.0.0", Off, Off, Insecure: On));
        Assert.Empty(errors);
        Assert.Collection(
            warnings,
            warning => Assert.StartsWith("--bind 0.0.0.0: ", warning),
            warning => Assert.StartsWith("--http 0.0.0.0: ", warning));
        Assert.All(warnings, warning => Assert.Contains("orchestrator.insecure is on", warning));
    }

    [Fact]
    public void A_name_without_an_address_is_an_error_even_then()
    {
        var (errors, _) = Judge(new OpenPorts("nowhere.example", "nowhere.example", On, On, Insecure: On));
        Assert.Equal(["--bind nowhere.example", "--http nowhere.example"], errors.Select(error => error.Split(':')[0]));
    }

    private static (IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings) Judge(OpenPorts ports)
    {
        var errors = ports.Errors(Resolve, out var warnings);
        return (errors, warnings);
    }

    private static IReadOnlyList<IPAddress> Resolve(string name) => name switch
    {
        "localhost" => [IPAddress.Loopback, IPAddress.IPv6Loopback],
        "node-1.cluster.example" => [IPAddress.Parse("10.1.2.3")],
        // The first address alone would let it pass.
        "both.example" => [IPAddress.Loopback, IPAddress.Parse("10.1.2.3")],
        "nowhere.example" => [],
        _ => throw new InvalidOperationException($"{name} is an address already."),
    };
}
