using System.Text.Json;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;
using static Orchestrator.Tracing.Recording.BrowserOutcome;

namespace Orchestrator.Tracing.Tests.Sessions;

public sealed class SessionOutcomesTests
{
    public static TheoryData<SessionOutcome, BrowserOutcome[]> Sums() => new()
    {
        { SessionOutcome.Failed, [] },
        { SessionOutcome.Complete, [Complete] },
        { SessionOutcome.Complete, [Complete, Complete] },
        { SessionOutcome.CompleteWithLoss, [CompleteWithLoss] },
        { SessionOutcome.CompleteWithLoss, [Complete, CompleteWithLoss] },
        { SessionOutcome.Partial, [Complete, Refused] },
        { SessionOutcome.Partial, [CompleteWithLoss, ConnectionLost] },
        { SessionOutcome.Failed, [Refused] },
        { SessionOutcome.Failed, [ConnectionLost, NodeLost] },
    };

    [Theory]
    [MemberData(nameof(Sums))]
    public void Browsers_add_up(SessionOutcome sum, BrowserOutcome[] browsers) => Assert.Equal(sum, SessionOutcomes.From(browsers));

    [Fact]
    public void Two_browsers_of_any_kind_are_told_by_who_delivered()
    {
        foreach (var one in Enum.GetValues<BrowserOutcome>())
        {
            foreach (var other in Enum.GetValues<BrowserOutcome>())
            {
                var expected = (one.Delivered(), other.Delivered()) switch
                {
                    (false, false) => SessionOutcome.Failed,
                    (true, true) => one == Complete && other == Complete ? SessionOutcome.Complete : SessionOutcome.CompleteWithLoss,
                    _ => SessionOutcome.Partial,
                };
                Assert.Equal(expected, SessionOutcomes.From([one, other]));
            }
        }
    }

    [Fact]
    public void Only_a_whole_trace_counts_as_delivered() =>
        Assert.Equal([Complete, CompleteWithLoss], Enum.GetValues<BrowserOutcome>().Where(outcome => outcome.Delivered()));

    [Fact]
    public void Outcomes_are_spelled_the_same_in_json_and_for_people()
    {
        Assert.All(Enum.GetValues<BrowserOutcome>(), outcome => Assert.Equal($"\"{outcome.Name()}\"", JsonSerializer.Serialize(outcome)));
        Assert.All(Enum.GetValues<SessionOutcome>(), outcome => Assert.Equal($"\"{outcome.Name()}\"", JsonSerializer.Serialize(outcome)));
        Assert.Equal(
            ["complete", "completeWithLoss", "refused", "launchFailed", "connectionLost", "flushTimedOut", "corrupt", "nodeLost", "aborted"],
            Enum.GetValues<BrowserOutcome>().Select(outcome => outcome.Name()));
        Assert.Equal(["complete", "completeWithLoss", "partial", "failed", "aborted"], Enum.GetValues<SessionOutcome>().Select(outcome => outcome.Name()));
    }
}
