using System.Data.Common;
using System.Text;
using Akka.Actor;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Actors.Tests.Wire;
using Orchestrator.Actors.Wire;
using Orchestrator.Tracing.Sessions;
using static Orchestrator.Actors.Tests.Journals.Diaries;

namespace Orchestrator.Actors.Tests.Journals;

/// <summary>What every journal holds to, whatever it is kept in.</summary>
public abstract class JournalSpec
{
    /// <summary>A journal that nobody has used.</summary>
    private protected abstract Task<TestJournal> NewJournalAsync();

    [JournalFact]
    public async Task Every_event_comes_back_as_it_was_written_and_stands_there_under_its_manifest()
    {
        IReadOnlyList<SessionEvent> samples = [.. SessionEventSamples.Full, .. SessionEventSamples.Bare];
        var journal = await NewJournalAsync();
        await using (var before = new JournalSystem(journal.Place)) await before.Open("session-s-1").WriteAsync(samples);

        await using var after = new JournalSystem(journal.Place);
        var read = (await after.Open("session-s-1").ReadAsync()).Entries;
        Assert.Equal(samples.Select(Json), read.Select(Json));

        var rows = await RowsAsync(journal, "session-s-1");
        Assert.Equal(samples.Select(happened => (7401, Serializer.Manifest(happened), Json(happened))), rows);
        Assert.Equal(rows.Select(row => row.Manifest), (await (await after.HistoryAsync()).EventsAsync("s-1")).Select(entry => entry.Manifest));
    }

    [JournalFact]
    public async Task Every_version_that_was_ever_written_is_replayed()
    {
        var journal = await NewJournalAsync();
        await using (var before = new JournalSystem(journal.Place)) await before.Open("any").ReadAsync();
        var files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Wire", "journal"), "*.json").Order(StringComparer.Ordinal).ToList();
        foreach (var (index, file) in files.Index())
            await WriteRowAsync(journal, "old", index + 1, Path.GetFileNameWithoutExtension(file).Replace('.', '/'), await File.ReadAllBytesAsync(file));

        await using var after = new JournalSystem(journal.Place);
        Assert.Equal(
            files.Select(file => Path.GetFileNameWithoutExtension(file).Split('.')[0]),
            (await after.Open("old").ReadAsync()).Entries.Select(happened => Serializer.Manifest(happened).Split('/')[0]));
    }

    [JournalFact]
    public async Task Many_events_at_once_come_back_in_their_order_after_those_before()
    {
        var journal = await NewJournalAsync();
        await using (var before = new JournalSystem(journal.Place))
        {
            var diary = before.Open("d");
            Assert.Equal(1, await diary.WriteAsync(Events(1, 1)));
            Assert.Equal(1301, await diary.WriteAsync(Events(2, 1300)));
            Assert.Equal(1302, await diary.WriteAsync(Events(1302, 1)));
        }

        await using var after = new JournalSystem(journal.Place);
        Assert.Equal(Enumerable.Range(1, 1302).Select(Label), await after.Open("d").LabelsAsync());
    }

    [JournalFact]
    public async Task Events_that_belong_together_are_written_all_or_none()
    {
        var journal = await NewJournalAsync();
        await using (var system = new JournalSystem(journal.Place))
        {
            var diary = system.Open("d");
            await diary.WriteAsync(Events(1, 1));
            // Somebody else's third event: the second could be written.
            await WriteRowAsync(journal, "d", 3, "marker-placed/1", Serializer.ToBinary(Event("other")));
            diary.Tell(new Diary.Write(Events(2, 3)));
            await system.StoppedAsync(diary);
        }

        Assert.Equal(["1", "other"], (await RowsAsync(journal, "d")).Select(row => ((SessionEvent.MarkerPlaced)SessionEventSerializer.Read(Encoding.UTF8.GetBytes(row.Json), row.Manifest)).Label));
    }

