using Npgsql;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Actors.Tests.Journals;

public sealed class PostgresJournalTests(SharedPostgres shared) : JournalSpec, IClassFixture<SharedPostgres>
{
    private protected override async Task<TestJournal> NewJournalAsync()
    {
        var database = await (await shared.ServerAsync()).NewDatabaseAsync();
        return new TestJournal(PostgresPlaces.Of(database), () => new NpgsqlConnection(database));
    }
}

internal static class PostgresPlaces
{
    public static JournalPlace Of(string connectionString)
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp.At("connection"), connectionString + "\n");
        return JournalPlace.InPostgres(temp.At("connection"));
    }
}

/// <summary>One server for the tests that do it no harm.</summary>
public sealed class SharedPostgres : IAsyncLifetime
{
    private readonly Lazy<Task<PostgresServer>> _server = new(() => PostgresServer.StartAsync());

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_server.IsValueCreated) await (await _server.Value).DisposeAsync();
    }

    internal Task<PostgresServer> ServerAsync() => _server.Value;
}
