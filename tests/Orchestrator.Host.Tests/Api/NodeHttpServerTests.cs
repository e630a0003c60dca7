using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Host.Api;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Api;

public sealed class NodeHttpServerTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("203.0.113.1")]
    public async Task An_address_that_cannot_be_had_is_told(string address)
    {
        await using var taken = await ServedNode.StartAsync();
        var endpoint = new IPEndPoint(IPAddress.Parse(address), taken.Address.Port);
        var failure = await Assert.ThrowsAnyAsync<IOException>(() => NodeHttpServer.StartAsync(taken.Node, Options(endpoint), CancellationToken.None));
        Assert.Contains(endpoint.ToString(), failure.Message);
    }

    [Fact]
    public async Task Followers_do_not_hold_up_a_server_that_stops()
    {
        await using var node = await ServedNode.StartAsync();
        using var opened = await node.Http.PostAsync("/api/sessions", new StringContent("{}", null, "application/json"));
        using var following = await node.Http.GetAsync($"{opened.Headers.Location}/events", HttpCompletionOption.ResponseHeadersRead);
        // Without a limit: what did not end by itself would be waited for.
        var server = await NodeHttpServer.StartAsync(node.Node, Options(new IPEndPoint(IPAddress.Loopback, 0)), CancellationToken.None);
        using var http = new HttpClient { BaseAddress = server.Address };
        using var other = await http.GetAsync($"{opened.Headers.Location}/events", HttpCompletionOption.ResponseHeadersRead);
        await server.StopAsync(CancellationToken.None);
        await server.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => other.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Spools_come_over_mutual_tls_and_to_nobody_without_a_certificate()
    {
        using var certificate = SelfSigned();
        await using var node = await ServedNode.StartAsync(listen: listen => listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = certificate,
            ClientCertificateMode = ClientCertificateMode.RequireCertificate,
            ClientCertificateValidation = (client, _, _) => client.Thumbprint == certificate.Thumbprint,
        }));
        Assert.Equal("https", node.Address.Scheme);
        var bytes = node.Folder.Write("spools/s/browsers/b1", RandomNumberGenerator.GetBytes(100_000));
        var file = new TraceFile("browsers/b1", bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)), IsWhole: true);
        using var folder = new TemporaryFolder();

        using var stranger = Client(certificate, own: null);
        await Assert.ThrowsAsync<SpoolTransferException>(() => FetchAsync(stranger));
        Assert.Empty(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
        using var member = Client(certificate, certificate);
        await FetchAsync(member);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(folder.In("browsers", "b1")));

        async Task FetchAsync(HttpClient http)
        {
            using var transfer = new HttpSpoolTransfer(http, TimeProvider.System, new DownloadPatience(1, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1)), parallelTransfers: 1);
            await transfer.FetchAsync(node.Address, "s", [file], folder.Path, CancellationToken.None);
        }
    }

    private static NodeHttpOptions Options(IPEndPoint endpoint) => new()
    {
        Endpoint = endpoint,
        Machine = new FakeMachine(),
        Time = TimeProvider.System,
        Random = new Random(1),
        Say = _ => { },
    };

    private static HttpClient Client(X509Certificate2 server, X509Certificate2? own) => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == server.GetCertHashString(),
            ClientCertificates = own is null ? null : [own],
        },
    });

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2120, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }
}
