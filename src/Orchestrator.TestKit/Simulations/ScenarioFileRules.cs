using System.Globalization;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Simulations;

/// <summary>What befalls some browsers of a scenario: steps of their clocks, and faults.</summary>
/// <param name="browsers">How many browsers the scenario has.</param>
internal sealed class ScenarioFileRules(int browsers)
{
    private const int MostBytes = 1 << 30;

    /// <summary>The kinds of faults, and what each one's keys make of it; null when a key is missing or wrong.</summary>
    private static readonly SortedDictionary<string, Func<ScenarioFileBlock, Func<Random, Fault>?>> Kinds = new(StringComparer.Ordinal)
    {
        ["refuse-connection"] = _ => _ => new Fault.RefuseConnection(),
        ["refuse-start"] = RefuseStart,
        ["hang"] = block => Moment(block, "after") is { } after ? random => new Fault.Hang(after.Next(random)) : null,
        ["kill"] = block => Moment(block, "after") is { } after ? random => new Fault.Kill(after.Next(random)) : null,
        ["slow-flush"] = block => Moment(block, "extra") is { } extra ? random => new Fault.SlowFlush(extra.Next(random)) : null,
        ["lose-tracing-complete"] = _ => _ => new Fault.LoseTracingComplete(),
        ["close-mid-stream"] = block => Share(block, "at-share", "how much of the trace has been sent then") is { } share ? _ => new Fault.CloseMidStream(share) : null,
        ["garbage-frame"] = block => Moment(block, "after") is { } after ? random => new Fault.GarbageFrame(after.Next(random)) : null,
        ["oversized-frame"] = OversizedFrame,
        ["duplicate-answers"] = block => Share(block, "share", "of the answers") is { } share ? _ => new Fault.DuplicateAnswers(share) : null,
        ["late-answers"] = LateAnswers,
        ["data-loss"] = _ => _ => new Fault.DataLoss(),
    };

    public static IReadOnlyCollection<string> FaultKinds => Kinds.Keys;

    public FaultRule? ReadFault(ScenarioFileValue value)
    {
        if (value.AsBlock() is not { } block) return null;
        var (names, probability) = Whom(block);
        var kind = block.Required("fault", $"one of {string.Join(", ", Kinds.Keys)}");
        if (kind?.AsText() is not { } name) return null;
        if (!Kinds.TryGetValue(name, out var read))
        {
            // Which other keys there may be depends on the kind.
            kind.Complain($"no fault that there is; write one of {string.Join(", ", Kinds.Keys)}");
            return null;
        }

        var fault = read(block);
        block.Close();
        return fault is null ? null : new FaultRule { Fault = (random, _) => fault(random), Browsers = names, Probability = probability };
    }

    public ClockRule? ReadClockStep(ScenarioFileValue value)
    {
        if (value.AsBlock() is not { } block) return null;
        var (names, probability) = Whom(block);
        var at = block.Required("at", "when, from the simulation's beginning")?.AsDelay();
        var by = block.Value("by");
        var suspended = block.Value("suspended");
        block.Close();
        if (by is null && suspended is null) block.Complain("neither 'by' nor 'suspended' says what the clock does");
        var rule = new ClockRule
        {
            At = at ?? Delay.None,
            By = by?.AsDuration(-ScenarioFileValue.Day, ScenarioFileValue.Day) ?? TimeSpan.Zero,
            Suspended = suspended?.AsDelay() ?? Delay.None,
            Browsers = names,
            Probability = probability,
        };
        return at is null ? null : rule;
    }

    private (IReadOnlyList<string>? Names, double Probability) Whom(ScenarioFileBlock block) =>
        (block.Value("browsers")?.AsList("[b1, b2]", least: 1)?.Select(Browser).OfType<string>().ToList(), block.Value("probability")?.AsShare() ?? 1);

    private string? Browser(ScenarioFileValue value)
    {
        if (value.AsText() is not { } name) return null;
        if (name.StartsWith('b') && int.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= 1 && number <= browsers && name == Scenario.NameOf(number)) return name;
        value.Complain($"no browser of this scenario; they are called {Scenario.NameOf(1)} to {Scenario.NameOf(browsers)}");
        return null;
    }

    private static Func<Random, Fault>? RefuseStart(ScenarioFileBlock block)
    {
        var (code, message) = (block.Value("code"), block.Value("message"));
        var usual = new Fault.RefuseStart();
        var fault = new Fault.RefuseStart(code?.AsWhole(-99_999, 99_999) ?? usual.Code, message?.AsText() ?? usual.Message);
        return _ => fault;
    }

    private static Func<Random, Fault>? OversizedFrame(ScenarioFileBlock block)
    {
        var after = Moment(block, "after");
        var bytes = block.Required("bytes", "of the frame, such as 300MiB")?.AsSize(1, MostBytes);
        return after is null || bytes is null ? null : random => new Fault.OversizedFrame(after.Next(random), bytes.Value);
    }

    private static Func<Random, Fault>? LateAnswers(ScenarioFileBlock block)
    {
        var share = Share(block, "share", "of the answers");
        var by = Moment(block, "by");
        return share is null || by is null ? null : random => new Fault.LateAnswers(share.Value, by.Next(random));
    }

    private static Delay? Moment(ScenarioFileBlock block, string key) => block.Required(key, "a duration such as 30s, or a distribution")?.AsDelay();

    private static double? Share(ScenarioFileBlock block, string key, string says) => block.Required(key, $"{says}, 0 to 1")?.AsShare();
}
