using Orchestrator.Host.Hosting;
using Orchestrator.Host.Tests.Support;

namespace Orchestrator.Host.Tests.Verbs;

public class CategoriesVerbTests
{
    private readonly CommandLineRun _run = new();

    [Theory]
    [InlineData("categories")]
    [InlineData("categories", "--attach")]
    [InlineData("categories", "--attach", "nonsense")]
    [InlineData("categories", "--attach", "http://h:1", "--attach", "http://h:2")]
    [InlineData("categories", "--launch", "1")]
    [InlineData("categories", "--attach", "http://localhost:1", "--descriptor", "/")]
    [InlineData("categories", "--attach", "http://localhost:1", "--descriptor", "")]
    [InlineData("categories", "--attach", "http://localhost:1", "--descriptor", "there")]
    [InlineData("categories", "--attach", "http://localhost:1", "--descriptor", "locked/new")]
    public async Task Wrong_usage_is_told(params string[] args)
    {
        _run.Machine.Paths["/here/there"] = FileKind.File;
        _run.Machine.Unwritable["/here/locked"] = "Permission denied";
        Assert.Equal(2, await _run.RunAsync(args));
        Assert.StartsWith("error: ", _run.Error);
        Assert.Equal("", _run.Out);
    }
}
