using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Orchestrator.Actors.Hosting;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Api;

/// <summary>Two nodes: the coordinator is on the first, and the second is asked.</summary>
public sealed class ForwardingTests : IAsyncLifetime
{
    private ServedNode _first = null!;
    private ServedNode _second = null!;

    public async Task InitializeAsync()
    {
        (_first, _second) = (await ServedNode.StartAsync("node-1", "secret"), await ServedNode.StartAsync("node-2", "secret"));
        var coordinator = _first.Address;
        _second.Node.Coordinator = () => coordinator;
        _second.Http.DefaultRequestHeaders.Authorization = _first.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "secret");
    }

    public async Task DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task A_session_is_opened_through_any_node()
    {
        using var answer = await PostAsync("/api/sessions", """{"launch":1}""");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var plan = Assert.Single(_first.Node.Opened);
        Assert.Equal($"/api/sessions/{plan.SessionId}", answer.Headers.Location!.OriginalString);
        Assert.Empty(_second.Node.Opened);
        Assert.Equal("node-1", (await _second.Http.GetFromJsonAsync<JsonElement>("/api/nodes?x=1")).GetProperty("coordinator").GetString());
    }

    [Fact]
    public async Task Problems_come_back_as_they_are()
    {
        using var answer = await PostAsync("/api/sessions", """{"launch":"x"}""");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.ToString());
        Assert.Contains("not a whole number", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Events_come_through_as_they_happen()
    {
        var id = await OpenedAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/sessions/{id}/events") { Headers = { { "Last-Event-ID", "7" } } };
        using var answer = await _second.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal("id: 8", await reader.ReadLineAsync());
        _first.Node.Feeds[id].Show(FakeNode.View(_first.Node.Opened[0], SessionPhase.Window));
        await UntilAsync(reader, "id: 9");
        _first.Node.Over(Documents.Of(_first.Node.Opened[0], [BrowserOutcome.Complete, BrowserOutcome.Complete]));
        await UntilAsync(reader, "event: end");
    }

    [Fact]
    public async Task An_event_stream_whose_node_goes_away_breaks_and_does_not_end()
    {
        var id = await OpenedAsync();
        using var answer = await _second.Http.GetAsync($"/api/sessions/{id}/events", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        await UntilAsync(reader, "event: snapshot");
        await _first.StopAsync();
        await Assert.ThrowsAnyAsync<Exception>(reader.ReadToEndAsync);
        await _first.StartAgainAsync();
    }

    [Fact]
    public async Task Ranges_of_artifacts_come_through()
    {
        var document = await RecordedAsync(_first);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/sessions/{document.SessionId}/artifacts/browsers/b1.pftrace.gz") { Headers = { Range = new RangeHeaderValue(10, 19) } };
        using var answer = await _second.Http.SendAsync(request);
        Assert.Equal((HttpStatusCode.PartialContent, 10, 100), (answer.StatusCode, answer.Content.Headers.ContentLength, answer.Content.Headers.ContentRange!.Length));
        Assert.Equal(Enumerable.Range(10, 10).Select(number => (byte)number), await answer.Content.ReadAsByteArrayAsync());
        Assert.NotNull(answer.Headers.ETag);
        using var head = await _second.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/api/sessions/{document.SessionId}/artifacts/browsers/b1.pftrace.gz"));
        Assert.Equal((HttpStatusCode.OK, 100), (head.StatusCode, head.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task A_session_that_was_merged_elsewhere_is_fetched_from_there()
    {
        var document = await RecordedAsync(_second) with { MergedOn = "node-2" };
        _first.Node.Documents[document.SessionId] = _second.Node.Documents[document.SessionId] = document;
        _first.Node.Cluster = _first.Node.Cluster with { Nodes = [FakeNode.Node("node-1"), FakeNode.Node("node-2") with { Http = _second.Address }] };
        foreach (var asked in (ServedNode[])[_first, _second])
        {
            Assert.Equal(100, (await asked.Http.GetByteArrayAsync($"/api/sessions/{document.SessionId}/artifacts/browsers/b1.pftrace.gz")).Length);
            Assert.Equal(1, (await asked.Http.GetFromJsonAsync<JsonElement>($"/api/sessions/{document.SessionId}/artifacts")).GetArrayLength());
        }

        _first.Node.Cluster = _first.Node.Cluster with { Nodes = [FakeNode.Node("node-1")] };
        using var away = await _first.Http.GetAsync($"/api/sessions/{document.SessionId}/artifacts/browsers/b1.pftrace.gz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
        Assert.Contains("is on node node-2", await away.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Nodes_that_take_each_other_for_the_coordinators_send_nothing_round_in_circles()
    {
        _first.Node.Coordinator = () => _second.Address;
        using var answer = await _second.Http.GetAsync("/api/sessions");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.StartsWith("Node node-1 was asked as the coordinator's node, and is not", JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_coordinators_node_that_cannot_be_reached_is_a_503()
    {
        await _first.StopAsync();
        using var answer = await PostAsync("/api/sessions", "{}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("node-2 cannot reach", await answer.Content.ReadAsStringAsync());
        await _first.StartAgainAsync();
    }

    [Theory]
    [InlineData("GET", HttpStatusCode.ServiceUnavailable)]
    // It may have been heard: whoever asks must not take it for granted that it was not.
    [InlineData("POST", HttpStatusCode.BadGateway)]
    public async Task A_coordinators_node_that_falls_silent_is_waited_for_until_another_one_is_in_office(string method, HttpStatusCode status)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource();
        await using var silent = await LoopbackServer.StartAsync(context =>
        {
            asked.TrySetResult();
            return never.Task.WaitAsync(context.RequestAborted);
        });
        var (before, now) = (silent.Address, _first.Address);
        _second.Node.Coordinator = () => asked.Task.IsCompleted ? now : before;
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/sessions") { Content = method == "POST" ? new StringContent("{}") : null };
        using var answer = await _second.Http.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains("the coordinator is not there any more", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_token_is_asked_for_before_anything_is_sent_on()
    {
        _second.Http.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(HttpStatusCode.Unauthorized, (await _second.Http.GetAsync("/api/sessions")).StatusCode);
    }

    [Fact]
    public async Task What_is_the_nodes_own_is_not_sent_on()
    {
        _second.Folder.Write("spools/s/browsers/b1", [1, 2]);
        _second.Node.Coordinator = () => throw new CoordinatorUnavailableException("nobody");
        Assert.Equal(2, (await _second.Http.GetByteArrayAsync("/spools/s/browsers/b1")).Length);
        Assert.Equal("ok\n", await _second.Http.GetStringAsync("/healthz"));
    }

    private async Task<string> OpenedAsync()
    {
        using var answer = await PostAsync("/api/sessions", "{}");
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("sessionId").GetString()!;
    }

    /// <summary>A session whose folder is on that node.</summary>
    private async Task<SessionDocument> RecordedAsync(ServedNode node)
    {
        var id = await OpenedAsync();
        node.Folder.Write($"sessions/{id}/browsers/b1.pftrace.gz", [.. Enumerable.Range(0, 100).Select(number => (byte)number)]);
        var document = Documents.Of(_first.Node.Opened[^1], [BrowserOutcome.Complete, BrowserOutcome.ConnectionLost]);
        _first.Node.Over(document);
        return document;
    }

    private Task<HttpResponseMessage> PostAsync(string path, string json) => _second.Http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    private static async Task UntilAsync(StreamReader reader, string wanted)
    {
        while (await reader.ReadLineAsync() is var line && line != wanted) Assert.NotNull(line);
    }
}
