using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Orchestrator.Actors.Clocks;
using Orchestrator.Actors.Clustering;
using Orchestrator.Actors.Configuration;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Clustering;

/// <summary>Which nodes a coordinator takes, which it refuses and how it says so, and what it gives them to do.</summary>
public sealed class RegistrationTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly Akka.TestKit.Xunit2.TestKit _kit;
    private readonly IActorRef _coordinator;
    private readonly NodeClock _clock = new(TimeProvider.System, "here");

    public RegistrationTests()
    {
        var place = JournalPlace.In(DataFolder.Open(_temp.At("data")));
        var config = ConfigurationFactory.ParseString("akka.loglevel = OFF").WithFallback(ReferenceConfiguration.Journal(place)).WithFallback(ReferenceConfiguration.Local(Config.Empty, "none.db"));
        _kit = new Akka.TestKit.Xunit2.TestKit(ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), place.Connection), "registration");
        var settings = OrchestratorSettings.Read(_kit.Sys.Settings.Config, out _);
        _coordinator = _kit.Sys.ActorOf(ClusterCoordinatorActor.Props(_clock, settings, new Uri("http://127.0.0.1:1"), (epoch, _) =>
            new ClusterTerm(epoch, "here", _temp.At("sessions"), Transfer: null, new ReferenceClocks(_clock))));
    }

    public void Dispose()
    {
        _kit.Sys.Terminate().Wait(Waiting.Never);
        _kit.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public async Task A_node_is_told_who_coordinates_in_which_epoch_and_stands_in_the_status()
    {
        var registered = await RegisterAsync<ClusterProtocol.Registered>(Offer("n1"), Node());
        Assert.Equal((1L, "here", new Uri("http://127.0.0.1:1")), (registered.Epoch, registered.Coordinator, registered.Http!));

        var status = await StatusAsync();
        Assert.Equal(("here", 1L), (status.Coordinator, status.Epoch));
        var node = Assert.Single(status.Nodes);
        Assert.Equal(("n1", "up", 2, 0, null), (node.Name, node.State, node.Capacity, node.Recording, node.Refused));
        Assert.Equal(0, node.Clock!.BoundNanos);
    }

    [Fact]
    public async Task A_node_of_another_protocol_is_refused_by_name_and_gets_no_browsers()
    {
        var refused = await RegisterAsync<ClusterProtocol.RegistrationRefused>(Offer("n1") with { Protocol = ClusterProtocol.Version + 1, Version = "9.9.9" }, Node());
        Assert.Contains("9.9.9", refused.Reason);
        Assert.Contains($"version {ClusterProtocol.Version + 1}", refused.Reason);

        var node = Assert.Single((await StatusAsync()).Nodes);
        Assert.Equal(("n1", "refused", refused.Reason), (node.Name, node.State, node.Refused));
        Assert.Contains("0 can be", (await OpenAsync(1)).Reason);

        // The node is upgraded, and goes on under its name.
        await RegisterAsync<ClusterProtocol.Registered>(Offer("n1"), Node());
        Assert.Equal("up", Assert.Single((await StatusAsync()).Nodes).State);
    }

    [Fact]
    public async Task A_second_node_of_a_name_is_refused_while_the_first_is_there()
    {
        await RegisterAsync<ClusterProtocol.Registered>(Offer("n1"), Node());
        var refused = await RegisterAsync<ClusterProtocol.RegistrationRefused>(Offer("n1") with { Address = "127.0.0.1:9999" }, Node());
        Assert.Contains("127.0.0.1:4001", refused.Reason);
    }

    [Fact]
    public async Task A_node_whose_process_began_anew_replaces_what_it_was()
    {
        await RegisterAsync<ClusterProtocol.Registered>(Offer("n1"), Node());
        await RegisterAsync<ClusterProtocol.Registered>(Offer("n1") with { Capacity = 7 }, Node());
        Assert.Equal(7, Assert.Single((await StatusAsync()).Nodes).Capacity);
    }

    [Fact]
    public async Task A_node_that_is_gone_is_forgotten()
    {
        var node = Node();
        await RegisterAsync<ClusterProtocol.Registered>(Offer("n1"), node);
        _kit.Sys.Stop(node);
        await Waiting.UntilAsync(() => _coordinator.Ask<ClusterStatus>(ClusterProtocol.TellStatus.Instance, Waiting.Never).Result.Nodes.Count == 0);
    }

    [Fact]
    public async Task A_session_goes_to_the_nodes_that_have_room_each_hears_of_its_own_browsers_only_in_the_coordinator_s_epoch()
    {
        var (one, two) = (_kit.CreateTestProbe(), _kit.CreateTestProbe());
        await RegisterAsync<ClusterProtocol.Registered>(Offer("n1"), one);
        await RegisterAsync<ClusterProtocol.Registered>(Offer("n2"), two);
        _coordinator.Tell(new SessionProtocol.Open(Plan(3), ActorRefs.Nobody), _kit.TestActor);

        var prepares = new[] { one, two }.Select(node => node.FishForMessage<NodeProtocol.Prepare>(_ => true, Waiting.Never)).ToList();
        Assert.Equal([["b1", "b2"], ["b3"]], prepares.Select(prepare => prepare.Targets.Select(target => target.Name)));
        Assert.All(prepares, prepare => Assert.Equal((1L, 0), (prepare.Epoch, prepare.Plan.Targets.Count)));
        Assert.IsType<SessionProtocol.Admitted>(_kit.FishForMessage<SessionProtocol.Admitted>(_ => true, Waiting.Never));
        Assert.Equal([2, 1], (await StatusAsync()).Nodes.Select(node => node.Recording));
        Assert.Contains("n1 has 0 free", (await OpenAsync(2)).Reason);
    }

    [Fact]
    public async Task A_node_that_is_about_to_go_gets_no_new_browsers()
    {
        await RegisterAsync<ClusterProtocol.Registered>(Offer("n1") with { IsLeaving = true }, Node());
        Assert.Contains("0 can be", (await OpenAsync(1)).Reason);
    }

    private async Task<SessionProtocol.Refused> OpenAsync(int browsers) =>
        Assert.IsType<SessionProtocol.Refused>(await _coordinator.Ask<object>(new SessionProtocol.Open(Plan(browsers) with { SessionId = "other" }, ActorRefs.Nobody), Waiting.Never));

    private Task<ClusterStatus> StatusAsync() => _coordinator.Ask<ClusterStatus>(ClusterProtocol.TellStatus.Instance, Waiting.Never);

    /// <summary>Says again what is not answered, as nodes do: a coordinator has nothing to say before it is in office.</summary>
    private async Task<T> RegisterAsync<T>(NodeOffer offer, IActorRef node)
    {
        await Waiting.UntilAsync(() => _coordinator.Ask<ClusterStatus>(ClusterProtocol.TellStatus.Instance, Waiting.Never).Result.Epoch > 0);
        var path = node.Path.ToSerializationFormat();
        return Assert.IsType<T>(await _coordinator.Ask<object>(new ClusterProtocol.Register(offer, path, path), Waiting.Never));
    }

    private IActorRef Node() => _kit.CreateTestProbe().Ref;

    private NodeOffer Offer(string name) => new()
    {
        Name = name, Address = "127.0.0.1:4001", Roles = ["browsers"], Version = "0.1.0", Protocol = ClusterProtocol.Version, Capacity = 2, Clock = _clock.Timeline,
    };

    private SessionPlan Plan(int browsers) =>
        Plans.Of("/unused", [.. Enumerable.Range(1, browsers).Select(number => new BrowserTarget { Name = $"b{number}" })]);
}
