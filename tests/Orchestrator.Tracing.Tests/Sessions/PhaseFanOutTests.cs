using FsCheck.Xunit;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Tests.Sessions;

public sealed class PhaseFanOutTests
{
    [Fact]
    public void It_is_complete_when_all_have_answered_or_are_gone()
    {
        var asked = new PhaseFanOut<int>(7, ["b", "a", "c"]);
        Assert.Equal(["a", "b", "c"], asked.Outstanding);
        Assert.False(asked.IsComplete);

        var most = asked.Answered("c", 3).Gone("b");
        Assert.Equal(["a"], most.Outstanding);
        Assert.False(most.IsComplete);

        var all = most.Answered("a", 1);
        Assert.True(all.IsComplete);
        Assert.Equal([3, 1], all.Answers);
        Assert.Equal(7, all.Phase);
    }

    [Fact]
    public void Asking_nobody_is_complete_at_once() => Assert.True(new PhaseFanOut<int>(1, []).IsComplete);

    [Fact]
    public void Late_double_and_unknown_answers_change_nothing()
    {
        var asked = new PhaseFanOut<int>(1, ["a", "b"]).Answered("a", 1);
        Assert.Same(asked, asked.Answered("a", 2));
        Assert.Same(asked, asked.Answered("stranger", 3));
        Assert.Equal([1], asked.Gone("a").Gone("stranger").Answers);
        Assert.Empty(asked.Gone("b").Answered("b", 4).Outstanding);
        Assert.Equal([1], asked.Gone("b").Answered("b", 4).Answers);
    }

    [Property]
    public void Every_name_is_outstanding_until_it_is_heard_of_and_answers_count_once(string[] names, (int Who, bool Answers)[] heard)
    {
        names = [.. names.Where(name => name is not null).Distinct()];
        var fanOut = new PhaseFanOut<int>(1, names);
        var outstanding = names.ToHashSet();
        var answers = 0;
        foreach (var (who, isAnswer) in heard)
        {
            var name = names.Length == 0 ? "nobody" : names[(int)((uint)who % names.Length)];
            if (outstanding.Remove(name) && isAnswer) answers++;
            fanOut = isAnswer ? fanOut.Answered(name, who) : fanOut.Gone(name);
            Assert.True(outstanding.SetEquals(fanOut.Outstanding));
            Assert.Equal(answers, fanOut.Answers.Count);
            Assert.Equal(outstanding.Count == 0, fanOut.IsComplete);
        }
    }
}
