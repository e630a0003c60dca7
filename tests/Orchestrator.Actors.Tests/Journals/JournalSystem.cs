using System.Globalization;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Actors.Views;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Journals;

/// <summary>An actor system over a journal, as a process has it, and diaries in it.</summary>
internal sealed class JournalSystem : IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly Inbox _watcher;

    public JournalSystem(JournalPlace place, string hocon = "")
    {
        var config = ConfigurationFactory.ParseString(hocon)
            .WithFallback(ConfigurationFactory.ParseString("akka.loglevel = OFF"))
            .WithFallback(ReferenceConfiguration.Journal(place))
            .WithFallback(ReferenceConfiguration.Local(Config.Empty, "none.db"));
        _system = ActorSystem.Create("journal", ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), place.Connection));
        _watcher = Inbox.Create(_system);
    }

    public IActorRef Open(string id) => _system.ActorOf(Diary.Props(id));

    /// <summary>One that comes back by itself.</summary>
    public IActorRef Keep(string id) => _system.ActorOf(DiaryKeeper.Props(id));

    /// <summary>Completes when the actor has stopped, as one does whose journal refused.</summary>
    public async Task StoppedAsync(IActorRef actor)
    {
        _watcher.Watch(actor);
        Assert.IsType<Terminated>(await _watcher.ReceiveAsync(Waiting.Never));
    }

    public Task<SessionHistory> HistoryAsync() => SessionHistory.OpenAsync(_system, CancellationToken.None).Soon();

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate().Soon();
        _system.Dispose();
    }
}

internal static class Diaries
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <returns>The last event's sequence number.</returns>
    public static async Task<long> WriteAsync(this IActorRef diary, params IReadOnlyList<SessionEvent> events) =>
        (await diary.Ask<Diary.Written>(new Diary.Write(events), Waiting.Never)).SequenceNr;

    public static Task KeepAsync(this IActorRef diary, SessionEvent snapshot) => diary.Ask<Diary.Written>(new Diary.Keep(snapshot), Waiting.Never);

    public static Task<Diary.Content> ReadAsync(this IActorRef diary) => diary.Ask<Diary.Content>(Diary.Read.Instance, Waiting.Never);

    /// <summary>The labels of the markers in it, which the tests number their events with.</summary>
    public static async Task<IReadOnlyList<string>> LabelsAsync(this IActorRef diary) =>
        [.. (await diary.ReadAsync()).Entries.Cast<SessionEvent.MarkerPlaced>().Select(marker => marker.Label)];

    /// <summary>Asks a diary that may be away to write an event, until it says that it is there.</summary>
    /// <returns>All labels in it then.</returns>
    public static async Task<IReadOnlyList<string>> WriteUntilWrittenAsync(this IActorRef diary, int number)
    {
        using var never = new CancellationTokenSource(Waiting.Never);
        for (; ; never.Token.ThrowIfCancellationRequested())
        {
            try
            {
                await diary.Ask<Diary.Written>(new Diary.WriteOnce(Event(Label(number))), Patience);
                return await diary.LabelsAsync();
            }
            catch (AskTimeoutException)
            {
                // It was away, or its answer was lost.
            }
        }
    }

    /// <summary>The labels in a diary that may be away; empty then.</summary>
    public static async Task<IReadOnlyList<string>> ReadIfThereAsync(this IActorRef diary)
    {
        try
        {
            return [.. (await diary.Ask<Diary.Content>(Diary.Read.Instance, Patience)).Entries.Cast<SessionEvent.MarkerPlaced>().Select(marker => marker.Label)];
        }
        catch (AskTimeoutException)
        {
            return [];
        }
    }

    public static SessionEvent.MarkerPlaced Event(string label) => new(label, $"{label}.sync", 0) { At = DateTimeOffset.UnixEpoch };

    public static IReadOnlyList<SessionEvent> Events(int first, int count) => [.. Enumerable.Range(first, count).Select(number => Event(Label(number)))];

    public static string Label(int number) => number.ToString(CultureInfo.InvariantCulture);
}
