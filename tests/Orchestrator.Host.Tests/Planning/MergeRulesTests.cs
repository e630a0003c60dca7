using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Planning;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Planning;

public sealed class MergeRulesTests
{
    [Theory]
    [InlineData(null, TraceFormat.Proto, MergeChoice.Perfetto)]
    [InlineData(null, TraceFormat.Json, MergeChoice.Json)]
    [InlineData("none", TraceFormat.Proto, MergeChoice.None)]
    [InlineData("PERFETTO", TraceFormat.Proto, MergeChoice.Perfetto)]
    [InlineData("json", TraceFormat.Json, MergeChoice.Json)]
    [InlineData("both", TraceFormat.Json, MergeChoice.Json)]
    [InlineData("both", TraceFormat.Proto, MergeChoice.Perfetto)]
    public void What_is_merged_is_what_was_asked_for_or_what_fits_the_format(string? text, TraceFormat format, MergeChoice expected)
    {
        var errors = new UsageErrors();
        Assert.Equal(expected, MergeRules.Read(text, format, errors));
        Assert.Empty(errors.Lines);
    }

    [Theory]
    [InlineData("json", TraceFormat.Proto, "--format json")]
    [InlineData("perfetto", TraceFormat.Json, "trace.json.gz")]
    [InlineData("perfeto", TraceFormat.Proto, "did you mean perfetto?")]
    public void What_cannot_be_made_of_the_recording_is_an_error_that_says_what_can(string text, TraceFormat format, string told)
    {
        var errors = new UsageErrors();
        MergeRules.Read(text, format, errors);
        Assert.Contains(told, Assert.Single(errors.Lines));
        Assert.Contains("--merge", errors.Lines[0]);
    }

    [Theory]
    [InlineData("200us", 200)]
    [InlineData("1ms", 1000)]
    public void The_widest_clock_error_is_a_duration(string text, int micros)
    {
        var errors = new UsageErrors();
        Assert.Equal(TimeSpan.FromMicroseconds(micros), MergeRules.ReadMaxClockError(text, errors));
        Assert.Null(MergeRules.ReadMaxClockError(null, errors));
        Assert.Empty(errors.Lines);
    }

    [Theory]
    [InlineData("0us")]
    [InlineData("200")]
    [InlineData("1h")]
    public void A_clock_error_that_is_no_such_duration_is_an_error(string text)
    {
        var errors = new UsageErrors();
        MergeRules.ReadMaxClockError(text, errors);
        Assert.Contains("--max-clock-error", Assert.Single(errors.Lines));
    }
}
