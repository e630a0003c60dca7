namespace Orchestrator.TestKit.Simulations;

/// <summary>A folder that is gone afterwards; in memory where the system has such a place with room, because a simulation waits for its disk.</summary>
internal sealed class ScratchFolder : IDisposable
{
    // Linux keeps what is written there in memory; containers often have no more of it than 64 MB.
    private const string InMemory = "/dev/shm";

    // Of one browser: its trace, its log, and their pages on a disk.
    private const long BytesOfBrowser = 256 << 10;

    public ScratchFolder(int browsers)
    {
        var name = $"orchestrator-simulation-{Guid.NewGuid():n}";
        Path = System.IO.Path.Combine(HasRoom(browsers * BytesOfBrowser) ? InMemory : System.IO.Path.GetTempPath(), name);
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
}
