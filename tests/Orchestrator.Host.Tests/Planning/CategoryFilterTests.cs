using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Planning;

namespace Orchestrator.Host.Tests.Planning;

public class CategoryFilterTests
{
    [Theory]
    [InlineData("a", "a", "")]
    [InlineData("a,b,-c", "a,b", "c")]
    [InlineData("-*,devtools.timeline", "devtools.timeline", "*")]
    [InlineData("*", "*", "")]
    [InlineData("disabled-by-default-*", "disabled-by-default-*", "")]
    [InlineData("disabled-by-default-v8.cpu_profiler,__metadata,v8", "disabled-by-default-v8.cpu_profiler,__metadata,v8", "")]
    [InlineData("ValueStoreFrontend::Backend", "ValueStoreFrontend::Backend", "")]
    [InlineData("-disabled-by-default-cc", "", "disabled-by-default-cc")]
    [InlineData("a,a,-c,-c", "a", "c")]
    public void A_list_is_split_into_what_is_included_and_what_is_excluded(string text, string included, string excluded)
    {
        var errors = new UsageErrors();
        var filter = CategoryFilter.Parse("--categories", text, errors);
        Assert.Empty(errors.Lines);
        Assert.Equal(included, string.Join(',', filter.Included));
        Assert.Equal(excluded, string.Join(',', filter.Excluded));
    }

    [Theory]
    [InlineData("", "an item is empty")]
    [InlineData("a,,b", "an item is empty")]
    [InlineData("a,", "an item is empty")]
    [InlineData(",a", "an item is empty")]
    [InlineData("-", "a '-' stands alone")]
    [InlineData("a,-", "a '-' stands alone")]
    [InlineData("--a", "begins with '-'")]
    [InlineData("a b", "has a space in it")]
    [InlineData("a, b", "has a space in it")]
    [InlineData("a\tb", "has a space in it")]
    [InlineData("a;b", "has a ';' in it")]
    [InlineData("a/b", "has a '/' in it")]
    [InlineData("\"a\"", "has a '\"' in it")]
    [InlineData("catégorie", "has a 'é' in it")]
    [InlineData("*.timeline", "has a '*' before its end")]
    [InlineData("v8*x", "has a '*' before its end")]
    [InlineData("**", "has a '*' before its end")]
    [InlineData("-*x", "has a '*' before its end")]
    [InlineData("a,-a", "both included and excluded")]
    public void What_the_browser_would_misread_is_an_error(string text, string problem)
    {
        var errors = new UsageErrors();
        CategoryFilter.Parse("--categories", text, errors);
        var line = Assert.Single(errors.Lines);
        Assert.StartsWith("--categories '", line);
        Assert.Contains(problem, line);
    }

    [Fact]
    public void Every_wrong_item_is_told()
    {
        var errors = new UsageErrors();
        CategoryFilter.Parse("--categories", "a b,,*c,-", errors);
        Assert.Equal(4, errors.Lines.Count);
    }

    [Theory]
    [InlineData("disabled-by-default-memory-infra", true)]
    [InlineData("disabled-by-default-memory*", true)]
    [InlineData("disabled-by-default-*", true)]
    [InlineData("-*,v8,disabled-by-default-memory-infra", true)]
    [InlineData("*", false)]
    [InlineData("d*", false)]
    [InlineData("disabled-by-default-memory", false)]
    [InlineData("disabled-by-default-memory-infra.v8.code_stats", false)]
    [InlineData("-disabled-by-default-memory-infra", false)]
    [InlineData("v8", false)]
    public void Only_its_own_name_or_prefix_turns_on_what_is_disabled_by_default(string text, bool isOn) =>
        Assert.Equal(isOn, CategoryFilter.Parse("--categories", text, new UsageErrors()).TurnsOn(CategoryFilter.MemoryInfra));

    [Fact]
    public void The_default_is_a_list_that_can_be_typed()
    {
        var errors = new UsageErrors();
        var typed = CategoryFilter.Parse("--categories", CategoryFilter.Default.ToString(), errors);
        Assert.Empty(errors.Lines);
        Assert.Equal(CategoryFilter.Default.Included, typed.Included);
        Assert.Equal(CategoryFilter.Default.Excluded, typed.Excluded);
    }
}
