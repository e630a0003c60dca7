using System.Globalization;

namespace Orchestrator.TestKit.Simulations;

/// <summary>A folder that is gone afterwards; in memory where the system has such a place with room, because a simulation waits for its disk.</summary>
internal sealed class ScratchFolder : IDisposable
{
    // Linux keeps what is written there in memory; containers often have no more of it than 64 MB.
    private const string InMemory = "/dev/shm";

    private const string Prefix = "orchestrator-simulation-";

    // Of one browser: its trace, its log, and their pages on a disk.
    private const long BytesOfBrowser = 256 << 10;

    // A process id may mean another process in another container that shares the place: its folder is young.
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);

    public ScratchFolder(int browsers)
    {
        var parent = HasRoom(browsers * BytesOfBrowser) ? InMemory : System.IO.Path.GetTempPath();
        RemoveForgotten(parent);
        Path = System.IO.Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid():n}"));
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static bool HasRoom(long bytes)
    {
        try
        {
            return Directory.Exists(InMemory) && new DriveInfo(InMemory).AvailableFreeSpace > bytes;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>What killed processes left behind would keep its memory until the machine starts again.</summary>
    private static void RemoveForgotten(string parent)
    {
        try
        {
            foreach (var folder in new DirectoryInfo(parent).EnumerateDirectories(Prefix + "*"))
            {
                var process = folder.Name[Prefix.Length..].Split('-')[0];
                if (TimeProvider.System.GetUtcNow() - folder.LastWriteTimeUtc > Forgotten && !Directory.Exists($"/proc/{process}")) folder.Delete(recursive: true);
            }
        }
        catch (Exception notOurs) when (notOurs is IOException or UnauthorizedAccessException)
        {
            // Somebody else's, or gone meanwhile.
        }
    }
}
