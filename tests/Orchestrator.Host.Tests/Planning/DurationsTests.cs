using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Planning;

namespace Orchestrator.Host.Tests.Planning;

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

    [Fact]
    public void Out_of_range_is_an_error_that_names_the_range()
    {
        var errors = new UsageErrors();
        Durations.Read("--duration", "1ms", TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(24), errors);
        Assert.Equal("--duration '1ms': out of range; 100ms to 24h is allowed", Assert.Single(errors.Lines));
    }

    [Fact]
    public void No_duration_is_an_error_with_an_example()
    {
        var errors = new UsageErrors();
        Durations.Read("--duration", "10", TimeSpan.FromSeconds(10), TimeSpan.Zero, TimeSpan.MaxValue, errors);
        Assert.Equal("--duration '10': not a duration; write a number and us, ms, s, m or h, such as 10s", Assert.Single(errors.Lines));
    }
}
