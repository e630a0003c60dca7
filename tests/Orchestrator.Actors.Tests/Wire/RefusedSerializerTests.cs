using System.Runtime.Serialization;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;
using Akka.Serialization;
using Orchestrator.Actors.Tests.Security;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Tests.Wire;

/// <summary>What an actor system makes out of bytes is decided here and not by who sent them.</summary>
public sealed class RefusedSerializerTests : IAsyncLifetime
{
    private readonly TestNode _node = TestNode.Start(null);
    private readonly TestNode _foreign = TestNode.StartForeign();
    private readonly Channel<object> _got = Channel.CreateUnbounded<object>();
    private readonly IActorRef _target;

    public RefusedSerializerTests() => _target = _node.System.ActorOf(Props.Create(() => new Target(_got.Writer)), "target");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _foreign.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task A_type_that_a_stranger_names_is_not_made()
    {
        Remote().Tell(new Gadget());
        var made = Gadget.Made;
        var refusal = await Refusal();
        Assert.Contains("serializer 1 ", refusal.Message);

        // The connection is not to blame, and goes on.
        Remote().Tell("a text");
        Assert.Equal("a text", await _got.Reader.ReadAsync().Soon());
        Assert.Equal(made, Gadget.Made);
    }

    [Fact]
    public async Task An_actor_is_not_made_from_afar()
    {
        var deployed = _foreign.System.ActorOf(
            Props.Create(() => new Planted()).WithDeploy(Deploy.None.WithScope(new RemoteScope(_node.Address))), "planted");
        var refusal = await Refusal();
        Assert.Contains("serializer 3 ", refusal.Message);
        Assert.Equal(_node.Address, deployed.Path.Address);
        Assert.Equal(0, Planted.Made);
    }

    [Fact]
    public async Task A_type_of_ours_that_is_bound_to_nothing_is_an_error_where_it_is_sent()
    {
        _node.System.ActorSelection(new RootActorPath(_foreign.Address) / "user" / "anybody").Tell(new Gadget());
        var refusal = await Refusal();
        Assert.Contains(nameof(Gadget), refusal.Message);
    }

    [Fact]
    public void Neither_JSON_of_CLR_types_nor_Hyperion_is_left_anywhere()
    {
        var serialization = _node.System.Serialization;
        foreach (var (number, manifest) in new[] { (1, typeof(Gadget).AssemblyQualifiedName!), (3, ""), (-5, typeof(Gadget).AssemblyQualifiedName!) })
            Assert.Throws<SerializationException>(() => serialization.Deserialize("{}"u8.ToArray(), number, manifest));
        Assert.Throws<SerializationException>(() => serialization.FindSerializerFor(new Gadget()));
        Assert.Throws<SerializationException>(() => serialization.FindSerializerFor(new Gadget(), "json").ToBinary(new Gadget()));
        Assert.IsType<RefusedSerializer>(serialization.FindSerializerForType(typeof(object)));
        Assert.IsNotType<NewtonSoftJsonSerializer>(serialization.FindSerializerFor("a text"));
    }

    /// <summary>What the node's log has of a message that could not be read or written.</summary>
    private async Task<Exception> Refusal() =>
        (await _node.Told<LogEvent>(log => log.Cause is SerializationException)).Cause.GetBaseException();

    private ActorSelection Remote() => _foreign.System.ActorSelection(new RootActorPath(_node.Address) / _target.Path.Elements);

    public sealed class Gadget
    {
        public Gadget() => Made++;

        public static int Made { get; private set; }
    }

    private sealed class Target : ReceiveActor
    {
        public Target(ChannelWriter<object> got) => ReceiveAny(one => got.TryWrite(one));
    }

    private sealed class Planted : ReceiveActor
    {
        public Planted() => Made++;

        public static int Made { get; private set; }
    }
}
