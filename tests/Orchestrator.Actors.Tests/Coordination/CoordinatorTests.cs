using Akka.Actor;
using Orchestrator.Actors.Coordination;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

public sealed class CoordinatorTests : SessionSpec
{
    [Fact]
    public async Task Without_a_node_a_session_is_refused()
    {
        var plan = Plans.Of(Folder, []);
        var alone = Rig.System.ActorOf(CoordinatorActor.Props(Rig.Clock, Rig.Settings));
        var refused = await alone.Ask<SessionProtocol.Refused>(new SessionProtocol.Open(plan, ActorRefs.Nobody), Waiting.Never);

        Assert.Equal(new SessionProtocol.Refused(plan.SessionId, "no node takes browsers"), refused);
    }

    [Fact]
    public async Task A_second_session_of_the_same_name_is_refused_and_the_first_goes_on()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var plan = Plan(browsers).UntilEnded();
        var run = Run(plan);
        await run.Views.Until(SessionPhase.Window);

        var second = Assert.IsType<SessionProtocol.Refused>(await Rig.Run(plan).Answer.Soon());
        Assert.Equal("a session of this name is open", second.Reason);
        run.EndNow();
        AssertOutcomes(await run.DocumentAsync(), SessionOutcome.Complete, BrowserOutcome.Complete);
    }

    [Fact]
    public async Task Two_sessions_run_beside_each_other_each_with_its_own_end()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var first = Run(Plans.Of(Temp.At("first"), [browsers.Targets()[0]]).UntilEnded());
        var second = Run(Plans.Of(Temp.At("second"), [browsers.Targets()[1]]).UntilEnded());
        await first.Views.Until(SessionPhase.Window);
        await second.Views.Until(SessionPhase.Window);
        second.Abort();
        AssertOutcomes(await second.DocumentAsync(), SessionOutcome.Aborted, BrowserOutcome.Aborted);
        first.EndNow();
        AssertOutcomes(await first.DocumentAsync(), SessionOutcome.Complete, BrowserOutcome.Complete);
    }

    [Fact]
    public async Task Told_to_end_what_is_not_there_it_does_nothing()
    {
        Rig.Coordinator.Tell(new SessionProtocol.EndNow("nothing"));
        Rig.Coordinator.Tell(new SessionProtocol.Abort("nothing", "why not"));

        var answer = await Rig.Coordinator.Ask<SessionProtocol.Refused>(new SessionProtocol.Recover("nothing"), Waiting.Never);
        Assert.Equal("there is no open session of this name", answer.Reason);
    }

    [Fact]
    public async Task A_coordinator_that_stops_answers_whoever_waits_for_a_session()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var run = Run(Plan(browsers).UntilEnded());
        await run.Views.Until(SessionPhase.Window);
        Rig.System.Stop(Rig.Coordinator);

        var refused = Assert.IsType<SessionProtocol.Refused>(await run.Answer.Soon());
        Assert.Contains("next start", refused.Reason);
        await Waiting.UntilAsync(() => browsers["b1"].Connections.Count == 0);
    }
}
