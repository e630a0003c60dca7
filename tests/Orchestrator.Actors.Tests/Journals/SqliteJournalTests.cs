using Microsoft.Data.Sqlite;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Tests.Support;
using static Orchestrator.Actors.Tests.Journals.Diaries;

namespace Orchestrator.Actors.Tests.Journals;

public sealed class SqliteJournalTests : JournalSpec, IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_file_that_another_process_holds_for_a_while_is_waited_for()
    {
        var journal = await NewJournalAsync();
        await using var system = new JournalSystem(journal.Place);
        var diary = system.Open("d");
        await diary.WriteAsync(Events(1, 1));
        Task<long> write;
        await using (var other = journal.Connect())
        {
            await other.OpenAsync();
            await using var held = await other.BeginTransactionAsync();
            write = diary.WriteAsync(Events(2, 1));
            await Waiting.ForAsync(TimeSpan.FromSeconds(1));
            Assert.False(write.IsCompleted);
        }

        Assert.Equal(2, await write);
    }

    [Fact]
    public async Task Whoever_writes_to_a_file_that_stays_held_stops_and_comes_back_when_it_is_free()
    {
        var journal = await NewJournalAsync();
        await using var system = new JournalSystem(journal.Place, "akka.persistence.journal.sql.circuit-breaker { call-timeout = 1s, reset-timeout = 1s }");
        var kept = system.Keep("d");
        var diary = system.Open("other");
        await kept.WriteAsync(Events(1, 1));
        await diary.ReadAsync();
        await using (var other = journal.Connect())
        {
            await other.OpenAsync();
            await using var held = await other.BeginTransactionAsync();
            diary.Tell(new Diary.Write(Events(1, 1)), Akka.Actor.ActorRefs.NoSender);
            kept.Tell(new Diary.Write(Event("lost")), Akka.Actor.ActorRefs.NoSender);
            await system.StoppedAsync(diary);
        }

        Assert.Equal("1", (await kept.WriteUntilWrittenAsync(2))[0]);
    }

    private protected override Task<TestJournal> NewJournalAsync()
    {
        var data = DataFolder.Open(_temp.At(Path.GetRandomFileName()));
        return Task.FromResult(new TestJournal(JournalPlace.In(data), () => new SqliteConnection(DataFolder.ConnectionString(data.JournalFile))));
    }
}
