using Npgsql;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Actors.Tests.Journals;

/// <summary>What is wrong with a database is told before anything starts: one sentence with what, where and what to do, and no secret.</summary>
public sealed class PostgresStartTests(SharedPostgres shared) : IClassFixture<SharedPostgres>, IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [PostgresFact]
    public async Task A_database_of_one_s_own_will_do_before_and_after_its_tables_were_made()
    {
        var place = PostgresPlaces.Of(await (await shared.ServerAsync()).NewDatabaseAsync());
        await place.CheckAsync(CancellationToken.None).Soon();
        await using (var system = new JournalSystem(place))
        {
            var diary = system.Open("d");
            await diary.WriteAsync(Diaries.Events(1, 1));
            await diary.KeepAsync(Diaries.Event("1"));
        }

        await place.CheckAsync(CancellationToken.None).Soon();
    }

    [PostgresTheory]
    [InlineData("Password", "wrong", "lets role orchestrator not in: password authentication failed for user \"orchestrator\". Are Username and Password")]
    [InlineData("Username", "nobody", "lets role nobody not in: password authentication failed for user \"nobody\"")]
    [InlineData("Database", "unknown", "PostgreSQL database unknown at 127.0.0.1, port PORT, does not exist on that server. Make it: CREATE DATABASE unknown OWNER orchestrator")]
    [InlineData("Port", "1", "port 1, cannot be reached: Connection refused. Is the server running, and are Host and Port")]
    [InlineData("Host", "nowhere.invalid", "at nowhere.invalid, port PORT, cannot be reached: ")]
    [InlineData("SSL Mode", "Require", "cannot be reached: SSL connection requested. No SSL enabled connection from this host is configured.")]
    public async Task Who_cannot_get_in_is_told_why(string setting, string value, string expected)
    {
        var server = await shared.ServerAsync();
        var database = new NpgsqlConnectionStringBuilder(await server.NewDatabaseAsync()) { [setting] = value };
        var told = await RefusedAsync(database.ConnectionString);
        Assert.Contains(expected.Replace("PORT", $"{server.Port}", StringComparison.Ordinal), told);
    }

    [PostgresTheory]
    [InlineData("ALTER DATABASE {0} SET synchronous_commit = off", "its synchronous_commit is off", "ALTER ROLE orchestrator SET synchronous_commit = on")]
    [InlineData("ALTER DATABASE {0} SET default_transaction_read_only = on", "it can only be read", "name the primary server")]
    [InlineData("ALTER DATABASE {0} SET search_path = nowhere", "there is no schema that role orchestrator may use", "GRANT USAGE, CREATE ON SCHEMA")]
    [InlineData("ALTER DATABASE {0} OWNER TO postgres", "role orchestrator may make no tables in schema public", "GRANT CREATE ON SCHEMA public TO orchestrator")]
    [InlineData("CREATE TABLE tags (x int)", "table tags belongs to role postgres", "give the journal a database of its own")]
    public async Task A_database_that_will_not_do_is_told_with_what_would_make_it(string sql, params string[] expected)
    {
        var server = await shared.ServerAsync();
        var database = await server.NewDatabaseAsync();
        var name = new NpgsqlConnectionStringBuilder(database).Database!;
        await server.ExecuteAsync(name, sql.Replace("{0}", name, StringComparison.Ordinal));
        var told = await RefusedAsync(database);
        Assert.All(expected, text => Assert.Contains(text, told));
    }

    [PostgresFact]
    public async Task A_server_that_does_not_keep_what_it_acknowledges_or_has_no_room_or_hangs_is_told()
    {
        await using var server = await PostgresServer.StartAsync("fsync=off", "max_connections=4", "superuser_reserved_connections=3");
        var database = await server.NewDatabaseAsync();
        await using (var only = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString))
        {
            // It takes a moment until the server has noticed that whoever made the database has gone, and as long afterwards.
            await Waiting.UntilAsync(() => TryOpen(only));
            Assert.Contains("has no connection left. Raise max_connections", await RefusedAsync(database));
        }

        var told = "";
        await Waiting.UntilAsync(() => !(told = RefusedAsync(database).Result).Contains("no connection left", StringComparison.Ordinal));
        Assert.Contains("its fsync is off", told);

        await server.FreezeAsync();
        Assert.Contains("does not answer", await RefusedAsync(database + ";Timeout=1"));
    }

    [Theory]
    [InlineData("Host=h;Database=d;Password=se;cret=x", "its setting number 4 is none of Npgsql's")]
    [InlineData("Host=h;Database=d;secret=1;Port=secret", "its setting number 3 is none of Npgsql's", "its setting number 4 ")]
    [InlineData("postgresql://orchestrator:secret@h/d", "it is no list of Key=Value pairs")]
    [InlineData("Username=secret", "it names no Host", "it names no Database")]
    [InlineData("", "it names no Host", "it names no Database")]
    public void What_is_no_connection_string_is_told_with_all_that_is_wrong_and_nothing_of_what_it_says(string text, params string[] expected)
    {
        File.WriteAllText(_temp.At("connection"), text);
        var failure = Assert.Throws<JournalUnavailableException>(() => JournalPlace.InPostgres(_temp.At("connection")));
        Assert.StartsWith($"The connection string in {_temp.At("connection")} cannot be used: ", failure.Message);
        Assert.All(expected, told => Assert.Contains(told, failure.Message));
        Assert.DoesNotContain("cret", failure.ToString());
    }

    [Fact]
    public void A_file_that_is_not_there_is_told()
    {
        var failure = Assert.Throws<JournalUnavailableException>(() => JournalPlace.InPostgres(_temp.At("missing")));
        Assert.Contains(_temp.At("missing"), failure.Message);
    }

    [Fact]
    public void A_place_tells_where_it_is_and_nothing_else_and_its_configuration_nothing_at_all()
    {
        File.WriteAllText(_temp.At("connection"), "Host=db.example;Database=d;Username=u;Password='s;e=cret'\n\n");
        var place = JournalPlace.InPostgres(_temp.At("connection"));
        Assert.Equal("PostgreSQL database d at db.example, port 5432", place.ToString());
        Assert.DoesNotContain("cret", ReferenceConfiguration.Journal(place).ToString(includeFallback: true));
        Assert.DoesNotContain("db.example", ReferenceConfiguration.Journal(place).ToString(includeFallback: true));
    }

    private static async Task<string> RefusedAsync(string connectionString)
    {
        var failure = await Assert.ThrowsAsync<JournalUnavailableException>(() => PostgresPlaces.Of(connectionString).CheckAsync(CancellationToken.None).Soon());
        // Neither here nor in what a log would show of it.
        Assert.DoesNotContain("s3cret", failure.ToString());
        Assert.DoesNotContain("wrong", failure.ToString());
        Assert.StartsWith("The journal, PostgreSQL database ", failure.Message);
        return failure.Message;
    }

    private static bool TryOpen(NpgsqlConnection connection)
    {
        try
        {
            connection.Open();
            return true;
        }
        catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            return false;
        }
    }
}
