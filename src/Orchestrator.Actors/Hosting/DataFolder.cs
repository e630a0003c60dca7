using Microsoft.Data.Sqlite;

namespace Orchestrator.Actors.Hosting;

/// <summary>What an orchestrator keeps between its runs: the journal, and a lock for each session that is open.</summary>
public sealed class DataFolder
{
    private readonly string _locks;

    private DataFolder(string path)
    {
        JournalFile = Path.Combine(path, "journal.db");
        _locks = Path.Combine(path, "open-sessions");
    }

    public string JournalFile { get; }

    /// <summary>Makes the folder and its journal where they are missing.</summary>
    /// <exception cref="JournalUnavailableException">It cannot be made or written.</exception>
    public static DataFolder Open(string path)
    {
        var folder = new DataFolder(path);
        try
        {
            Directory.CreateDirectory(folder._locks);
            using var connection = new SqliteConnection($"Data Source={folder.JournalFile}");
            connection.Open();
            using var command = connection.CreateCommand();
            // The mode stays in the file. With a write-ahead log a commit costs one sync instead of several, and readers
            // such as 'sessions list' do not wait for a session that runs.
            command.CommandText = "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE; COMMIT;";
            command.ExecuteNonQuery();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new JournalUnavailableException(
                $"The journal in {path} cannot be written: {failure.Message}. Choose another folder with --data, or mend this one.", failure);
        }

        return folder;
    }

    /// <summary>
    /// Claims a session for this process; null when a living process has it. The system gives the claim back when the
    /// process ends, however it ends: that is how a session that nobody runs any more is told from one that runs.
    /// </summary>
    public SessionClaim? TryClaim(string sessionId)
    {
        var path = Path.Combine(_locks, sessionId + ".lock");
        try
        {
            return new SessionClaim(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), path);
        }
        catch (IOException)
        {
            return null;
        }
    }
}

/// <summary>Held while a session is open.</summary>
public sealed class SessionClaim(FileStream file, string path) : IDisposable
{
    public void Dispose()
    {
        // Deleted while it is still held, so that nobody claims a file that is about to go.
        File.Delete(path);
        file.Dispose();
    }
}
