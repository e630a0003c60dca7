using Orchestrator.Host.CommandLine;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Planning;
using Orchestrator.Host.Tests.Support;

namespace Orchestrator.Host.Tests.Planning;

public class FolderRulesTests
{
    [Theory]
    [InlineData("/missing")]
    [InlineData("/empty")]
    public void A_new_or_an_empty_folder_is_taken(string folder) =>
        Assert.Equal(folder, Planned.Of(new RecordOptions { Output = folder }, Machine()).Whole.OutputFolder);

    [Theory]
    [InlineData("/full", "has files in it already")]
    [InlineData("/file", "is a file")]
    [InlineData("/locked", "cannot be written: Permission denied")]
    [InlineData(" ", "is empty")]
    public void Any_other_is_an_error(string folder, string problem) =>
        Assert.StartsWith($"--output '{folder}': {problem}", Planned.Of(new RecordOptions { Output = folder }, Machine()).TheError);

    [Fact]
    public void Too_little_room_is_an_error()
    {
        var machine = Machine();
        machine.Free = (64L << 20) - 1;
        Assert.StartsWith("--output '/missing': only 63 MiB are free there, at least 64 MiB are needed", Planned.Of(new RecordOptions { Output = "/missing" }, machine).TheError);
        machine.Free = 64L << 20;
        Assert.Empty(Planned.Of(new RecordOptions { Output = "/missing" }, machine).Errors);
        machine.Free = null;
        Assert.Empty(Planned.Of(new RecordOptions { Output = "/missing" }, machine).Errors);
    }

    [Theory]
    [InlineData("/file", "is a file")]
    [InlineData("/locked", "cannot be written: Permission denied")]
    public void A_data_folder_that_cannot_hold_a_journal_is_an_error(string folder, string problem)
    {
        var errors = new UsageErrors();
        FolderRules.CheckData(folder, Machine(), errors);
        Assert.StartsWith($"--data '{folder}': {problem}", Assert.Single(errors.Lines));
    }

    private static FakeMachine Machine() => new()
    {
        Paths = { ["/full"] = FileKind.FolderWithFiles, ["/file"] = FileKind.File, ["/empty"] = FileKind.EmptyFolder, ["/locked"] = FileKind.EmptyFolder },
        Unwritable = { ["/locked"] = "Permission denied" },
    };
}
