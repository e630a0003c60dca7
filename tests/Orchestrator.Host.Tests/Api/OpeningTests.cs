using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Orchestrator.Actors.Hosting;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Api;

/// <summary>What a body asks for, and what is told when it is wrong.</summary>
public sealed class OpeningTests : ApiSpec
{
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
        var plan = Assert.Single(Served.Node.Opened);
        Assert.Equal($"/api/sessions/{plan.SessionId}", answer.Headers.Location!.OriginalString);
        Assert.Equal(plan.SessionId, (await JsonAsync(answer)).GetProperty("sessionId").GetString());
        Assert.Equal(Path.Combine(Served.Node.SessionsFolder, plan.SessionId), plan.OutputFolder);
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
        Assert.Equal(Convert.ToBase64String(PerfettoConfigs.TrackEvents), Served.Node.Opened[0].Tracing.Start.GetProperty("perfettoConfig").GetString());
    }

    [Fact]
    public async Task With_no_more_than_braces_two_browsers_are_launched_on_their_nodes_own_page()
    {
        using var answer = await PostAsync("/api/sessions", "{}");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.All(Served.Node.Opened[0].Targets, target => Assert.Equal((null, null, null), (target.Url, target.Node, target.Endpoint)));
        Assert.Equal(2, Served.Node.Opened[0].Targets.Count);
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
        Assert.Empty(Served.Node.Opened);
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
        Assert.Empty(Served.Node.Opened);
    }

    [Fact]
    public async Task What_the_coordinator_refuses_is_a_conflict_and_nobody_in_office_a_503()
    {
        Served.Node.Refuses = _ => new SessionRefusedException("the journal is away");
        using var refused = await PostAsync("/api/sessions", "{}");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal("the journal is away", (await JsonAsync(refused)).GetProperty("detail").GetString());
        Served.Node.Coordinator = () => throw new CoordinatorUnavailableException("nobody is in office");
        using var nobody = await Http.GetAsync("/api/sessions");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, nobody.StatusCode);
        Assert.NotNull(nobody.Headers.RetryAfter);
        Assert.Equal("nobody is in office", (await JsonAsync(nobody)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_session_of_which_nobody_knows_whether_it_is_open_is_not_said_to_be_not_open()
    {
        Served.Node.Refuses = _ => new AnswerMissingException("session x may be open or not");
        using var answer = await PostAsync("/api/sessions", "{}");
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Equal("session x may be open or not", (await JsonAsync(answer)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Where_there_is_no_room_for_its_folder_no_session_is_opened()
    {
        Served.Machine.Free = 1 << 20;
        using var answer = await PostAsync("/api/sessions", "{}");
        Assert.Equal(HttpStatusCode.InsufficientStorage, answer.StatusCode);
        Assert.Contains("only 1 MiB are free there", (await JsonAsync(answer)).GetProperty("detail").GetString());
        Assert.Empty(Served.Node.Opened);
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
}