    [JournalFact]
    public async Task Of_two_writers_the_one_that_was_there_before_wins_if_it_is_the_first_to_write()
    {
        var journal = await NewJournalAsync();
        await using var one = new JournalSystem(journal.Place);
        await using var other = new JournalSystem(journal.Place);
        var old = one.Open("d");
        await old.WriteAsync(Events(1, 2));
        var young = other.Open("d");
        Assert.Equal(["1", "2"], await young.LabelsAsync());

        await old.WriteAsync(Event("old"));
        young.Tell(new Diary.Write(Event("young")));
        await other.StoppedAsync(young);

        // What its successor finds is what was acknowledged, and now it is the elder's turn to be refused.
        var again = other.Open("d");
        Assert.Equal(["1", "2", "old"], await again.LabelsAsync());
        await again.WriteAsync(Event("again"));
        old.Tell(new Diary.Write(Event("late")));
        await one.StoppedAsync(old);
        Assert.Equal(["1", "2", "old", "again"], await one.Open("d").LabelsAsync());
    }

    [JournalFact]
    public async Task Of_two_writers_the_one_that_came_last_wins_if_it_is_the_first_to_write()
    {
        var journal = await NewJournalAsync();
        await using var one = new JournalSystem(journal.Place);
        await using var other = new JournalSystem(journal.Place);
        var old = one.Open("d");
        await old.WriteAsync(Events(1, 2));
        var young = other.Open("d");
        await young.WriteAsync(Event("young"));

        old.Tell(new Diary.Write(Event("old"), Event("older")));
        await one.StoppedAsync(old);

        await young.WriteAsync(Event("younger"));
        Assert.Equal(["1", "2", "young", "younger"], await one.Open("d").LabelsAsync());
    }

    [JournalFact]
    public async Task Nothing_is_lost_when_a_coordinator_comes_back_to_a_process_that_had_it_before()
    {
        var journal = await NewJournalAsync();
        await using var one = new JournalSystem(journal.Place);
        await using var other = new JournalSystem(journal.Place);
        var expected = new List<string>();
        foreach (var (system, label) in ((JournalSystem, string)[])[(one, "a"), (other, "b"), (one, "c"), (other, "d"), (one, "e")])
        {
            var diary = system.Open("coordinator");
            Assert.Equal(expected, await diary.LabelsAsync());
            await diary.WriteAsync(Event(label));
            expected.Add(label);
            diary.Tell(PoisonPill.Instance);
            await system.StoppedAsync(diary);
        }

        await using var third = new JournalSystem(journal.Place);
        Assert.Equal(expected, await third.Open("coordinator").LabelsAsync());
    }

    [JournalFact]
    public async Task A_writer_that_is_refused_takes_nobody_with_it_who_writes_at_the_same_moment()
    {
        var journal = await NewJournalAsync();
        await using var one = new JournalSystem(journal.Place);
        await using var other = new JournalSystem(journal.Place);
        var stale = one.Open("stale");
        await stale.WriteAsync(Events(1, 1));
        await other.Open("stale").WriteAsync(Events(2, 1));
        var others = Enumerable.Range(1, 40).Select(number => one.Open($"d{number}")).ToList();
        foreach (var diary in others) await diary.ReadAsync();

        var writes = others.Take(20).Select(diary => diary.WriteAsync(Events(1, 1))).ToList();
        stale.Tell(new Diary.Write(Event("stale")));
        writes.AddRange(others.Skip(20).Select(diary => diary.WriteAsync(Events(1, 1))));

        await one.StoppedAsync(stale);
        Assert.All(await Task.WhenAll(writes), sequenceNr => Assert.Equal(1, sequenceNr));
    }

    [JournalFact]
    public async Task Sessions_are_listed_with_their_outcome_and_those_that_are_open_without()
    {
        var journal = await NewJournalAsync();
        await using (var before = new JournalSystem(journal.Place))
        {
            await before.Open("session-s1").WriteAsync([.. SessionEventSamples.Full]);
            await before.Open("session-s2").WriteAsync(SessionEventSamples.Bare[0]);
            Assert.Equal([SessionOutcome.Partial, null], (await (await before.HistoryAsync()).ListAsync()).Select(session => session.Outcome));
        }

        await using var after = new JournalSystem(journal.Place);
        var history = await after.HistoryAsync();
        Assert.Equal([SessionOutcome.Partial, null], (await history.ListAsync()).Select(session => session.Outcome));
        Assert.Equal(SessionOutcome.Partial, (await history.FindAsync("s1"))!.End!.Outcome);
        Assert.Null(await history.FindAsync("s3"));
    }

