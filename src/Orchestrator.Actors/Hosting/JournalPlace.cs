using Akka.Actor.Setup;
using Akka.Persistence.Sql.Config;
using LinqToDB;

namespace Orchestrator.Actors.Hosting;

/// <summary>
/// Where the journal is kept, and how an actor system gets there: its configuration is <see cref="ReferenceConfiguration.Journal"/>,
/// and <see cref="Connection"/> goes beside that into the system's setup.
/// </summary>
public abstract class JournalPlace
{
    /// <summary>The SQLite file of a data folder: for the processes of one machine.</summary>
    public static JournalPlace In(DataFolder folder) => new SqliteJournal(folder.JournalFile);

    /// <summary>A PostgreSQL database: for the nodes of a cluster.</summary>
    /// <param name="path">A file that holds Npgsql's connection string; white space around it does not count.</param>
    /// <exception cref="JournalUnavailableException">
    /// The file cannot be read, or what is in it is no connection string; names everything that is wrong, and nothing of what is in it.
    /// </exception>
    public static JournalPlace InPostgres(string path)
    {
        try
        {
            return PostgresConnection.Read(File.ReadAllText(path), $"The connection string in {path}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new JournalUnavailableException($"The file {path}, which holds the connection string of the journal, cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>For an actor system's setup, because what is in a configuration is shown here and there.</summary>
    public Setup Connection => new DataOptionsSetup(new DataOptions().UseConnectionString(Provider, ConnectionString));

    /// <summary>Whether several nodes can use it.</summary>
    public abstract bool IsShared { get; }

    /// <summary>The file of hocon/.</summary>
    internal abstract string Configuration { get; }

    private protected abstract string Provider { get; }

    private protected abstract string ConnectionString { get; }

    /// <summary>Whether it can be reached and written now, and its tables are there or can be made.</summary>
    /// <exception cref="JournalUnavailableException">It cannot; says what, where, and what to do, with no secret in it.</exception>
    public abstract Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>For people, with no secret in it.</summary>
    public abstract override string ToString();

    private sealed class SqliteJournal(string file) : JournalPlace
    {
        public override bool IsShared => false;

        internal override string Configuration => "persistence.sqlite.conf";

        private protected override string Provider => ProviderName.SQLiteMS;

        private protected override string ConnectionString => DataFolder.ConnectionString(file);

        // Its folder was opened, which wrote to it.
        public override Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override string ToString() => $"SQLite file {file}";
    }
}
