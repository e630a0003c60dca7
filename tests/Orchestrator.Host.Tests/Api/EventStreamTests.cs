using System.Text.Json;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Api;

/// <summary>Sessions are followed by server-sent events.</summary>
public sealed class EventStreamTests : ApiSpec
{
    [Fact]
    public async Task Followers_get_a_snapshot_then_what_changed_and_the_end()
    {
        var id = await OpenedAsync();
        var plan = Served.Node.Opened[0];
        var preparing = FakeNode.View(plan, SessionPhase.Preparing);
        var reader = await FollowAsync(id, lastEventId: null);
        Assert.Equal((1, "snapshot"), await NextAsync(reader, json =>
        {
            Assert.Equal("preparing", json.GetProperty("phase").GetString());
            Assert.Equal(2, json.GetProperty("browsers").GetArrayLength());
            Assert.Equal(10, json.GetProperty("durationSeconds").GetDouble());
        }));
        Served.Node.Feeds[id].Show(preparing with { Phase = SessionPhase.Window, Browsers = [preparing.Browsers[0], preparing.Browsers[1] with { Outcome = BrowserOutcome.ConnectionLost, Reason = "gone" }] });
        Assert.Equal((2, "change"), await NextAsync(reader, json =>
        {
            Assert.Equal("window", json.GetProperty("phase").GetString());
            var browser = Assert.Single(json.GetProperty("browsers").EnumerateArray());
            Assert.Equal(("b2", "connectionLost", "gone"), (browser.GetProperty("name").GetString(), browser.GetProperty("outcome").GetString(), browser.GetProperty("reason").GetString()));
        }));
        Served.Node.Over(Documents.Of(plan, [BrowserOutcome.Complete, BrowserOutcome.ConnectionLost]));
        Assert.Equal((3, "end"), await NextAsync(reader, json => Assert.Equal("partial", json.GetProperty("outcome").GetString())));
        Assert.Equal("", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task Who_comes_back_gets_a_snapshot_with_a_higher_number_and_who_comes_late_the_end()
    {
        var document = await RecordedAsync();
        var reader = await FollowAsync(document.SessionId, lastEventId: "41");
        Assert.Equal((42, "snapshot"), await NextAsync(reader, json => Assert.Equal(("ended", "complete"), (json.GetProperty("phase").GetString(), json.GetProperty("browsers")[0].GetProperty("outcome").GetString()))));
        Assert.Equal((43, "end"), await NextAsync(reader, _ => { }));
    }

    private async Task<StreamReader> FollowAsync(string id, string? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/sessions/{id}/events");
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.ToString());
        return new StreamReader(await answer.Content.ReadAsStreamAsync());
    }

    private static async Task<(int Id, string Name)> NextAsync(StreamReader reader, Action<JsonElement> look)
    {
        var lines = new List<string>();
        while (await reader.ReadLineAsync() is { Length: > 0 } line) lines.Add(line);
        Assert.Equal(3, lines.Count);
        using var json = JsonDocument.Parse(lines[2]["data: ".Length..]);
        look(json.RootElement);
        return (int.Parse(lines[0]["id: ".Length..], null), lines[1]["event: ".Length..]);
    }
}
