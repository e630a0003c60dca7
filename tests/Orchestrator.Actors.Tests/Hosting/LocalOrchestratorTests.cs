using System.Text.Json;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Hosting;

public sealed class LocalOrchestratorTests : IDisposable
{
    private readonly TempFolder _temp = new();

    private string Data => _temp.At("data");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_session_is_recorded_and_at_once_in_the_history()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        await using var orchestrator = await Local.StartAsync(Data);
        var plan = Plans.Of(_temp.At("session"), browsers.Targets());
        var document = await orchestrator.RecordAsync(plan);

        Assert.Equal(SessionOutcome.Complete, document.Outcome);
        var listed = Assert.Single(await orchestrator.ListSessionsAsync(CancellationToken.None));
        Assert.Equal(
            new SessionSummary(plan.SessionId, document.PreparedAt, document.EndedAt, SessionOutcome.Complete, null, 2, plan.OutputFolder), listed);
        var read = await orchestrator.ReadSessionAsync(plan.SessionId, CancellationToken.None);
        Assert.Equal(document.ToUtf8(), read!.ToUtf8());
        Assert.Equal(document.ToUtf8(), await File.ReadAllBytesAsync(plan.DocumentFile()));
    }

    [Fact]
    public async Task The_events_of_a_session_are_told_in_order_with_their_manifests_and_bodies()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        await using var orchestrator = await Local.StartAsync(Data);
        var plan = Plans.Of(_temp.At("session"), browsers.Targets());
        await orchestrator.RecordAsync(plan);

        var events = await orchestrator.ReadEventsAsync(plan.SessionId, CancellationToken.None);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(entry => entry.SequenceNr));
        Assert.Equal(
            ["session-opened/1", "browser-ready/1", "window-opened/1", "window-closed/1", "clocks-aligned/1", "traces-merged/1", "browser-ended/1", "session-ended/1"],
            events.Select(entry => entry.Manifest).OrderBy(manifest => manifest == "session-ended/1" ? 2 : manifest == "browser-ended/1" ? 1 : 0));
        Assert.Equal("session-ended/1", events[^1].Manifest);
        Assert.All(events, entry => Assert.Equal(entry.At, JsonDocument.Parse(entry.Json).RootElement.GetProperty("at").GetDateTimeOffset()));
    }

    [Fact]
    public async Task The_history_outlives_the_orchestrator()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var plans = Enumerable.Range(1, 3).Select(number => Plans.Of(_temp.At($"session-{number}"), browsers.Targets())).ToList();
        foreach (var plan in plans)
        {
            await using var orchestrator = await Local.StartAsync(Data);
            await orchestrator.RecordAsync(plan);
        }

        await using var later = await Local.StartAsync(Data);
        Assert.Empty(later.RecoveredSessions);
        var listed = await later.ListSessionsAsync(CancellationToken.None);
        Assert.Equal(plans.Select(plan => plan.SessionId), listed.Select(session => session.SessionId));
        Assert.All(listed, session => Assert.Equal(SessionOutcome.Complete, session.Outcome));
    }

    [Fact]
    public async Task Sessions_are_found_by_the_beginning_of_their_id_and_a_whole_id_is_that_session_alone()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        await using var orchestrator = await Local.StartAsync(Data);
        foreach (var id in (string[])["ab", "abc", "abd", "x"])
            await orchestrator.RecordAsync(Plans.Of(_temp.At(id), browsers.Targets()) with { SessionId = id });

        async Task<string[]> FindAsync(string id) => [.. (await orchestrator.FindSessionsAsync(id, CancellationToken.None)).Select(session => session.SessionId)];
        Assert.Equal(["ab"], await FindAsync("ab"));
        Assert.Equal(["ab", "abc", "abd"], await FindAsync("a"));
        Assert.Equal(["x"], await FindAsync("x"));
        Assert.Empty(await FindAsync("AB"));
        Assert.Null(await orchestrator.ReadSessionAsync("a", CancellationToken.None));
        Assert.Empty(await orchestrator.ReadEventsAsync("a", CancellationToken.None));
    }

    [Fact]
    public async Task A_session_that_runs_is_in_the_history_with_no_outcome_yet()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        await using var orchestrator = await Local.StartAsync(Data);
        using var end = new CancellationTokenSource();
        var plan = Plans.Of(_temp.At("session"), browsers.Targets()).UntilEnded();
        var views = new ViewLog();
        var recording = orchestrator.RecordAsync(plan, views, end.Token);
        await views.Until(SessionPhase.Window);

        var listed = Assert.Single(await orchestrator.ListSessionsAsync(CancellationToken.None));
        Assert.Equal((plan.SessionId, null, null), (listed.SessionId, listed.Outcome, listed.EndedAt));
        await end.CancelAsync();
        Assert.Equal(SessionOutcome.Complete, (await recording).Outcome);
    }

    [Fact]
    public async Task Told_to_abort_it_gives_the_session_up()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        await using var orchestrator = await Local.StartAsync(Data);
        using var abort = new CancellationTokenSource();
        var views = new ViewLog();
        var recording = orchestrator.RecordAsync(Plans.Of(_temp.At("session"), browsers.Targets()).UntilEnded(), views, abort: abort.Token);
        await views.Until(SessionPhase.Window);
        await abort.CancelAsync();

        var document = await recording;
        Assert.Equal((SessionOutcome.Aborted, "given up on request"), (document.Outcome, document.Reason));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Told_to_stop_before_it_began_a_session_still_has_its_outcome(bool abort)
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        await using var orchestrator = await Local.StartAsync(Data);
        var stopped = new CancellationToken(canceled: true);
        var plan = Plans.Of(_temp.At("session"), browsers.Targets()).UntilEnded();
        var document = await (abort ? orchestrator.RecordAsync(plan, abort: stopped) : orchestrator.RecordAsync(plan, end: stopped));

        Assert.Equal(SessionOutcome.Aborted, document.Outcome);
        Assert.Equal(SessionOutcome.Aborted, (await orchestrator.ListSessionsAsync(CancellationToken.None)).Single().Outcome);
    }

    [Fact]
    public async Task Two_orchestrators_on_one_data_folder_record_at_the_same_time()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var starting = ((string[])["one", "two"]).Select(async _ => await Local.StartAsync(Data)).ToList();
        await using var one = await starting[0];
        await using var two = await starting[1];
        var plans = ((string[])["one", "two"]).Select((name, index) => Plans.Of(_temp.At(name), [browsers.Targets()[index]])).ToList();

        var documents = await Task.WhenAll(one.RecordAsync(plans[0]), two.RecordAsync(plans[1]));

        Assert.All(documents, document => Assert.Equal(SessionOutcome.Complete, document.Outcome));
        foreach (var orchestrator in (LocalOrchestrator[])[one, two])
        {
            foreach (var plan in plans)
                Assert.Equal(SessionOutcome.Complete, (await orchestrator.ReadSessionAsync(plan.SessionId, CancellationToken.None))!.Outcome);
        }

        await using var later = await Local.StartAsync(Data);
        Assert.Empty(later.RecoveredSessions);
        Assert.Equal(2, (await later.ListSessionsAsync(CancellationToken.None)).Count);
    }

    [Fact]
    public async Task A_name_that_the_history_has_already_is_refused()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        await using var orchestrator = await Local.StartAsync(Data);
        var plan = Plans.Of(_temp.At("session"), browsers.Targets());
        await orchestrator.RecordAsync(plan);

        var failure = await Assert.ThrowsAsync<JournalUnavailableException>(() => orchestrator.RecordAsync(plan));
        Assert.Contains("session of this name", failure.Message);
        Assert.Equal(BrowserOutcome.Complete, (await orchestrator.ReadSessionAsync(plan.SessionId, CancellationToken.None))!.Browsers[0].Outcome);
    }

    [Fact]
    public async Task A_session_that_another_process_has_open_is_refused()
    {
        await using var orchestrator = await Local.StartAsync(Data);
        using var claim = DataFolder.Open(Data).TryClaim("taken");
        var failure = await Assert.ThrowsAsync<IOException>(() => orchestrator.RecordAsync(Plans.Of(_temp.At("session"), []) with { SessionId = "taken" }));
        Assert.Equal("A session taken is open in another process.", failure.Message);
    }

    [Fact]
    public async Task A_session_json_that_cannot_be_written_is_told_and_the_journal_has_the_outcome()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        await using var orchestrator = await Local.StartAsync(Data);
        var plan = Plans.Of(_temp.At("session"), browsers.Targets());
        Directory.CreateDirectory(plan.DocumentFile());

        var failure = await Assert.ThrowsAsync<IOException>(() => orchestrator.RecordAsync(plan));
        Assert.Contains("could not be written: session.json", failure.Message);
        Assert.Equal(SessionOutcome.Complete, (await orchestrator.ReadSessionAsync(plan.SessionId, CancellationToken.None))!.Outcome);
    }

    [Fact]
    public async Task A_data_folder_may_have_any_name()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var data = _temp.At("it's a; \"data\" folder = \\x $y #z");
        await using (var orchestrator = await Local.StartAsync(data))
            await orchestrator.RecordAsync(Plans.Of(_temp.At("session"), browsers.Targets()));

        Assert.True(File.Exists(Path.Combine(data, "journal.db")));
        await using var later = await Local.StartAsync(data);
        Assert.Single(await later.ListSessionsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_is_told_with_what_to_do()
    {
        await File.WriteAllTextAsync(_temp.At("file"), "");
        var failure = await Assert.ThrowsAsync<JournalUnavailableException>(() => Local.StartAsync(_temp.At("file")));
        Assert.Contains("Choose another folder with --data", failure.Message);
    }

    [Fact]
    public async Task A_journal_that_is_none_is_told_and_left_as_it_is()
    {
        Directory.CreateDirectory(Data);
        var text = string.Concat(Enumerable.Repeat("this is no database. ", 500));
        await File.WriteAllTextAsync(Path.Combine(Data, "journal.db"), text);

        var failure = await Assert.ThrowsAsync<JournalUnavailableException>(() => Local.StartAsync(Data));
        Assert.Contains("not a database", failure.Message);
        Assert.Equal(text, await File.ReadAllTextAsync(Path.Combine(Data, "journal.db")));
    }
}
