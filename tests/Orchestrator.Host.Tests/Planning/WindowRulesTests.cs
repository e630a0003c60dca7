using Orchestrator.Host.Planning;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Planning;

public class WindowRulesTests
{
    private const string MemoryInfra = "disabled-by-default-memory-infra";

    [Fact]
    public void The_defaults_are_those_of_the_contract()
    {
        var plan = Planned.Of(new RecordOptions()).Whole;
        Assert.Equal(TimeSpan.FromSeconds(10), plan.Window.Duration);
        Assert.Equal(TimeSpan.FromSeconds(1), plan.Window.MarkEvery);
        Assert.Empty(plan.Window.Markers);
        Assert.Empty(plan.Window.MemoryDumps);
        Assert.False(plan.Window.MemoryDumpDeterministic);
        Assert.Equal(new PhaseTimeouts(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(2)), plan.Timeouts);
        Assert.Equal(Requirement.All, plan.Require);
        Assert.Equal("/here/session-" + Planned.SessionId, plan.OutputFolder);
    }

    [Fact]
    public void What_was_typed_is_planned()
    {
        var plan = Planned.Of(new RecordOptions
        {
            Duration = "20s", MarkEvery = "250ms", Marks = ["second@5s", "me@home@1.5s", "last@19.999s"], Categories = MemoryInfra,
            MemoryDumps = ["Detailed@3s", "light@0s"], MemoryDumpDeterministic = true, PrepareTimeout = "1m", StartTimeout = "5s", FlushTimeout = "10m", Output = "out",
        }).Whole;
        Assert.Equal(TimeSpan.FromSeconds(20), plan.Window.Duration);
        Assert.Equal(TimeSpan.FromMilliseconds(250), plan.Window.MarkEvery);
        Assert.Equal([new("me@home", TimeSpan.FromSeconds(1.5)), new("second", TimeSpan.FromSeconds(5)), new("last", TimeSpan.FromSeconds(19.999))], plan.Window.Markers);
        Assert.Equal([new("light", TimeSpan.Zero), new("detailed", TimeSpan.FromSeconds(3))], plan.Window.MemoryDumps);
        Assert.True(plan.Window.MemoryDumpDeterministic);
        Assert.Equal(new PhaseTimeouts(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10)), plan.Timeouts);
        Assert.Equal("/here/out", plan.OutputFolder);
    }

    [Theory]
    [InlineData("label", "not of the form LABEL@OFFSET")]
    [InlineData("label@", "after the '@' stands no duration")]
    [InlineData("label@3", "after the '@' stands no duration")]
    [InlineData("label@-3s", "after the '@' stands no duration")]
    [InlineData("@3s", "the label is empty")]
    [InlineData("  @3s", "the label is empty")]
    [InlineData("label@11s", "not within the window, which lasts 10s")]
    [InlineData("label@10s", "not within the window, which lasts 10s")]
    [InlineData("a\u0007b@1s", "control characters")]
    public void A_marker_that_cannot_be_placed_is_an_error(string mark, string problem)
    {
        var error = Planned.Of(new RecordOptions { Marks = [mark] }).TheError;
        Assert.StartsWith("--mark '", error);
        Assert.Contains(problem, error);
        Assert.DoesNotContain('\u0007', error);
    }

    [Fact]
    public void A_label_may_have_a_hundred_characters_and_no_more()
    {
        Assert.Empty(Planned.Of(new RecordOptions { Marks = [new string('x', 100) + "@1s"] }).Errors);
        Assert.Contains("at most 100", Planned.Of(new RecordOptions { Marks = [new string('x', 101) + "@1s"] }).TheError);
    }

    [Fact]
    public void The_same_marker_twice_is_an_error_and_the_same_label_later_is_not()
    {
        Assert.Contains("given twice", Planned.Of(new RecordOptions { Marks = ["a@1s", "a@1000ms"] }).TheError);
        Assert.Empty(Planned.Of(new RecordOptions { Marks = ["a@1s", "a@2s"] }).Errors);
    }

    [Theory]
    [InlineData("heavy@1s", "the level 'heavy' is not one of background, light, detailed")]
    [InlineData("ligt@1s", "did you mean light?")]
    [InlineData("light", "not of the form LEVEL@OFFSET")]
    [InlineData("light@soon", "after the '@' stands no duration")]
    [InlineData("light@1m", "not within the window")]
    public void A_memory_dump_that_cannot_be_made_is_an_error(string dump, string problem)
    {
        var errors = Planned.Of(new RecordOptions { MemoryDumps = [dump], Categories = MemoryInfra }).TheError;
        Assert.StartsWith($"--memory-dump '{dump}': ", errors);
        Assert.Contains(problem, errors);
    }

    [Fact]
    public void Determinism_without_a_dump_is_an_error() =>
        Assert.StartsWith("--memory-dump-deterministic: there is no memory dump", Planned.Of(new RecordOptions { MemoryDumpDeterministic = true }).TheError);

    [Theory]
    [InlineData("--duration", "99ms")]
    [InlineData("--duration", "25h")]
    [InlineData("--mark-every", "9ms")]
    [InlineData("--prepare-timeout", "0s")]
    [InlineData("--start-timeout", "1us")]
    [InlineData("--flush-timeout", "48h")]
    public void A_time_out_of_range_is_an_error(string option, string value)
    {
        var options = option switch
        {
            "--duration" => new RecordOptions { Duration = value },
            "--mark-every" => new RecordOptions { MarkEvery = value },
            "--prepare-timeout" => new RecordOptions { PrepareTimeout = value },
            "--start-timeout" => new RecordOptions { StartTimeout = value },
            _ => new RecordOptions { FlushTimeout = value },
        };
        Assert.StartsWith($"{option} '{value}': out of range; ", Planned.Of(options).TheError);
    }
}
