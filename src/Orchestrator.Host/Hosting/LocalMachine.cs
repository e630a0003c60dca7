using System.Security;

namespace Orchestrator.Host.Hosting;

/// <summary>This machine.</summary>
internal sealed class LocalMachine : IMachine
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public string WorkingFolder => Environment.CurrentDirectory;

    public string SamplePage => Path.Combine(AppContext.BaseDirectory, "Sample", "index.html");

    public string ScenarioFolder => Path.Combine(AppContext.BaseDirectory, "scenarios");

    public string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    public FileRead ReadFile(string path, int maxBytes)
    {
        try
        {
            var full = Path.GetFullPath(path, WorkingFolder);
            if (Directory.Exists(full)) return Unreadable("is a folder, not a file");
            using var file = File.OpenRead(full);
            // A pipe has no length: what counts is what comes.
            var bytes = new byte[maxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length > maxBytes ? Unreadable($"is larger than {maxBytes >> 10} KiB, the most that is read") : new FileRead(bytes[..length], null);
        }
        catch (Exception cannot) when (IsOfFiles(cannot))
        {
            return Unreadable(cannot is FileNotFoundException or DirectoryNotFoundException ? "does not exist" : $"cannot be read: {cannot.Message}");
        }
    }

    public FileKind Look(string path)
    {
        try
        {
            if (Directory.Exists(path)) return Directory.EnumerateFileSystemEntries(path).Any() ? FileKind.FolderWithFiles : FileKind.EmptyFolder;
            if (!File.Exists(path)) return FileKind.Missing;
            return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & AnyExecute) != 0 ? FileKind.Executable : FileKind.File;
        }
        catch (Exception cannot) when (IsOfFiles(cannot))
        {
            return FileKind.Hidden;
        }
    }

    public string? WhyNotWritable(string folder)
    {
        try
        {
            var existing = NearestExisting(folder);
            if (File.Exists(existing)) return $"{existing} is a file";
            // Permissions, read-only mounts, quotas, full disks: only writing tells.
            using var probe = new FileStream(
                Path.Combine(existing, $".orchestrator-probe-{Guid.NewGuid():n}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            probe.WriteByte(0);
            probe.Flush();
            return null;
        }
        catch (Exception cannot) when (IsOfFiles(cannot))
        {
            return cannot.Message;
        }
    }

    public long? FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(NearestExisting(folder)).AvailableFreeSpace;
        }
        catch (Exception cannot) when (IsOfFiles(cannot))
        {
            return null;
        }
    }

    private static string NearestExisting(string path)
    {
        var at = Path.GetFullPath(path);
        while (!Path.Exists(at) && Path.GetDirectoryName(at) is { } parent) at = parent;
        return at;
    }

    private static FileRead Unreadable(string problem) => new([], problem);

    private static bool IsOfFiles(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or SecurityException or NotSupportedException or ArgumentException;
}
