using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Tests.Sessions;

public class DurationsTests
{
    [Theory]
    [InlineData("250us", 2_500)]
    [InlineData("500ms", 5_000_000)]
    [InlineData("5s", 50_000_000)]
    [InlineData("2m", 1_200_000_000)]
    [InlineData("1h", 36_000_000_000)]
    [InlineData("1.5s", 15_000_000)]
    [InlineData("0.25ms", 2_500)]
    [InlineData("0s", 0)]
    [InlineData("0007s", 70_000_000)]
    public void A_number_with_a_unit_is_a_duration(string text, long ticks)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(ticks, duration.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("ms")]
    [InlineData("-5s")]
    [InlineData("+5s")]
    [InlineData("5 s")]
    [InlineData(" 5s")]
    [InlineData("5s ")]
    [InlineData("5S")]
    [InlineData("5sec")]
    [InlineData("5d")]
    [InlineData("1,5s")]
    [InlineData("1.s")]
    [InlineData(".5s")]
    [InlineData("1.2.3s")]
    [InlineData("1e3s")]
    [InlineData("0x5s")]
    [InlineData("٥s")]
    [InlineData("infinity")]
    [InlineData("99999999999999999999999999999s")]
    [InlineData("999999999999999999999999999999999999999999h")]
    public void Everything_else_is_none(string text) => Assert.False(Durations.TryParse(text, out _));

    [Theory]
    [InlineData("250us")]
    [InlineData("500ms")]
    [InlineData("1500ms")]
    [InlineData("10s")]
    [InlineData("90s")]
    [InlineData("2m")]
    [InlineData("24h")]
    [InlineData("0s")]
    public void A_duration_is_written_in_the_longest_unit_that_fits(string text)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(text, Durations.Format(duration));
    }
}
