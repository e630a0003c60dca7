using System.Text.Json;
using Orchestrator.Actors.Views;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Verbs;

public class SessionsVerbTests
{
    private const string Data = "/home/me/.local/share/orchestrator";
    private readonly CommandLineRun _run = new();

    [Theory]
    [InlineData(null)]
    [InlineData(FileKind.EmptyFolder)]
    internal async Task To_list_nothing_opens_nothing(FileKind? folder)
    {
        if (folder is { } kind) _run.Machine.Paths[Data] = kind;
        Assert.Equal(0, await _run.RunAsync("sessions", "list"));
        Assert.StartsWith("no sessions yet", _run.Out);
        Assert.Equal(0, await _run.RunAsync("sessions", "list", "--json"));
        Assert.Equal("[]", _run.Out.Trim());
        Assert.Equal(1, await _run.RunAsync("sessions", "show", "x"));
        Assert.Equal(1, await _run.RunAsync("sessions", "events", "x"));
        Assert.Empty(_run.Opened);
    }

    [Fact]
    public async Task The_list_has_a_line_a_session()
    {
        WithHistory();
        Assert.Equal(0, await _run.RunAsync("sessions", "list"));
        Assert.Contains("20261123-120000-aaaa │ 2026-11-23 12:00:00 │ 12.5 s │        3 │ partial │ /traces/a", _run.Out);
        Assert.Contains("20261123-130000-bbbb │ 2026-11-23 13:00:00 │      - │        1 │ open    │ /traces/b", _run.Out);
        Assert.Equal([Data], _run.Opened);
    }

    [Fact]
    public async Task With_json_it_is_an_array()
    {
        WithHistory();
        Assert.Equal(0, await _run.RunAsync("sessions", "list", "--json"));
        using var json = JsonDocument.Parse(_run.Out);
        Assert.Equal(["partial", null], json.RootElement.EnumerateArray().Select(session => session.GetProperty("outcome").GetString()));
    }

    [Theory]
    [InlineData("20261123-120000-aaaa")]
    [InlineData("20261123-12")]
    public async Task A_session_is_shown_by_its_id_or_how_that_begins(string id)
    {
        WithHistory();
        Assert.Equal(0, await _run.RunAsync("sessions", "show", id));
        foreach (var told in (string[])[
            "20261123-120000-aaaa", "prepared", "window opened", "after 10.0 s", "monotonic clock of node-1", "b1      │ complete", "b2      │ connectionLost", "the reason why",
            "b1: Chrome/156, process 4711, ws://127.0.0.1:1/devtools/browser/x, page about:blank, on node-1, clock unaligned, sha256 abc123",
            "marker 'checkout' (m-1) at 2000000000 ns", "starts sent within 12 µs", "partial", "folder "])
            Assert.Contains(told, _run.Out);
    }

    [Fact]
    public async Task With_json_the_session_is_its_document()
    {
        WithHistory();
        Assert.Equal(0, await _run.RunAsync("sessions", "show", "20261123-12", "--json"));
        Assert.Equal("20261123-120000-aaaa", SessionDocument.Parse(System.Text.Encoding.UTF8.GetBytes(_run.Out)).SessionId);
    }

    [Theory]
    [InlineData("20261123", "begins the ids of 2 sessions: 20261123-120000-aaaa, 20261123-130000-bbbb")]
    [InlineData("2027", "there is no session '2027'")]
    [InlineData("", "there is no session ''")]
    public async Task An_id_that_names_no_or_several_sessions_is_told(string id, string problem)
    {
        WithHistory();
        Assert.Equal(1, await _run.RunAsync("sessions", "show", id, "--json"));
        Assert.Contains(problem, Assert.Single(_run.ErrorLines));
        Assert.Equal("", _run.Out);
    }

    [Fact]
    public async Task Events_are_printed_one_a_line()
    {
        WithHistory();
        Assert.Equal(0, await _run.RunAsync("sessions", "events", "20261123-12"));
        Assert.Equal(
            ["1 2026-11-23T12:00:00.000Z session-opened/1 {\"a\": 1}", "2 2026-11-23T12:00:01.000Z session-ended/1 {}"],
            _run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(0, await _run.RunAsync("sessions", "events", "20261123-12", "--json"));
        using var json = JsonDocument.Parse(_run.Out);
        Assert.Equal("session-ended/1", json.RootElement[1].GetProperty("manifest").GetString());
        Assert.Equal(1, json.RootElement[0].GetProperty("event").GetProperty("a").GetInt32());
    }

    [Theory]
    [InlineData("sessions")]
    [InlineData("sessions", "show")]
    [InlineData("sessions", "list", "extra")]
    [InlineData("sessions", "shwo", "x")]
    [InlineData("sessions", "list", "--data", "")]
    public async Task Wrong_usage_is_told(params string[] args)
    {
        Assert.Equal(2, await _run.RunAsync(args));
        Assert.StartsWith("error: ", _run.Error);
        Assert.Equal("", _run.Out);
    }

    private void WithHistory()
    {
        _run.Machine.Paths[Data] = FileKind.FolderWithFiles;
        var noon = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
        _run.Sessions.History.Add(new SessionSummary("20261123-120000-aaaa", noon, noon.AddSeconds(12.5), SessionOutcome.Partial, "b2", 3, "/traces/a"));
        _run.Sessions.History.Add(new SessionSummary("20261123-130000-bbbb", noon.AddHours(1), null, null, null, 1, "/traces/b"));
        _run.Sessions.Events.Add(new JournalEntry(1, noon, "session-opened/1", "{\"a\": 1}"));
        _run.Sessions.Events.Add(new JournalEntry(2, noon.AddSeconds(1), "session-ended/1", "{}"));
    }
}
