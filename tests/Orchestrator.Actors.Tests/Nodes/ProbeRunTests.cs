using Orchestrator.Actors.Nodes;

namespace Orchestrator.Actors.Tests.Nodes;

public sealed class ProbeRunTests
{
    [Fact]
    public void Each_browser_has_its_turn_in_each_round()
    {
        var run = Run(rounds: 2, most: 2);
        Assert.Equal([("b1", "p.0"), ("b2", "p.0"), ("b1", "p.1"), ("b2", "p.1")], Asked(run, _ => 1_000_000));
    }

    [Fact]
    public void A_browser_whose_brackets_are_all_wide_gets_more_until_one_is_narrow()
    {
        var run = Run(rounds: 2, most: 10);
        var widths = new Queue<long>([900, 700, 500, 90, 800]);
        var asked = Asked(run, browser => browser == "b1" ? 50 : widths.Dequeue());
        Assert.Equal(2, asked.Count(turn => turn.Browser == "b1"));
        Assert.Equal(4, asked.Count(turn => turn.Browser == "b2"));
    }

    [Fact]
    public void Further_rounds_come_to_an_end()
    {
        var run = Run(rounds: 2, most: 7);
        Assert.Equal(14, Asked(run, _ => 1_000_000).Count);
        Assert.Null(run.Next());
    }

    [Fact]
    public void Who_never_answers_is_asked_for_no_longer_than_the_others()
    {
        var run = Run(rounds: 1, most: 3);
        var turns = 0;
        while (run.Next() is not null) turns++;
        Assert.Equal(6, turns);
    }

    [Fact]
    public void Who_takes_no_marker_is_left_out_of_the_rest()
    {
        var run = Run(rounds: 3, most: 5);
        Assert.Equal(("b1", "p.0"), run.Next());
        run.LeaveOut("b1");
        Assert.Equal(("b2", "p.0"), run.Next());
        Assert.Equal(("b2", "p.1"), run.Next());
        run.LeaveOut("b2");
        Assert.Null(run.Next());
        Assert.Null(run.Awaiting);
    }

    private static ProbeRun Run(int rounds, int most) =>
        new(new NodeProtocol.Probe(1, "p", rounds, TimeSpan.FromSeconds(1)) { MostRounds = most, NarrowEnoughNanos = 100 }, ["b1", "b2"]);

    private static List<(string Browser, string SyncId)> Asked(ProbeRun run, Func<string, long> width)
    {
        var asked = new List<(string Browser, string SyncId)>();
        while (run.Next() is { } turn)
        {
            asked.Add(turn);
            run.Bracketed(turn.Browser, width(turn.Browser));
        }

        return asked;
    }
}
