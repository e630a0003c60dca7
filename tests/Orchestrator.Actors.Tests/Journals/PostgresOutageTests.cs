using Akka.Actor;
using Npgsql;
using Orchestrator.Actors.Tests.Support;
using static Orchestrator.Actors.Tests.Journals.Diaries;

namespace Orchestrator.Actors.Tests.Journals;

/// <summary>The database goes away under those who write, and comes back: nothing that was acknowledged is lost, and nobody has to be helped.</summary>
public sealed class PostgresOutageTests
{
    private const int Writers = 8;
    private const string Impatient = "akka.persistence.journal.sql.circuit-breaker.call-timeout = 1s";

    [PostgresFact]
    public async Task What_was_acknowledged_survives_kills_of_the_server_and_everybody_goes_on_writing()
    {
        await using var server = await PostgresServer.StartAsync();
        var place = PostgresPlaces.Of(await server.NewDatabaseAsync());
        await using (var system = new JournalSystem(place))
        {
            var diaries = Enumerable.Range(1, Writers).Select(number => system.Keep($"d{number}")).ToList();
            foreach (var goal in (int[])[20, 40])
            {
                var writing = Task.WhenAll(diaries.Select(diary => WriteUpToAsync(diary, goal)));
                await await Task.WhenAny(diaries.Select(diary => UntilAsync(diary, goal - 15)));
                await server.KillAsync();
                await server.StartAgainAsync();
                await writing;
            }
        }

        await using var after = new JournalSystem(place);
        for (var number = 1; number <= Writers; number++)
            Assert.Equal(Enumerable.Range(1, 40).Select(Label), await after.Open($"d{number}").LabelsAsync());
    }

    [PostgresFact]
    public async Task Who_begins_while_the_server_is_away_is_served_when_it_is_back()
    {
        await using var server = await PostgresServer.StartAsync();
        var place = PostgresPlaces.Of(await server.NewDatabaseAsync());
        await server.KillAsync();
        await using var system = new JournalSystem(place);
        var diary = system.Keep("d");
        var writing = diary.WriteUntilWrittenAsync(1);
        await Waiting.ForAsync(TimeSpan.FromSeconds(2));
        Assert.False(writing.IsCompleted);

        await server.StartAgainAsync();
        Assert.Equal(["1"], await writing);
    }

    [PostgresFact]
    public async Task A_server_that_hangs_for_a_while_is_waited_for()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var system = new JournalSystem(PostgresPlaces.Of(await server.NewDatabaseAsync()));
        var diary = system.Open("d");
        await diary.WriteAsync(Events(1, 1));

        await server.FreezeAsync();
        var write = diary.WriteAsync(Events(2, 1));
        await Waiting.ForAsync(TimeSpan.FromSeconds(3));
        Assert.False(write.IsCompleted);
        await server.ThawAsync();

        Assert.Equal(2, await write);
        Assert.Equal(["1", "2"], await diary.LabelsAsync());
    }

    [PostgresFact]
    public async Task A_server_that_hangs_for_too_long_stops_who_writes_and_they_come_back_when_it_goes_on()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var system = new JournalSystem(PostgresPlaces.Of(await server.NewDatabaseAsync()), Impatient);
        var (diary, kept) = (system.Open("stops"), system.Keep("kept"));
        await diary.WriteAsync(Events(1, 1));
        await kept.WriteAsync(Events(1, 1));

        await server.FreezeAsync();
        diary.Tell(new Diary.Write(Event("2")), ActorRefs.NoSender);
        kept.Tell(new Diary.Write(Event("2")), ActorRefs.NoSender);
        await system.StoppedAsync(diary);
        await server.ThawAsync();

        // Whether the second was written nobody was told; it is there at most once.
        Assert.Equal(["1", "2"], await kept.WriteUntilWrittenAsync(2));
        Assert.Equal(["1", "2", "3"], await kept.WriteUntilWrittenAsync(3));
        Assert.StartsWith("1", string.Concat(await system.Keep("stops").LabelsAsync()));
    }

    [PostgresFact]
    public async Task A_server_that_has_no_connection_left_is_written_to_again_when_it_has_one()
    {
        await using var server = await PostgresServer.StartAsync("max_connections=12", "superuser_reserved_connections=3");
        var database = await server.NewDatabaseAsync();
        await using var system = new JournalSystem(PostgresPlaces.Of(database));
        var diary = system.Open("d");
        await diary.WriteAsync(Events(1, 1));
        var taken = await TakeAllConnectionsAsync(database);
        // Those of the journal too, which it would go on to use.
        await server.ExecuteAsync("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'orchestrator'");
        taken.AddRange(await TakeAllConnectionsAsync(database));

        var kept = system.Keep("kept");
        diary.Tell(new Diary.Write(Event("2")), ActorRefs.NoSender);
        await system.StoppedAsync(diary);
        foreach (var connection in taken) await connection.DisposeAsync();

        Assert.Equal(["1"], await kept.WriteUntilWrittenAsync(1));
    }

    /// <summary>One after the other; each is asked for again until it is there.</summary>
    private static async Task WriteUpToAsync(IActorRef diary, int last)
    {
        for (var number = 1; number <= last; number++) await diary.WriteUntilWrittenAsync(number);
    }

    private static async Task UntilAsync(IActorRef diary, int number)
    {
        var there = false;
        while (!there)
        {
            there = (await diary.ReadIfThereAsync()).Contains(Label(number));
            await Waiting.ForAsync(TimeSpan.FromMilliseconds(5));
        }
    }

    private static async Task<List<NpgsqlConnection>> TakeAllConnectionsAsync(string database)
    {
        var taken = new List<NpgsqlConnection>();
        while (true)
        {
            var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false, ApplicationName = "others" }.ConnectionString);
            try
            {
                await connection.OpenAsync();
                taken.Add(connection);
            }
            catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                return taken;
            }
        }
    }
}
