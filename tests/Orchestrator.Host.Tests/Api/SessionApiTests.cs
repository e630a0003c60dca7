using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Orchestrator.Actors.Views;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Api;

/// <summary>Sessions are read, marked, ended and given up; the cluster and the probes.</summary>
public sealed class SessionApiTests : ApiSpec
{
    [Fact]
    public async Task Sessions_are_read_as_the_command_line_prints_them()
    {
        var document = await RecordedAsync();
        Served.Node.History.Add(new SessionSummary(document.SessionId, DateTimeOffset.UnixEpoch, null, null, null, 2, "/f"));
        Served.Node.Events.Add(new JournalEntry(1, DateTimeOffset.UnixEpoch, "session-opened/1", "{\"a\":1}"));
        Assert.Equal(document.SessionId, (await Http.GetFromJsonAsync<JsonElement>("/api/sessions"))[0].GetProperty("sessionId").GetString());
        Assert.Equal(document.ToUtf8(), await Http.GetByteArrayAsync($"/api/sessions/{document.SessionId}"));
        var entry = (await Http.GetFromJsonAsync<JsonElement>($"/api/sessions/{document.SessionId}/journal"))[0];
        Assert.Equal(("session-opened/1", 1), (entry.GetProperty("manifest").GetString(), entry.GetProperty("event").GetProperty("a").GetInt32()));
    }

    [Theory]
    [InlineData("GET", "/api/sessions/nobody")]
    [InlineData("GET", "/api/sessions/nobody/journal")]
    [InlineData("GET", "/api/sessions/nobody/events")]
    [InlineData("GET", "/api/sessions/nobody/artifacts")]
    [InlineData("GET", "/api/sessions/nobody/artifacts/session.json")]
    [InlineData("GET", "/api/sessions/no.body")]
    [InlineData("GET", "/api/sessions/%2e%2e%2fx")]
    [InlineData("POST", "/api/sessions/nobody/end")]
    [InlineData("POST", "/api/sessions/nobody/abort")]
    [InlineData("POST", "/api/sessions/nobody/markers")]
    [InlineData("GET", "/api/nonsense")]
    [InlineData("GET", "/")]
    public async Task What_is_not_there_is_a_404_that_says_so(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (path.EndsWith("markers", StringComparison.Ordinal)) request.Content = JsonContent.Create(new { label = "x" });
        using var answer = await Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(404, (await JsonAsync(answer)).GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Another_method_is_a_405()
    {
        using var answer = await Http.DeleteAsync("/api/sessions");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(405, (await JsonAsync(answer)).GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task An_open_session_is_marked_ended_and_given_up()
    {
        var id = await OpenedAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync($"/api/sessions/{id}/markers", """{"label":"check out"}""")).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await Http.PostAsync($"/api/sessions/{id}/end", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await Http.PostAsync($"/api/sessions/{id}/abort", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync($"/api/sessions/{id}/abort", """{"reason":"the test failed"}""")).StatusCode);
        Assert.Equal([$"mark {id} check out", $"end {id}", $"abort {id} given up on request", $"abort {id} the test failed"], Served.Node.Asked);
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("{\"label\":null}", "the label is empty; write LABEL@OFFSET")]
    [InlineData("{\"label\":\"\"}", "the label is empty; write LABEL@OFFSET")]
    [InlineData("{\"label\":\"a\\nb\"}", "the label has control characters in it")]
    [InlineData("{\"label\":\"a\",\"lable\":\"b\"}", null)]
    [InlineData("[]", null)]
    public async Task A_marker_without_a_label_is_refused(string body, string? problem)
    {
        var id = await OpenedAsync();
        using var answer = await PostAsync($"/api/sessions/{id}/markers", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        if (problem is not null) Assert.Equal($"label: {problem}", await ProblemsAsync(answer));
        Assert.Empty(Served.Node.Asked);
    }

    [Fact]
    public async Task A_session_that_is_over_takes_nothing_more()
    {
        var document = await RecordedAsync();
        foreach (var verb in (string[])["end", "abort"])
        {
            using var answer = await Http.PostAsync($"/api/sessions/{document.SessionId}/{verb}", null);
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        }
    }

    [Fact]
    public async Task The_cluster_is_told()
    {
        var cluster = await Http.GetFromJsonAsync<JsonElement>("/api/nodes");
        Assert.Equal(("node-1", 3), (cluster.GetProperty("coordinator").GetString(), cluster.GetProperty("epoch").GetInt32()));
        var node = cluster.GetProperty("nodes")[1];
        Assert.Equal(("node-2", "http://node-2:8080", "measured", 42_000), (node.GetProperty("name").GetString(), node.GetProperty("http").GetString(), node.GetProperty("clock").GetProperty("relation").GetString(), node.GetProperty("clock").GetProperty("boundNanos").GetInt32()));
    }

    [Fact]
    public async Task The_probes_tell_whether_it_lives_and_whether_it_is_ready()
    {
        Assert.Equal("ok\n", await Http.GetStringAsync("/healthz"));
        Assert.Equal("ready\n", await Http.GetStringAsync("/readyz"));
        Served.Node.WhyNotReady = "not in the cluster yet";
        using var answer = await Http.GetAsync("/readyz");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not in the cluster yet"), (answer.StatusCode, (await JsonAsync(answer)).GetProperty("detail").GetString()));
        Assert.Equal("ok\n", await Http.GetStringAsync("/healthz"));
    }
}
