using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Orchestrator.Actors.Hosting;
using Orchestrator.Actors.Views;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Api;

public sealed class SessionApiTests : IAsyncLifetime
{
    private ServedNode _node = null!;

    private HttpClient Http => _node.Http;

    public async Task InitializeAsync() => _node = await ServedNode.StartAsync();

    public async Task DisposeAsync()
    {
        Assert.Empty(_node.Said);
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task A_session_is_opened_as_its_body_says()
    {
        using var answer = await PostAsync("/api/sessions", """
            {
              "launch": 3, "url": ["about:blank"], "duration": "3s", "mark": ["login@1s"], "markEvery": "100ms", "categories": "-*,disabled-by-default-memory-infra,disabled-by-default-devtools.screenshot",
              "traceConfig": { "enableSystrace": true }, "recordMode": "recordContinuously", "bufferSizeKb": 1000, "sampling": true, "memoryDumpConfig": {}, "screenshotMaxSize": "100",
              "memoryDump": ["light@1s"], "memoryDumpDeterministic": true, "format": "json", "compression": "none", "require": "80%", "flushTimeout": "3s", "maxClockError": "200us", "merge": "none", "backend": null
            }
            """);
        Assert.Equal("", await ProblemsAsync(answer));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var plan = Assert.Single(_node.Node.Opened);
        Assert.Equal($"/api/sessions/{plan.SessionId}", answer.Headers.Location!.OriginalString);
        Assert.Equal(plan.SessionId, (await JsonAsync(answer)).GetProperty("sessionId").GetString());
        Assert.Equal(Path.Combine(_node.Node.SessionsFolder, plan.SessionId), plan.OutputFolder);
        Assert.Equal([("b1", true, (string?)null), ("b2", true, null), ("b3", true, null)], plan.Targets.Select(target => (target.Name, target.IsLaunched, target.Node)));
        Assert.All(plan.Targets, target => Assert.Equal("about:blank", target.Url));
        Assert.Null(plan.Launch);
        Assert.Equal(
            """{"bufferUsageReportingInterval":500,"transferMode":"ReturnAsStream","streamFormat":"json","streamCompression":"none","traceConfig":{"recordMode":"recordContinuously","traceBufferSizeInKb":1000,"enableSampling":true,"enableSystrace":true,"includedCategories":["disabled-by-default-memory-infra","disabled-by-default-devtools.screenshot"],"excludedCategories":["*"],"memoryDumpConfig":{}},"screenshotMaxSize":100}""",
            plan.Tracing.Start.GetRawText());
        Assert.Equal([new PlannedMarker("login", TimeSpan.FromSeconds(1))], plan.Window.Markers);
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(100)), (plan.Window.Duration, plan.Window.MarkEvery));
        Assert.Equal((TimeSpan.FromSeconds(3), (TimeSpan?)TimeSpan.FromMicroseconds(200), MergeChoice.None), (plan.Timeouts.Flush, plan.MaxClockError, plan.Merge));
        Assert.True(plan.Window.MemoryDumpDeterministic);
    }

    [Fact]
    public async Task A_perfetto_config_is_given_in_base64()
    {
        using var answer = await PostAsync("/api/sessions", $$"""{"perfettoConfig":"{{Convert.ToBase64String(PerfettoConfigs.TrackEvents)}}"}""");
        Assert.Equal("", await ProblemsAsync(answer));
        Assert.Equal(Convert.ToBase64String(PerfettoConfigs.TrackEvents), _node.Node.Opened[0].Tracing.Start.GetProperty("perfettoConfig").GetString());
    }

    [Fact]
    public async Task With_no_more_than_braces_two_browsers_are_launched_on_their_nodes_own_page()
    {
        using var answer = await PostAsync("/api/sessions", "{}");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.All(_node.Node.Opened[0].Targets, target => Assert.Equal((null, null, null), (target.Url, target.Node, target.Endpoint)));
        Assert.Equal(2, _node.Node.Opened[0].Targets.Count);
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_told_at_once_in_the_fields_own_names()
    {
        using var answer = await PostAsync("/api/sessions", """
            {
              "lanch": 2, "launch": "many", "duration": "soon", "mark": "login@1s", "sampling": 1, "format": "proto", "merge": "json", "chrome": "/bin/sh", "output": "/etc", "chromeArg": ["--x"],
              "traceConfig": { "enableSampling": 3 }, "perfettoConfig": "***", "memoryDumpConfig": [], "memoryDump": [1], "attach": ["nowhere"], "markEvery": "1s", "markEvery": "2s", "zzz": 1
            }
            """);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.ToString());
        var told = await ProblemsAsync(answer);
        foreach (var line in (string[])[
            "lanch: unknown field; did you mean launch?",
            "launch: 'many': not a whole number of browsers from 0 to 1000",
            "duration: 'soon': not a duration; write a number and us, ms, s, m or h, such as 10s",
            "mark: is not a list of texts; write it even for one, [\"…\"]",
            "sampling: is not true or false",
            "merge: 'json': Chrome JSON is made from JSON recordings; add format json, or leave merge out for the archive that ui.perfetto.dev opens",
            "chrome: each node launches the browser that its own settings name; leave it out",
            "chromeArg: each node launches browsers as its own settings say; leave it out",
            "output: the server decides where the session's folder is; leave it out, and fetch the artifacts",
            "traceConfig: line 1, column 21: enableSampling is not true or false",
            "perfettoConfig: is not a text in Base64; what the command line's file holds is written here",
            "memoryDumpConfig: is not an object; what the command line's file holds is written here, {…}",
            "memoryDump: is not a list of texts; write it even for one, [\"…\"]",
            "attach: 'nowhere': ",
            "markEvery: is there twice",
            "zzz: unknown field; the fields are the options of 'orchestrator record' in camelCase"])
            Assert.Contains(line, told);
        Assert.Equal(16, told.Split('\n').Length);
        Assert.Empty(_node.Node.Opened);
    }

    [Theory]
    [InlineData("", "not JSON: line 1")]
    [InlineData("{", "not JSON: line 1")]
    [InlineData("[]", "the body is a JSON object")]
    [InlineData("null", "the body is a JSON object")]
    [InlineData("{\"launch\":1}x", "not JSON: line 1, column 13")]
    [InlineData("{\"duration\":\"\\ud800\"}", "not valid UTF-8")]
    public async Task A_body_that_is_no_object_is_told(string body, string problem)
    {
        using var answer = await PostAsync("/api/sessions", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(problem, await ProblemsAsync(answer));
    }

    [Fact]
    public async Task A_body_of_another_type_or_size_is_refused()
    {
        using var form = await Http.PostAsync("/api/sessions", new FormUrlEncodedContent([new("launch", "1")]));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, form.StatusCode);
        using var large = await PostAsync("/api/sessions", $$"""{"categories":"{{new string('a', 1 << 20)}}"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Equal("application/problem+json", large.Content.Headers.ContentType!.ToString());
        Assert.Empty(_node.Node.Opened);
    }

    [Fact]
    public async Task What_the_coordinator_refuses_is_a_conflict_and_nobody_in_office_a_503()
    {
        _node.Node.Refuses = _ => new SessionRefusedException("the journal is away");
        using var refused = await PostAsync("/api/sessions", "{}");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal("the journal is away", (await JsonAsync(refused)).GetProperty("detail").GetString());
        _node.Node.Coordinator = () => throw new CoordinatorUnavailableException("nobody is in office");
        using var nobody = await Http.GetAsync("/api/sessions");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, nobody.StatusCode);
        Assert.NotNull(nobody.Headers.RetryAfter);
        Assert.Equal("nobody is in office", (await JsonAsync(nobody)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Where_there_is_no_room_for_its_folder_no_session_is_opened()
    {
        _node.Machine.Free = 1 << 20;
        using var answer = await PostAsync("/api/sessions", "{}");
        Assert.Equal(HttpStatusCode.InsufficientStorage, answer.StatusCode);
        Assert.Contains("only 1 MiB are free there", (await JsonAsync(answer)).GetProperty("detail").GetString());
        Assert.Empty(_node.Node.Opened);
    }

    [Fact]
    public async Task Whatever_stands_in_the_body_is_no_more_than_a_wrong_request()
    {
        const string whole = """{"launch":1,"attach":["http://h:1"],"traceConfig":{"includedCategories":["a"]},"perfettoConfig":"AA==","sampling":true,"mark":["a@1s"],"duration":"3s"}""";
        var random = new Random(1);
        var odd = "{}[]\":,0-e.\\ntx"u8.ToArray();
        for (var round = 0; round < 300; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(whole);
            for (var change = random.Next(1, 6); change > 0; change--)
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : odd[random.Next(odd.Length)];
            using var content = new ByteArrayContent(bytes[..random.Next(1, bytes.Length + 1)]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using var answer = await Http.PostAsync("/api/sessions", content);
            Assert.True(answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Accepted, $"round {round}: {answer.StatusCode} to {Encoding.UTF8.GetString(bytes)}");
        }
    }

    [Fact]
    public async Task Sessions_are_read_as_the_command_line_prints_them()
    {
        var document = await RecordedAsync();
        _node.Node.History.Add(new SessionSummary(document.SessionId, DateTimeOffset.UnixEpoch, null, null, null, 2, "/f"));
        _node.Node.Events.Add(new JournalEntry(1, DateTimeOffset.UnixEpoch, "session-opened/1", "{\"a\":1}"));
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
        Assert.Equal([$"mark {id} check out", $"end {id}", $"abort {id} given up on request", $"abort {id} the test failed"], _node.Node.Asked);
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
        Assert.Empty(_node.Node.Asked);
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
    public async Task Followers_get_a_snapshot_then_what_changed_and_the_end()
    {
        var id = await OpenedAsync();
        var plan = _node.Node.Opened[0];
        var preparing = FakeNode.View(plan, SessionPhase.Preparing);
        var reader = await FollowAsync(id, lastEventId: null);
        Assert.Equal((1, "snapshot"), await NextAsync(reader, json =>
        {
            Assert.Equal("preparing", json.GetProperty("phase").GetString());
            Assert.Equal(2, json.GetProperty("browsers").GetArrayLength());
            Assert.Equal(10, json.GetProperty("durationSeconds").GetDouble());
        }));
        _node.Node.Feeds[id].Show(preparing with { Phase = SessionPhase.Window, Browsers = [preparing.Browsers[0], preparing.Browsers[1] with { Outcome = BrowserOutcome.ConnectionLost, Reason = "gone" }] });
        Assert.Equal((2, "change"), await NextAsync(reader, json =>
        {
            Assert.Equal("window", json.GetProperty("phase").GetString());
            var browser = Assert.Single(json.GetProperty("browsers").EnumerateArray());
            Assert.Equal(("b2", "connectionLost", "gone"), (browser.GetProperty("name").GetString(), browser.GetProperty("outcome").GetString(), browser.GetProperty("reason").GetString()));
        }));
        _node.Node.Over(Documents.Of(plan, [BrowserOutcome.Complete, BrowserOutcome.ConnectionLost]));
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

    [Fact]
    public async Task Artifacts_are_those_that_the_document_tells_of()
    {
        var document = await RecordedAsync();
        var listed = await Http.GetFromJsonAsync<JsonElement>($"/api/sessions/{document.SessionId}/artifacts");
        Assert.Equal(
            [("browsers/b1.pftrace.gz", 100, "abc123"), ("browsers/b1.recording.json", 2, null), ("nodes/node-1.clock.json", 2, null), ("report.html", 6, null), ("session.json", 2, null)],
            listed.EnumerateArray().Select(artifact => (artifact.GetProperty("name").GetString(), artifact.GetProperty("bytes").GetInt32(), artifact.TryGetProperty("sha256", out var hash) ? hash.GetString() : null)));
        foreach (var artifact in listed.EnumerateArray())
        {
            using var answer = await Http.GetAsync($"/api/sessions/{document.SessionId}/artifacts/{artifact.GetProperty("name").GetString()}");
            Assert.Equal((HttpStatusCode.OK, artifact.GetProperty("bytes").GetInt32()), (answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync()).Length));
            Assert.False(answer.Headers.ETag!.IsWeak);
        }

        using var range = new HttpRequestMessage(HttpMethod.Get, $"/api/sessions/{document.SessionId}/artifacts/browsers/b1.pftrace.gz") { Headers = { Range = new RangeHeaderValue(90, null) } };
        using var part = await Http.SendAsync(range);
        Assert.Equal((HttpStatusCode.PartialContent, 10), (part.StatusCode, (await part.Content.ReadAsByteArrayAsync()).Length));
    }

    [Theory]
    [InlineData("other.txt")]
    [InlineData("browsers")]
    [InlineData("browsers/b2.pftrace.gz")]
    [InlineData("browsers/b9.pftrace.gz")]
    [InlineData("..%2fsecret")]
    [InlineData("%2e%2e/secret")]
    public async Task Other_files_are_not_handed_out(string name)
    {
        var document = await RecordedAsync();
        using var answer = await Http.GetAsync($"/api/sessions/{document.SessionId}/artifacts/{name}");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_document_that_names_files_elsewhere_opens_nothing()
    {
        var document = await RecordedAsync();
        _node.Folder.Write("secret", [1]);
        _node.Node.Documents[document.SessionId] = document with { Merged = [new MergedFile("perfetto", "../../secret", 1, "x")] };
        using var answer = await Http.GetAsync($"/api/sessions/{document.SessionId}/artifacts/..%2f..%2fsecret");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
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
        _node.Node.WhyNotReady = "not in the cluster yet";
        using var answer = await Http.GetAsync("/readyz");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not in the cluster yet"), (answer.StatusCode, (await JsonAsync(answer)).GetProperty("detail").GetString()));
        Assert.Equal("ok\n", await Http.GetStringAsync("/healthz"));
    }

    private async Task<string> OpenedAsync()
    {
        using var answer = await PostAsync("/api/sessions", "{}");
        return (await JsonAsync(answer)).GetProperty("sessionId").GetString()!;
    }

    /// <summary>A session of two browsers, the second of which was lost, with its files.</summary>
    private async Task<SessionDocument> RecordedAsync()
    {
        var id = await OpenedAsync();
        foreach (var (name, bytes) in ((string, int)[])[("session.json", 2), ("report.html", 6), ("other.txt", 1), ("browsers/b1.pftrace.gz", 100), ("browsers/b1.recording.json", 2), ("nodes/node-1.clock.json", 2)])
            _node.Folder.Write($"sessions/{id}/{name}", new byte[bytes]);
        var document = Documents.Of(_node.Node.Opened[^1], [BrowserOutcome.Complete, BrowserOutcome.ConnectionLost]);
        _node.Node.Over(document);
        return document;
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

    private Task<HttpResponseMessage> PostAsync(string path, string json) => Http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => JsonElement.Parse(await answer.Content.ReadAsStringAsync());

    /// <summary>The problem's errors, a line each: field, colon, what is wrong.</summary>
    private static async Task<string> ProblemsAsync(HttpResponseMessage answer) => answer.IsSuccessStatusCode ? "" : string.Join('\n', (await JsonAsync(answer)).GetProperty("errors").EnumerateArray()
        .Select(error => error.TryGetProperty("field", out var field) ? $"{field.GetString()}: {error.GetProperty("detail").GetString()}" : error.GetProperty("detail").GetString()));
}
