using Orchestrator.Host.Hosting;

namespace Orchestrator.Host.Tests.Hosting;

public sealed class LocalMachineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-host-tests-").FullName;
    private readonly LocalMachine _machine = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_is_read_up_to_its_limit()
    {
        var path = Path.Combine(_folder, "f");
        File.WriteAllBytes(path, [1, 2, 3]);
        Assert.Equal([1, 2, 3], _machine.ReadFile(path, 3).Bytes);
        Assert.Equal("is larger than 0 KiB, the most that is read", _machine.ReadFile(path, 2).Problem);
        Assert.Equal("does not exist", _machine.ReadFile(Path.Combine(_folder, "none"), 3).Problem);
        Assert.Equal("does not exist", _machine.ReadFile(Path.Combine(_folder, "none", "none"), 3).Problem);
        Assert.Equal("is a folder, not a file", _machine.ReadFile(_folder, 3).Problem);
        Assert.NotNull(_machine.ReadFile("a\0b", 3).Problem);
    }

    [Fact]
    public void An_endless_file_is_too_large() => Assert.Contains("is larger than 1 KiB", _machine.ReadFile("/dev/zero", 1024).Problem);

    [Fact]
    public void Files_and_folders_are_told_apart()
    {
        var file = Path.Combine(_folder, "file");
        Assert.Equal(FileKind.EmptyFolder, _machine.Look(_folder));
        File.WriteAllText(file, "");
        Assert.Equal(FileKind.FolderWithFiles, _machine.Look(_folder));
        Assert.Equal(FileKind.File, _machine.Look(file));
        Assert.Equal(FileKind.Missing, _machine.Look(file + "x"));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal(FileKind.Executable, _machine.Look(file));
    }

    [Fact]
    public void To_ask_whether_a_folder_can_be_written_leaves_nothing_behind()
    {
        Assert.Null(_machine.WhyNotWritable(_folder));
        Assert.Null(_machine.WhyNotWritable(Path.Combine(_folder, "a", "b", "c")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        Assert.Contains("is a file", _machine.WhyNotWritable(Path.Combine(_folder, "file", "below")));
        Assert.NotNull(_machine.WhyNotWritable("/proc/orchestrator"));
    }

    [Fact]
    public void Room_is_known_where_the_folder_would_be()
    {
        Assert.True(_machine.FreeBytes(Path.Combine(_folder, "a", "b")) > 0);
        Assert.Equal(0, _machine.FreeBytes("/proc/orchestrator"));
    }

    [Fact]
    public void An_empty_variable_is_none()
    {
        Assert.Null(_machine.Variable("ORCHESTRATOR_NO_SUCH_VARIABLE"));
        Assert.NotNull(_machine.Variable("PATH"));
    }
}
