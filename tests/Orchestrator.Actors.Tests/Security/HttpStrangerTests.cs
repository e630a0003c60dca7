using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Orchestrator.Actors.Security;
using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Actors.Tests.Security;

/// <summary>HTTP between nodes, over real sockets: who is taken for a node, who is let in without a certificate, who is not.</summary>
public sealed class HttpStrangerTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _another = new();
    private readonly TempFolder _folder = new();
    private readonly NodeIdentity _identity;

    public HttpStrangerTests() => _identity = _authority.Identity(_folder);

    public void Dispose()
    {
        _identity.Dispose();
        _folder.Dispose();
        _another.Dispose();
        _authority.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_is_known_by_its_certificate_whatever_its_address_is_called(bool everyoneNeedsCertificate)
    {
        using var server = new OneRequestServer(NodeTraffic.HttpServer(_identity, everyoneNeedsCertificate));
        using var identity = _authority.Identity(_folder);
        using var client = new HttpClient(NodeTraffic.HttpClient(identity));

        Assert.Equal("a node", await client.GetStringAsync(server.Url).Soon());
        Assert.True(await server.Served.Soon());
    }

    [Fact]
    public async Task Who_has_no_certificate_may_show_a_token_where_there_is_one()
    {
        using var server = new OneRequestServer(NodeTraffic.HttpServer(_identity, everyoneNeedsCertificate: false));
        using var client = Client(null);
        Assert.Equal("anybody", await client.GetStringAsync(server.Url).Soon());
        Assert.True(await server.Served.Soon());
    }

    [Theory]
    [InlineData("no certificate", true)]
    [InlineData("self-signed", false)]
    [InlineData("self-signed", true)]
    [InlineData("another authority", false)]
    [InlineData("expired", false)]
    [InlineData("client only", false)]
    public async Task A_stranger_is_refused_before_its_request_is_read(string kind, bool everyoneNeedsCertificate)
    {
        using var server = new OneRequestServer(NodeTraffic.HttpServer(_identity, everyoneNeedsCertificate));
        using var certificate = kind switch
        {
            "no certificate" => null,
            "self-signed" => TestAuthority.SelfSigned(),
            "another authority" => _another.Issue(),
            "expired" => _authority.Issue(from: -10, to: -0.1),
            _ => _authority.Issue(usages: TestAuthority.Client),
        };
        using var client = Client(certificate);

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(server.Url).Soon());
        await Assert.ThrowsAsync<AuthenticationException>(() => server.Served.Soon());
    }

    [Fact]
    public async Task A_stranger_s_certificate_does_not_send_the_server_anywhere()
    {
        using var elsewhere = new TcpListener(IPAddress.Loopback, 0);
        elsewhere.Start();
        using var certificate = TestAuthority.SelfSigned(new Uri($"http://127.0.0.1:{((IPEndPoint)elsewhere.LocalEndpoint).Port}/"));
        using var server = new OneRequestServer(NodeTraffic.HttpServer(_identity, everyoneNeedsCertificate: false));
        using var client = Client(certificate);

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(server.Url).Soon());
        await Assert.ThrowsAsync<AuthenticationException>(() => server.Served.Soon());
        Assert.False(elsewhere.Pending());
    }

    [Theory]
    [InlineData("self-signed")]
    [InlineData("another authority")]
    [InlineData("server only")]
    public async Task A_node_tells_a_stranger_s_server_nothing(string kind)
    {
        using var certificate = kind switch
        {
            "self-signed" => TestAuthority.SelfSigned(),
            "another authority" => _another.Issue(),
            _ => _authority.Issue(usages: TestAuthority.Server),
        };
        using var server = new OneRequestServer(new SslServerAuthenticationOptions { ServerCertificate = certificate });
        using var client = new HttpClient(NodeTraffic.HttpClient(_identity));

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(server.Url).Soon());
        Assert.IsType<AuthenticationException>(failure.InnerException);
    }

    /// <summary>Somebody else's program, which takes any server for a node.</summary>
    private static HttpClient Client(X509Certificate2? certificate) => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
        },
    });

    /// <summary>Answers one request over TLS with who it takes the client for.</summary>
    private sealed class OneRequestServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public OneRequestServer(SslServerAuthenticationOptions options)
        {
            _listener.Start();
            Url = new Uri($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
            Served = Serve(options);
        }

        public Uri Url { get; }

        /// <summary>Fails as the handshake fails.</summary>
        public Task<bool> Served { get; }

        public void Dispose() => _listener.Dispose();

        private async Task<bool> Serve(SslServerAuthenticationOptions options)
        {
            using var connection = await _listener.AcceptTcpClientAsync();
            // A client whose connection broke before its request left tries another.
            _listener.Stop();
            await using var tls = new SslStream(connection.GetStream());
            await tls.AuthenticateAsServerAsync(options);
            using var reader = new StreamReader(tls, leaveOpen: true);
            while (await reader.ReadLineAsync() is { Length: > 0 })
            {
            }

            var body = tls.RemoteCertificate is null ? "anybody" : "a node";
            await tls.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
            return true;
        }
    }
}
