using Orchestrator.Tracing.Folders;

namespace Orchestrator.Tracing.Tests.Folders;

public sealed class WholeFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_stands_under_its_name_whole_and_takes_an_older_one_s_place()
    {
        var path = Path.Combine(_folder, "x.json");
        await WholeFile.WriteAsync(path, "one, and longer"u8.ToArray());
        await WholeFile.WriteAsync(path, "two"u8.ToArray());
        Assert.Equal([path], Directory.GetFiles(_folder));
        Assert.Equal("two", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task A_link_that_was_laid_under_the_growing_name_is_not_followed()
    {
        var path = Path.Combine(_folder, "x.json");
        var victim = Path.Combine(_folder, "victim");
        await File.WriteAllTextAsync(victim, "precious");
        File.CreateSymbolicLink(path + WholeFile.GrowingSuffix, victim);
        await WholeFile.WriteAsync(path, "one"u8.ToArray());
        Assert.Equal("precious", await File.ReadAllTextAsync(victim));
        Assert.Null(new FileInfo(path).LinkTarget);
        Assert.Equal("one", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task What_could_not_be_written_wholly_leaves_the_older_file_and_nothing_else()
    {
        var path = Path.Combine(_folder, "x.json");
        await WholeFile.WriteAsync(path, "one"u8.ToArray());
        await Assert.ThrowsAsync<InvalidDataException>(() => WholeFile.WriteAsync(path, async file =>
        {
            await file.WriteAsync("half of tw"u8.ToArray());
            throw new InvalidDataException("the source breaks off");
        }));
        Assert.Equal([path], Directory.GetFiles(_folder));
        Assert.Equal("one", await File.ReadAllTextAsync(path));
    }
}