    [JournalFact]
    public async Task A_write_that_was_refused_hides_no_session_that_was_opened_after_it()
    {
        var journal = await NewJournalAsync();
        await using var one = new JournalSystem(journal.Place);
        await using var other = new JournalSystem(journal.Place);
        await one.Open("session-s1").WriteAsync(SessionEventSamples.Bare[0]);
        var refused = other.Open("session-s1");
        await refused.ReadAsync();
        await one.Open("d").WriteAsync(Events(1, 1));
        foreach (var stale in (IActorRef[])[refused, other.Open("d")])
        {
            await stale.ReadAsync();
            await one.Open(stale == refused ? "session-s1" : "d").WriteAsync(SessionEventSamples.Bare[^1]);
            stale.Tell(new Diary.Write(SessionEventSamples.Bare[^1]));
            await other.StoppedAsync(stale);
        }

        await one.Open("session-s2").WriteAsync(SessionEventSamples.Bare[0]);
        await using var next = new JournalSystem(journal.Place);
        Assert.Equal(2, (await (await next.HistoryAsync()).ListAsync()).Count);
    }

    [JournalFact]
    public async Task Recovery_begins_with_the_last_snapshot()
    {
        var journal = await NewJournalAsync();
        await using (var before = new JournalSystem(journal.Place))
        {
            var diary = before.Open("d");
            await diary.WriteAsync(Events(1, 2));
            await diary.KeepAsync(SessionEventSamples.Bare[0]);
            await diary.WriteAsync(Events(3, 1));
            await diary.KeepAsync(SessionEventSamples.Full[0]);
            // Once more for the same event, as after an answer that was lost.
            await diary.KeepAsync(SessionEventSamples.Full[0]);
            await diary.WriteAsync(Events(4, 2));
        }

        await using var after = new JournalSystem(journal.Place);
        var recovered = after.Open("d");
        Assert.Equal(["4", "5"], await recovered.LabelsAsync());
        Assert.Equal(Json(SessionEventSamples.Full[0]), Json((await recovered.ReadAsync()).Snapshot!));
    }

    [JournalFact]
    public async Task Several_processes_may_begin_at_once_on_an_empty_journal()
    {
        var journal = await NewJournalAsync();
        var systems = Enumerable.Range(1, 4).Select(_ => new JournalSystem(journal.Place)).ToList();
        var written = await Task.WhenAll(systems.Select((system, index) => system.Keep($"d{index}").WriteAsync(Events(1, 1))));
        Assert.All(written, sequenceNr => Assert.Equal(1, sequenceNr));
        foreach (var system in systems) await system.DisposeAsync();
    }

    private static SessionEventSerializer Serializer { get; } = new(null!);

    private static string Json(SessionEvent happened) => Encoding.UTF8.GetString(Serializer.ToBinary(happened));

    private async Task<IReadOnlyList<(int Serializer, string Manifest, string Json)>> RowsAsync(TestJournal journal, string id)
    {
        await using var connection = journal.Connect();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT identifier, manifest, message FROM journal WHERE persistence_id = @id ORDER BY sequence_number";
        Add(command, "id", id);
        var rows = new List<(int, string, string)>();
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync()) rows.Add((row.GetInt32(0), row.GetString(1), Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(2))));
        return rows;
    }

    private async Task WriteRowAsync(TestJournal journal, string id, long sequenceNr, string manifest, byte[] message)
    {
        await using var connection = journal.Connect();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier, writer_uuid)
            VALUES (0, @deleted, @id, @number, @message, @manifest, 7401, 'another')
            """;
        Add(command, "deleted", false);
        Add(command, "id", id);
        Add(command, "number", sequenceNr);
        Add(command, "message", message);
        Add(command, "manifest", manifest);
        await command.ExecuteNonQueryAsync();
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}

/// <param name="Connect">Makes a connection of the test's own to it, which is not open.</param>
internal sealed record TestJournal(JournalPlace Place, Func<DbConnection> Connect);
