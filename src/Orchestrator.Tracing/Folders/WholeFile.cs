namespace Orchestrator.Tracing.Folders;

/// <summary>Files that stand under their name whole or not at all: written aside, synced, renamed.</summary>
public static class WholeFile
{
    /// <summary>Behind the final name of a file that is being written.</summary>
    public const string GrowingSuffix = ".part";

    /// <summary>Behind the name of a file that holds what came before a failure.</summary>
    public const string PartialSuffix = ".partial";

    /// <summary>Writes the bytes under the name.</summary>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        // Off the caller's stack, to wherever its tasks run: syncing takes its time.
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        await WriteAsync(path, file =>
        {
            file.Write(bytes.Span);
            return Task.CompletedTask;
        });
    }

    /// <summary>Lets <paramref name="write"/> fill a seekable file, then gives it its name; when that throws, nothing is left.</summary>
    public static async Task WriteAsync(string path, Func<FileStream, Task> write)
    {
        var aside = path + GrowingSuffix;
        try
        {
            // Not through a link that somebody laid there: what it leads to is not ours.
            File.Delete(aside);
            await using (var file = new FileStream(aside, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
            {
                await write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(aside, path, overwrite: true);
        }
        catch
        {
            Discard(aside);
            throw;
        }
    }

    private static void Discard(string aside)
    {
        try
        {
            File.Delete(aside);
        }
        catch (Exception stays) when (stays is IOException or UnauthorizedAccessException)
        {
            // What went wrong first is what the caller has to hear; the name says that the file is not whole.
        }
    }
}
