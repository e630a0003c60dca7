using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Views;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Verbs;

/// <summary><c>sessions</c> and <c>status</c>, asked of a node over real HTTP.</summary>
public sealed class ServerVerbTests : IAsyncLifetime
{
    private readonly CommandLineRun _run = new() { Time = TimeProvider.System };
    private ServedNode _node = null!;

    private string Server => _node.Address.GetLeftPart(UriPartial.Authority);

    public async Task InitializeAsync() => _node = await ServedNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task The_history_is_the_clusters()
    {
        WithHistory();
        Assert.Equal(0, await _run.RunAsync("sessions", "list", "--server", Server));
        Assert.Contains("20261123-120000-aaaa", _run.Out);
        Assert.Equal(0, await _run.RunAsync("sessions", "show", "20261123-1200", "--server", Server));
        Assert.Contains("b2      │ connectionLost", _run.Out);
        Assert.Equal(0, await _run.RunAsync("sessions", "show", "20261123-1200", "--json", "--server", Server));
        Assert.Equal("20261123-120000-aaaa", SessionDocument.Parse(Encoding.UTF8.GetBytes(_run.Out)).SessionId);
        Assert.Equal(0, await _run.RunAsync("sessions", "events", "20261123-1200", "--server", Server));
        Assert.Equal("1 1970-01-01T00:00:00.000Z session-opened/1 {\"a\": 1}", _run.Out.Trim());
        Assert.Equal(0, await _run.RunAsync("sessions", "events", "20261123-1200", "--json", "--server", Server));
        Assert.Equal(1, JsonElement.Parse(_run.Out)[0].GetProperty("event").GetProperty("a").GetInt32());
        Assert.Equal(1, await _run.RunAsync("sessions", "show", "2027", "--server", Server));
        Assert.Contains("there is no session '2027'", _run.Error);
        Assert.Empty(_run.Opened);
    }

    [Fact]
    public async Task The_server_may_come_from_the_environment()
    {
        WithHistory();
        _run.Machine.Variables["ORCHESTRATOR_SERVER"] = Server;
        Assert.Equal(0, await _run.RunAsync("sessions", "list"));
        Assert.Contains("20261123-120000-aaaa", _run.Out);
        Assert.Equal(0, await _run.RunAsync("status"));
    }

    [Fact]
    public async Task The_token_comes_from_a_file_or_the_environment_and_is_never_shown()
    {
        await using var guarded = await ServedNode.StartAsync(token: "s3cret");
        var server = guarded.Address.GetLeftPart(UriPartial.Authority);
        Assert.Equal(2, await _run.RunAsync("status", "--server", server));
        Assert.Contains("Send the cluster's token", _run.Error);
        _run.Machine.With("token", "s3cret\n").With("other", "wr0ng").With("blank", "a b").With("empty", "\n");
        Assert.Equal(0, await _run.RunAsync("status", "--server", server, "--token-file", "token"));
        Assert.Equal(2, await _run.RunAsync("status", "--server", server, "--token-file", "other"));
        Assert.Equal(2, await _run.RunAsync("record", "--server", server, "--token-file", "other"));
        Assert.DoesNotContain("wr0ng", _run.Error);
        foreach (var file in (string[])["blank", "empty", "missing"]) Assert.Equal(2, await _run.RunAsync("status", "--server", server, "--token-file", file));
        _run.Machine.Variables["ORCHESTRATOR_TOKEN"] = "s3cret";
        Assert.Equal(0, await _run.RunAsync("status", "--server", server));
    }

