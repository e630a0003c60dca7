using Orchestrator.TestKit.Hocon;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Simulations;

/// <summary>How distributions of delays are written.</summary>
internal sealed partial record ScenarioFileValue
{
    private const string DelayForms = "2ms, { uniform = [1ms, 5ms] }, { log-normal { median = 1ms, sigma = 0.5 } } or { heavy-tail { least = 1ms, shape = 1.5, most = 10s } }";

    /// <summary>A duration, or one of the distributions.</summary>
    public Delay? AsDelay()
    {
        if (Node is HoconText) return AsDuration(TimeSpan.Zero, Day) is { } constant ? new Delay.Constant(constant) : null;
        if (Node is not HoconObject || AsBlock() is not { } block)
        {
            Complain($"no delay; write {DelayForms}");
            return null;
        }

        var (uniform, logNormal, heavyTail) = (block.Value("uniform"), block.Value("log-normal"), block.Value("heavy-tail"));
        block.Close();
        if (block.Keys.Count() > 1 || (uniform ?? logNormal ?? heavyTail) is null)
        {
            if (block.Keys.Count() != 1) Complain($"not one distribution; write {DelayForms}");
            return null;
        }

        return uniform is not null ? uniform.AsUniform() : logNormal is not null ? logNormal.AsLogNormal() : heavyTail!.AsHeavyTail();
    }

    private Delay.Uniform? AsUniform()
    {
        if (AsList("[1ms, 5ms]") is not { } ends) return null;
        if (ends.Count != 2)
        {
            Complain($"a list of {ends.Count}; write the least and the most, such as [1ms, 5ms]");
            return null;
        }

        var (least, most) = (ends[0].AsDuration(TimeSpan.Zero, Day), ends[1].AsDuration(TimeSpan.Zero, Day));
        if (least <= most) return new Delay.Uniform(least.Value, most.Value);
        if (least > most) Complain("impossible: its least is more than its most");
        return null;
    }

    private Delay.LogNormal? AsLogNormal()
    {
        if (AsBlock() is not { } block) return null;
        var median = block.Required("median", "half of all are shorter")?.AsDuration(TimeSpan.Zero, Day);
        var sigma = block.Required("sigma", "the standard deviation of the logarithm")?.AsNumber(0, 10);
        block.Close();
        return median is null || sigma is null ? null : new Delay.LogNormal(median.Value, sigma.Value);
    }

    private Delay.HeavyTail? AsHeavyTail()
    {
        if (AsBlock() is not { } block) return null;
        var least = block.Required("least", "none is shorter")?.AsDuration(TimeSpan.FromTicks(1), Day);
        var shape = block.Required("shape", "Pareto's alpha, the smaller, the heavier the tail")?.AsNumber(0.1, 100);
        var most = block.Required("most", "none is longer")?.AsDuration(TimeSpan.Zero, Day);
        block.Close();
        if (least > most) Complain("impossible: its least is more than its most");
        return least is null || shape is null || !(least <= most) ? null : new Delay.HeavyTail(least.Value, shape.Value, most.Value);
    }
}
