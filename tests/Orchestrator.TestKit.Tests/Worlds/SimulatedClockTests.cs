using FsCheck.Xunit;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Tests.Worlds;

public sealed class SimulatedClockTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void It_has_an_offset_and_runs_at_its_own_rate()
    {
        var clock = new SimulatedClock { Offset = TimeSpan.FromSeconds(-5), RatePpm = 100 };

        Assert.Equal(-5 * Second, clock.At(0));
        Assert.Equal(1000 * Second - 5 * Second + Second / 10, clock.At(1000 * Second));
    }

    [Fact]
    public void It_jumps_at_its_steps()
    {
        var clock = new SimulatedClock { Steps = [Step(10, by: 2), Step(20, by: -3)] };

        Assert.Equal([10 * Second - 1, 12 * Second, 22 * Second - 1, 19 * Second], new[] { 10 * Second - 1, 10 * Second, 20 * Second - 1, 20 * Second }.Select(clock.At));
    }

    [Fact]
    public void It_stands_still_while_it_is_suspended_and_goes_on_from_there()
    {
        var clock = new SimulatedClock { Steps = [Step(10, suspended: 4)] };

        Assert.Equal([10 * Second, 10 * Second, 10 * Second, 11 * Second], new[] { 10, 12, 14, 15 }.Select(at => clock.At(at * Second)));
    }

    [Property]
    public bool A_clock_without_steps_never_goes_back(int offset, short ppm, uint at, uint later)
    {
        var clock = new SimulatedClock { Offset = TimeSpan.FromTicks(offset), RatePpm = ppm };
        return clock.At((long)at + later) >= clock.At(at);
    }

    private static ClockStep Step(int at, int by = 0, int suspended = 0) =>
        new(at * Second, TimeSpan.FromSeconds(by), TimeSpan.FromSeconds(suspended));
}
