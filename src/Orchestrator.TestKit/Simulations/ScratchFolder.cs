using System.Globalization;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Simulations;

/// <summary>A folder that is gone afterwards; in memory where the system has such a place with room, because a simulation waits for its disk.</summary>
internal sealed class ScratchFolder : IDisposable
{
    // Linux keeps what is written there in memory; containers often have no more of it than 64 MB.
    private const string InMemory = "/dev/shm";

    private const string Prefix = "orchestrator-simulation-";

    // Of one browser: its log, its markers, and the pages on a disk of both.
    private const long BytesOfBrowser = 256 << 10;

    // A slice of a made-up trace without its argument, as JSON; Chromium's own buffer, which a recording does not set, ends at 200 MB.
    private const int BytesOfEvent = 400;
    private const long BytesOfBuffer = 3L * 200_000_000;

    // A process id may mean another process in another container that shares the place: its folder is young.
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);

    public ScratchFolder(Scenario scenario)
    {
        var parent = HasRoom(scenario.Browsers * (BytesOfBrowser + BytesOfTrace(scenario))) ? InMemory : System.IO.Path.GetTempPath();
        RemoveForgotten(parent);
        Path = System.IO.Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid():n}"));
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static long BytesOfTrace(Scenario scenario) => scenario.Content switch
    {
        TraceContent.Generated made => (long)Math.Min(BytesOfBuffer, made.EventsPerSecond * scenario.Duration.TotalSeconds * (BytesOfEvent + 2.0 * made.ArgumentBytes)),
        TraceContent.Replayed recorded => recorded.Bytes.Length,
        _ => 0,
    };

    /// <summary>What is there may be wanted by others, too: half of it at most.</summary>
    private static bool HasRoom(long bytes)
    {
        try
        {
            return Directory.Exists(InMemory) && new DriveInfo(InMemory).AvailableFreeSpace / 2 > bytes;
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
