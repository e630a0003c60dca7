using Orchestrator.Host.CommandLine;

namespace Orchestrator.Host.Tests.CommandLine;

public class UsageErrorsTests
{
    [Fact]
    public void A_value_is_shown_on_one_line_and_not_endlessly()
    {
        Assert.Equal(@"'a\x0ab\x1b'", UsageErrors.Shown("a\nb\u001b"));
        Assert.Equal("'" + new string('x', 120) + "…'", UsageErrors.Shown(new string('x', 5000)));
    }

    [Theory]
    [InlineData("--duratoin", "--duration")]
    [InlineData("--DURATION", "--duration")]
    [InlineData("--out", null)]
    [InlineData("--zzz", null)]
    public void The_nearest_word_is_offered_when_it_is_near(string typed, string? meant) => Assert.Equal(meant, Spelling.Nearest(typed, ["--duration", "--output", "--mark"]));

    [Fact]
    public void Of_no_words_none_is_offered() => Assert.Null(Spelling.Nearest("x", []));
}
