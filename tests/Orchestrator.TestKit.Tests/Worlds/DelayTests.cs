using FsCheck.Xunit;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Tests.Worlds;

public sealed class DelayTests
{
    private const int Draws = 20_000;

    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void A_uniform_delay_is_anything_between_its_ends_alike()
    {
        var drawn = Draw(new Delay.Uniform(10 * Millisecond, 30 * Millisecond));

        Assert.InRange(drawn[0], 10 * Millisecond, 10.2 * Millisecond);
        Assert.InRange(drawn[Draws / 4], 14.5 * Millisecond, 15.5 * Millisecond);
        Assert.InRange(drawn[Draws / 2], 19.5 * Millisecond, 20.5 * Millisecond);
        Assert.InRange(drawn[^1], 29.8 * Millisecond, 30 * Millisecond);
    }

    [Fact]
    public void A_log_normal_delay_has_its_median_and_its_logarithm_the_standard_deviation()
    {
        var drawn = Draw(new Delay.LogNormal(10 * Millisecond, 0.5));

        Assert.InRange(drawn[Draws / 2], 9.7 * Millisecond, 10.3 * Millisecond);
        // One standard deviation above the median: 84.13 % are below e^0.5 times it.
        Assert.InRange(drawn[(int)(Draws * 0.8413)], 16 * Millisecond, 17 * Millisecond);
    }

    [Fact]
    public void A_heavy_tail_begins_at_the_least_is_Paretos_and_ends_at_the_most()
    {
        var drawn = Draw(new Delay.HeavyTail(Millisecond, 1, 500 * Millisecond));

        Assert.InRange(drawn[0], Millisecond, 1.01 * Millisecond);
        // With alpha 1, one in n is longer than n times the least.
        Assert.InRange(drawn[Draws / 2], 1.95 * Millisecond, 2.05 * Millisecond);
        Assert.InRange(drawn[(int)(Draws * 0.99)], 80 * Millisecond, 125 * Millisecond);
        Assert.Equal(500 * Millisecond, drawn[^1]);
    }

    [Property]
    public bool None_is_ever_negative_and_the_same_random_numbers_give_the_same(int seed, ushort least, ushort more)
    {
        var (from, until) = (TimeSpan.FromTicks(least + 1), TimeSpan.FromTicks(least + 1 + more));
        Delay[] delays = [new Delay.Constant(from), new Delay.Uniform(from, until), new Delay.LogNormal(from, 10), new Delay.HeavyTail(from, 0.1, until)];
        return delays.All(delay => delay.Next(new Random(seed)) is var drawn && drawn >= TimeSpan.Zero && drawn == delay.Next(new Random(seed)));
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        var negative = TimeSpan.FromTicks(-1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Delay.Constant(negative));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Delay.Uniform(negative, Millisecond));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Delay.Uniform(2 * Millisecond, Millisecond));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Delay.LogNormal(Millisecond, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Delay.HeavyTail(TimeSpan.Zero, 1, Millisecond));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Delay.HeavyTail(Millisecond, 0, Millisecond));
    }

    private static TimeSpan[] Draw(Delay delay)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Draws).Select(_ => delay.Next(random)).Order()];
    }
}
