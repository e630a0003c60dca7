using System.Text.Json;
using FsCheck.Xunit;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Tests.Sessions;

public sealed class RequirementTests
{
    [Theory]
    [InlineData("all", 3, 3)]
    [InlineData("ALL", 7, 7)]
    [InlineData("1", 3, 1)]
    [InlineData("5", 3, 5)]
    [InlineData("100%", 3, 3)]
    [InlineData("1%", 3, 1)]
    [InlineData("50%", 3, 2)]
    [InlineData("50%", 4, 2)]
    [InlineData("34%", 3, 2)]
    [InlineData("33%", 3, 1)]
    [InlineData("99%", 1000, 990)]
    [InlineData("80%", int.MaxValue, 1717986918)]
    public void So_many_of_so_many(string text, int total, int needed)
    {
        Assert.True(Requirement.TryParse(text, out var requirement));
        Assert.Equal(needed, requirement.Of(total));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0%")]
    [InlineData("101%")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.5")]
    [InlineData("%")]
    [InlineData(" 1")]
    [InlineData("2 %")]
    [InlineData("most")]
    [InlineData("99999999999")]
    public void What_is_none_is_refused(string text) => Assert.False(Requirement.TryParse(text, out _));

    [Theory]
    [InlineData("all", "all")]
    [InlineData("100%", "all")]
    [InlineData("3", "3")]
    [InlineData("80%", "80%")]
    public void It_is_written_as_it_is_typed_also_in_json(string text, string written)
    {
        Assert.True(Requirement.TryParse(text, out var requirement));
        Assert.Equal(written, requirement.ToString());
        var json = JsonSerializer.Serialize(requirement);
        Assert.Equal($"\"{written}\"", json);
        Assert.Equal(requirement, JsonSerializer.Deserialize<Requirement>(json));
    }

    [Theory]
    [InlineData("\"most\"")]
    [InlineData("null")]
    [InlineData("3")]
    [InlineData("{}")]
    public void Json_that_is_none_is_told_as_such(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Requirement>(json));

    [Property]
    public void A_share_is_the_smallest_number_that_reaches_it(ushort total, byte share)
    {
        var percent = share % 100 + 1;
        Assert.True(Requirement.TryParse($"{percent}%", out var requirement));
        var needed = requirement.Of(total);
        Assert.True(needed * 100L >= total * (long)percent);
        Assert.True(needed == 0 || (needed - 1) * 100L < total * (long)percent);
    }
}
