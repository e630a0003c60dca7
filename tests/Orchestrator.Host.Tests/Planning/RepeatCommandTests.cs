using Orchestrator.Host.Planning;

namespace Orchestrator.Host.Tests.Planning;

public class RepeatCommandTests
{
    [Theory]
    [InlineData("plain-word_1./:@%+=,", "plain-word_1./:@%+=,")]
    [InlineData("", "''")]
    [InlineData("a b", "'a b'")]
    [InlineData("$(rm -rf)", "'$(rm -rf)'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("a\nb", "'a\nb'")]
    [InlineData("a\n", "'a\n'")]
    public void Words_are_quoted_for_a_shell(string word, string quoted) => Assert.Equal(quoted, RepeatCommand.Quoted(word));
}
