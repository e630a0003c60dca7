using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Planning;

namespace Orchestrator.Host.Tests.Planning;

public class DurationOptionsTests
{
    [Fact]
    public void Out_of_range_is_an_error_that_names_the_range()
    {
        var errors = new UsageErrors();
        DurationOptions.Read("--duration", "1ms", TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(24), errors);
        Assert.Equal("--duration '1ms': out of range; 100ms to 24h is allowed", Assert.Single(errors.Lines));
    }

    [Fact]
    public void No_duration_is_an_error_with_an_example()
    {
        var errors = new UsageErrors();
        DurationOptions.Read("--duration", "10", TimeSpan.FromSeconds(10), TimeSpan.Zero, TimeSpan.MaxValue, errors);
        Assert.Equal("--duration '10': not a duration; write a number and us, ms, s, m or h, such as 10s", Assert.Single(errors.Lines));
    }
}
