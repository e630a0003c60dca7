using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using Akka.Remote.Transport.DotNetty;
using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Actors.Tests.Security;

/// <summary>The cluster's port, over real sockets: certificates of the cluster's authority get in, and nothing else does.</summary>
public sealed class ClusterStrangerTests : IAsyncLifetime
{
    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _another = new();
    private readonly TempFolder _folder = new();
    private readonly List<TestNode> _nodes = [];

    private TestNode First => _nodes[0];

    private TestNode Second => _nodes[1];

    public async Task InitializeAsync()
    {
        var first = StartNode();
        first.Cluster.Join(first.Address);
        await First.IsUp(First);
        await Join(StartNode());
    }

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));
        _folder.Dispose();
        _authority.Dispose();
        _another.Dispose();
    }

    public static TheoryData<string> Strangers() =>
        ["no TLS", "no certificate", "self-signed", "another authority", "expired", "server only"];

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task A_stranger_does_not_get_in_and_the_cluster_goes_on(string kind)
    {
        Assert.Equal("akka.ssl.tcp", First.Address.Protocol);
        await using var stranger = TestNode.StartForeign(Tls(kind));
        // It would take anybody for a peer: it is the cluster that has to refuse.
        var target = kind == "no TLS" ? First.Address.WithProtocol("akka.tcp") : First.Address;

        stranger.Cluster.Join(target);
        // What the stranger sees of it comes at once or, by a race in the transport, after its own time-out of 15 s.
        await First.Told<LogEvent>(log => log.LogClass.Name == "TcpServerHandler" && log.Cause is not null);

        await Join(StartNode());
        foreach (var node in _nodes)
            Assert.Equal(_nodes.Select(one => one.Address).Order(Address.Comparer), node.Cluster.State.Members.Select(member => member.Address).Order(Address.Comparer));
        Assert.Empty(stranger.Cluster.State.Members);
    }

    [Fact]
    public async Task A_node_whose_peer_turns_out_to_be_a_stranger_does_not_speak_to_it_and_goes_on()
    {
        using var selfSigned = TestAuthority.SelfSigned();
        await using var stranger = TestNode.StartForeign(new DotNettySslSetup(selfSigned, false, true, (_, _, _, _, _) => true));

        First.System.ActorSelection(new RootActorPath(stranger.Address) / "user" / "anybody").Tell("a secret");
        await First.Told<AssociationErrorEvent>(error => error.RemoteAddress == stranger.Address);

        await Join(StartNode());
    }

    [Theory]
    [InlineData("closes the connection")]
    [InlineData("answers something else")]
    public async Task Whoever_sits_on_a_port_where_a_node_used_to_be_does_not_take_others_down(string how)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = First.Address.WithPort(((IPEndPoint)listener.LocalEndpoint).Port);

        First.System.ActorSelection(new RootActorPath(address) / "user" / "anybody").Tell("hello");
        using (var connection = await listener.AcceptTcpClientAsync().Soon())
        {
            await connection.GetStream().ReadExactlyAsync(new byte[5]).Soon();
            if (how == "answers something else") await connection.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray()).Soon();
        }

        await First.Told<AssociationErrorEvent>(error => error.RemoteAddress == address);
        // This is what the product has to hold; when Akka.Remote stops doing it, FailedHandshakes can go.
        await Waiting.UntilAsync(() => First.ShutdownReason is not null);
        Assert.Equal("TlsHandshakeFailureReason", First.ShutdownReason!.GetType().Name);
        await Join(StartNode());
    }

    [Fact]
    public async Task A_node_that_held_such_a_shutdown_still_ends_when_it_is_downed()
    {
        await HoldAShutdown(Second);

        First.Cluster.Down(Second.Address);

        await Second.System.WhenTerminated.Soon();
    }

    [Fact]
    public async Task A_node_that_held_such_a_shutdown_leaves_in_good_order_when_it_is_asked_to()
    {
        await HoldAShutdown(Second);

        await Second.Leave();

        await First.Told<ClusterEvent.MemberExited>(exited => exited.Member.Address == Second.Address);
    }

    private static async Task HoldAShutdown(TestNode node)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        node.System.ActorSelection(new RootActorPath(node.Address.WithPort(((IPEndPoint)listener.LocalEndpoint).Port)) / "user" / "anybody").Tell("hello");
        (await listener.AcceptTcpClientAsync().Soon()).Dispose();
        await Waiting.UntilAsync(() => node.ShutdownReason is not null);
    }

    private DotNettySslSetup? Tls(string kind)
    {
        var certificate = kind switch
        {
            "self-signed" => TestAuthority.SelfSigned(),
            "another authority" => _another.Issue(),
            "expired" => _authority.Issue(from: -10, to: -0.1),
            "server only" => _authority.Issue(usages: TestAuthority.Server),
            _ => _authority.Issue(),
        };
        return kind == "no TLS" ? null : new DotNettySslSetup(certificate, false, requireMutualAuthentication: kind != "no certificate", (_, _, _, _, _) => true);
    }

    private TestNode StartNode()
    {
        var node = TestNode.Start(_authority.Identity(_folder));
        _nodes.Add(node);
        return node;
    }

    private async Task Join(TestNode node)
    {
        node.Cluster.Join(First.Address);
        foreach (var one in _nodes) await one.IsUp(node);
    }
}