    [Theory]
    [InlineData("error: --server 'nowhere': not the address of a node", "status", "--server", "nowhere")]
    [InlineData("error: --server 'ftp://h': not the address of a node", "status", "--server", "ftp://h")]
    [InlineData("error: --server 'http://h/api': not the address of a node", "sessions", "list", "--server", "http://h/api")]
    [InlineData("error: --server is missing, and ORCHESTRATOR_SERVER is not set", "status")]
    [InlineData("error: --token-file 't': there is no server to send it to", "sessions", "list", "--token-file", "t")]
    [InlineData("error: --data 'd': the journal is the cluster's own", "sessions", "list", "--server", "http://h", "--data", "d")]
    [InlineData("error: --chrome 'c': each node of a cluster launches the browser that its own settings name", "record", "--server", "http://h", "--chrome", "c")]
    [InlineData("error: --per-node '2': only a cluster has nodes to spread over; add --server URL", "record", "--per-node", "2")]
    [InlineData("error: --per-node 'x': not a whole number of browsers from 1 to 1000", "record", "--server", "http://h", "--per-node", "x")]
    [InlineData("error: --duration 'soon': not a duration", "record", "--server", "http://h", "--duration", "soon")]
    public async Task Wrong_usage_is_told(string error, params string[] args)
    {
        Assert.Equal(2, await _run.RunAsync(args));
        Assert.StartsWith(error, _run.ErrorLines[0]);
        Assert.Equal("", _run.Out);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told()
    {
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        var url = server.Address.GetLeftPart(UriPartial.Authority);
        await server.DisposeAsync();
        foreach (var args in (string[][])[["status"], ["sessions", "list"], ["record"]])
        {
            Assert.Equal(1, await _run.RunAsync([.. args, "--server", url]));
            Assert.StartsWith($"error: {url}/ cannot be reached: ", _run.ErrorLines[^1]);
        }
    }

    [Fact]
    public async Task A_server_that_is_something_else_is_told()
    {
        await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("<html>hello</html>"));
        foreach (var args in (string[][])[["status"], ["sessions", "list"], ["record"]])
        {
            Assert.Equal(1, await _run.RunAsync([.. args, "--server", server.Address.GetLeftPart(UriPartial.Authority)]));
            Assert.Contains("Is it a node of a cluster", _run.ErrorLines[^1]);
        }
    }

    [Fact]
    public async Task Status_shows_each_node_and_what_is_open()
    {
        _node.Node.Cluster = new ClusterStatus("node-1", 3,
            [
                FakeNode.Node("node-1", capacity: 8, recording: 3) with { Offers = ["http://127.0.0.1:9222"] },
                FakeNode.Node("node-2") with { Spools = ["20261123-120000-aaaa"], Clock = new NodeClockStatus(ClockRelation.Shared, 0, 0) },
                FakeNode.Node("node-3") with { State = "unreachable", Clock = null, Http = null },
                FakeNode.Node("node-4") with { Refused = "it speaks protocol 2, this cluster 1" },
                FakeNode.Node("node-5"),
            ],
            [new OpenSessionStatus("20261123-130000-bbbb", SessionPhase.Window, 6, new DateTimeOffset(2026, 11, 23, 13, 0, 0, TimeSpan.Zero))]);
        Assert.Equal(0, await _run.RunAsync("status", "--server", Server));
        Assert.Equal("", _run.Error);
        foreach (var told in (string[])[
            "node-1 │ coordinator, browsers │ up          │ 0.1.0 (protocol 1) │ reference  │    3 of 8 │      1 │ http://node-1:8080",
            "node-2 │ coordinator, browsers │ up          │ 0.1.0 (protocol 1) │ same clock",
            "node-3 │ coordinator, browsers │ unreachable │ 0.1.0 (protocol 1) │ -          │    0 of 4 │      0 │ -",
            "node-4 │ coordinator, browsers │ refused",
            "node-5 │ coordinator, browsers │ up          │ 0.1.0 (protocol 1) │ ± 42 µs",
            "node-4 is refused: it speaks protocol 2, this cluster 1",
            "node-1 offers http://127.0.0.1:9222",
            "node-2 keeps recordings of 20261123-120000-aaaa",
            "coordinator: node-1, term 3",
            "20261123-130000-bbbb │ window │        6 │ 2026-11-23 13:00:00"])
            Assert.Contains(told, _run.Out);
        Assert.Equal(0, await _run.RunAsync("status", "--server", Server, "--json"));
        var json = JsonElement.Parse(_run.Out);
        Assert.Equal("window", json.GetProperty("openSessions")[0].GetProperty("phase").GetString());
        Assert.Equal("it speaks protocol 2, this cluster 1", json.GetProperty("nodes")[3].GetProperty("refused").GetString());
    }

    private void WithHistory()
    {
        const string id = "20261123-120000-aaaa";
        _node.Node.History.Add(new SessionSummary(id, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(12), SessionOutcome.Partial, "b2", 2, "/traces/a"));
        _node.Node.Documents[id] = Documents.Of(Documents.Plan(id), [BrowserOutcome.Complete, BrowserOutcome.ConnectionLost]);
        _node.Node.Events.Add(new JournalEntry(1, DateTimeOffset.UnixEpoch, "session-opened/1", "{\"a\": 1}"));
        _run.Machine.Paths["/home/me/.local/share/orchestrator"] = FileKind.FolderWithFiles;
    }
}
