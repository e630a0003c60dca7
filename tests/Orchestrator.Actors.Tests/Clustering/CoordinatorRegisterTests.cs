using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.TestKit;
using Orchestrator.Actors.Clustering;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Actors.Tests.Clustering;

/// <summary>The register of a cluster's coordinators, over a real SQLite file: who is in office, which sessions are open, and who has no say any more.</summary>
public sealed class CoordinatorRegisterTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly Akka.TestKit.Xunit2.TestKit _kit;

    public CoordinatorRegisterTests()
    {
        var place = JournalPlace.In(DataFolder.Open(_temp.At("data")));
        var config = ConfigurationFactory.ParseString("akka.loglevel = OFF").WithFallback(ReferenceConfiguration.Journal(place)).WithFallback(ReferenceConfiguration.Local(Config.Empty, "none.db"));
        _kit = new Akka.TestKit.Xunit2.TestKit(ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), place.Connection), "register");
    }

    public void Dispose()
    {
        _kit.Sys.Terminate().Wait(Waiting.Never);
        _kit.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public void Every_coordinator_has_an_epoch_of_its_own_and_finds_what_is_open()
    {
        var first = InOffice(null, out var register);
        Assert.Equal((1, 0), (register.Epoch, register.Open.Count));
        Say(first, new CoordinatorRegisterActor.Admit("s-1"), new CoordinatorRegisterActor.Admitted("s-1"));
        Say(first, new CoordinatorRegisterActor.Admit("s-2"), new CoordinatorRegisterActor.Admitted("s-2"));
        Say(first, new CoordinatorRegisterActor.Close("s-1"), new CoordinatorRegisterActor.Closed("s-1"));

        InOffice(null, out register);
        Assert.Equal(2, register.Epoch);
        Assert.Equal(["s-2"], register.Open);
    }

    [Fact]
    public void One_that_was_replaced_finds_its_place_taken_and_stops()
    {
        var old = InOffice(null, out _);
        InOffice(null, out _);
        old.Probe.Watch(old.Register);
        old.Register.Tell(new CoordinatorRegisterActor.Admit("s-1"));
        old.Probe.ExpectTerminated(old.Register, Waiting.Never);

        InOffice(null, out var register);
        Assert.Empty(register.Open);
        Assert.Equal(3, register.Epoch);
    }

    [Fact]
    public void One_that_comes_back_after_its_journal_had_been_away_learns_whether_it_has_a_successor()
    {
        InOffice(null, out var mine);
        InOffice(epoch: mine.Epoch, out var still);
        Assert.Equal(mine.Epoch, still.Epoch);

        InOffice(null, out var successor);
        InOffice(epoch: mine.Epoch, out var known);
        Assert.Equal(successor.Epoch, known.Epoch);
    }

    [Fact]
    public void A_session_is_closed_as_often_as_anybody_says_so_and_once_in_the_journal()
    {
        var office = InOffice(null, out _);
        Say(office, new CoordinatorRegisterActor.Admit("s-1"), new CoordinatorRegisterActor.Admitted("s-1"));
        Say(office, new CoordinatorRegisterActor.Close("s-1"), new CoordinatorRegisterActor.Closed("s-1"));
        Say(office, new CoordinatorRegisterActor.Close("s-1"), new CoordinatorRegisterActor.Closed("s-1"));
        Say(office, new CoordinatorRegisterActor.Close("never-was"), new CoordinatorRegisterActor.Closed("never-was"));
    }

    [Fact]
    public void A_register_of_many_sessions_comes_back_from_its_snapshot()
    {
        var office = InOffice(null, out _);
        for (var number = 1; number <= 250; number++) Say(office, new CoordinatorRegisterActor.Admit($"s-{number}"), new CoordinatorRegisterActor.Admitted($"s-{number}"));

        InOffice(null, out var register);
        Assert.Equal((2, 250), (register.Epoch, register.Open.Count));
    }

    private (TestProbe Probe, IActorRef Register) InOffice(long? epoch, out CoordinatorRegister register)
    {
        var parent = _kit.CreateTestProbe();
        var actor = parent.ChildActorOf(CoordinatorRegisterActor.Props(new NodeClock(TimeProvider.System, "here"), epoch));
        register = parent.ExpectMsg<CoordinatorRegisterActor.InOffice>(Waiting.Never).Register;
        return (parent, actor);
    }

    private static void Say<T>((TestProbe Probe, IActorRef Register) office, object said, T answer)
    {
        office.Register.Tell(said);
        Assert.Equal(answer, office.Probe.ExpectMsg<T>(Waiting.Never));
    }
}
