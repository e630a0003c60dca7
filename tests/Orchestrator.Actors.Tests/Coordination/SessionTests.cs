using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Cdp.Protocol;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

/// <summary>Sessions in which nothing goes wrong.</summary>
public sealed class SessionTests : SessionSpec
{
    [Fact]
    public async Task Three_browsers_are_recorded_together_and_their_bytes_are_on_disk_untouched()
    {
        await using var browsers = await TestBrowsers.StartAsync(3);
        foreach (var (server, seed) in browsers.Servers.Select((server, index) => (server, index + 1)))
            server.Browser.With(new TraceContent.Replayed(TestBrowserExtensions.TraceBytes(seed, seed * 100_000)));
        var plan = Plan(browsers);

        var document = await Rig.RecordAsync(plan);

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete);
        AssertToldOnce(document);
        Assert.Null(document.Reason);
        foreach (var seed in (int[])[1, 2, 3])
        {
            var browser = Of(document, $"b{seed}");
            var expected = TestBrowserExtensions.TraceBytes(seed, seed * 100_000);
            Assert.Equal($"browsers/b{seed}.pftrace", browser.File);
            Assert.Equal(expected, await File.ReadAllBytesAsync(Path.Combine(Folder, browser.File!)));
            Assert.Equal((expected.Length, Convert.ToHexStringLower(SHA256.HashData(expected))), (browser.Bytes, browser.Sha256));
            Assert.False(browser.Partial);
            Assert.Equal("here", browser.Node);
            Assert.Equal("Chrome/156.0.8078.79", browser.Product);
        }

        Assert.DoesNotContain(Temp.Files(), file => file.EndsWith(".part", StringComparison.Ordinal) || file.EndsWith(".partial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_journal_tells_the_session_in_its_order()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var plan = Plan(browsers);
        var document = await Rig.RecordAsync(plan with { Window = plan.Window with { Markers = [new PlannedMarker("here", TimeSpan.FromMilliseconds(100))] } });

        AssertToldOnce(document);
        // Reports may come before all have answered the end; nothing else may change places.
        var withoutReports = Rig.Journal.EventsOf(document.SessionId).Where(happened => happened is not SessionEvent.BrowserEnded).Select(happened => happened.GetType().Name);
        Assert.Equal(["Opened", "BrowserReady", "BrowserReady", "WindowOpened", "MarkerPlaced", "WindowClosed", "ClocksAligned", "TracesMerged", "Ended"], withoutReports);
    }

    [Fact]
    public async Task Session_json_says_what_the_session_answered()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var document = await Rig.RecordAsync(Plan(browsers));

        var written = await File.ReadAllBytesAsync(Path.Combine(Folder, "session.json"));
        Assert.Equal(document.ToUtf8(), written);
        Assert.Equal(SessionOutcome.Complete, SessionDocument.Parse(written).Outcome);
    }

    [Fact]
    public async Task Skews_are_measured_between_the_browsers_and_one_browser_has_none()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var document = await Rig.RecordAsync(Plan(browsers));

        Assert.Equal(new SkewDocument(0, 0, 0), document.Skew);
        Assert.True(document.PreparedAt <= document.WindowOpenedAt && document.WindowOpenedAt < document.WindowClosedAt && document.WindowClosedAt <= document.EndedAt);
    }

    [Fact]
    public async Task Every_browser_starts_with_exactly_the_parameters_of_the_plan_and_is_left_as_it_was()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var plan = Plan(browsers);
        await Rig.RecordAsync(plan);

        foreach (var server in browsers.Servers)
        {
            var start = Assert.Single(server.Browser.Requests, request => request.Method == "Tracing.start");
            Assert.True(JsonElement.DeepEquals(plan.Tracing.Start, start.Params));
            Assert.Single(server.Methods(), "Tracing.end");
            Assert.Single(server.Methods(), "IO.close");
            Assert.False(server.Browser.IsRecording);
            Assert.Single(server.Browser.Targets);
            await start.Connection.Closed.Soon();
        }
    }

    [Fact]
    public async Task A_page_that_the_session_made_opens_its_url_when_all_record_and_is_closed_at_the_end()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var document = await Rig.RecordAsync(Plan(browsers, url: "http://page.test/"));

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete);
        foreach (var server in browsers.Servers)
        {
            var methods = server.Methods().ToList();
            Assert.True(methods.IndexOf("Page.navigate") > methods.IndexOf("Tracing.start"));
            Assert.Equal("http://page.test/", Assert.Single(server.Browser.Requests, request => request.Method == "Page.navigate").Text("url"));
            Assert.Contains("Target.closeTarget", methods);
            Assert.Equal("about:blank", Assert.Single(server.Browser.Targets).Url);
        }
    }

    [Fact]
    public async Task A_page_endpoint_is_recorded_and_its_page_stays()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var target = new BrowserTarget { Name = "b1", Endpoint = browsers["b1"].PageUrl.OriginalString, Url = "http://page.test/" };
        var document = await Rig.RecordAsync(Plans.Of(Folder, [target]));

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete);
        Assert.Equal("http://page.test/", Assert.Single(browsers["b1"].Browser.Targets).Url);
        Assert.DoesNotContain("Target.createTarget", browsers["b1"].Methods());
    }

    [Fact]
    public async Task An_http_endpoint_is_resolved_and_session_json_names_the_web_socket()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var target = new BrowserTarget { Name = "b1", Endpoint = browsers["b1"].HttpUrl.OriginalString };
        var document = await Rig.RecordAsync(Plans.Of(Folder, [target]));

        Assert.Equal(browsers["b1"].BrowserUrl.ToString(), Of(document, "b1").Endpoint);
    }

    [Theory]
    [InlineData(StreamFormat.Proto, StreamCompression.Gzip, "browsers/b1.pftrace.gz")]
    [InlineData(StreamFormat.Proto, StreamCompression.None, "browsers/b1.pftrace")]
    [InlineData(StreamFormat.Json, StreamCompression.Gzip, "browsers/b1.json.gz")]
    [InlineData(StreamFormat.Json, StreamCompression.None, "browsers/b1.json")]
    public async Task Every_kind_of_stream_has_its_name(StreamFormat format, StreamCompression compression, string file)
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var document = await Rig.RecordAsync(Plan(browsers) with { Tracing = Plans.Stream(format, compression) });

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete);
        Assert.Equal(file, Of(document, "b1").File);
        Assert.Equal(new FileInfo(Path.Combine(Folder, file)).Length, Of(document, "b1").Bytes);
    }

    [Fact]
    public async Task A_trace_that_comes_as_events_is_one_json_file_that_holds_them_all()
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser =>
            browser.With(new TraceContent.Replayed(Encoding.UTF8.GetBytes(
                $"{{\"traceEvents\":[{string.Join(',', Enumerable.Range(0, 10).SelectMany(message => Enumerable.Range(0, 100).Select(i => $"{{\"name\":\"e{message}-{i}\"}}")))}]}}"))));
        var document = await Rig.RecordAsync(Plan(browsers) with { Tracing = Plans.Events() });

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete);
        var bytes = await File.ReadAllBytesAsync(Path.Combine(Folder, "browsers", "b1.json"));
        using var json = JsonDocument.Parse(bytes);
        var events = json.RootElement.GetProperty("traceEvents").EnumerateArray().Select(one => one.GetProperty("name").GetString()).ToList();
        Assert.Equal(Enumerable.Range(0, 10).SelectMany(message => Enumerable.Range(0, 100).Select(i => $"e{message}-{i}")), events);
        Assert.Equal((bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes))), (Of(document, "b1").Bytes, Of(document, "b1").Sha256));
    }

    [Fact]
    public async Task The_buffer_s_peak_is_the_highest_that_the_browser_told_and_null_when_it_told_nothing()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var run = Run(Plan(browsers).UntilEnded());
        await run.Views.Until(SessionPhase.Window);
        foreach (var fill in (string[])["0.1", "0.7", "0.3"])
            await browsers["b1"].Connections.Single().SendEventAsync("Tracing.bufferUsage", $"{{\"percentFull\":{fill},\"eventCount\":0,\"value\":{fill}}}");
        run.EndNow();
        var document = await run.DocumentAsync();

        Assert.Equal((0.7, (double?)null), (Of(document, "b1").BufferPeak, Of(document, "b2").BufferPeak));
    }

    [Fact]
    public async Task Data_loss_is_told_of_the_browser_and_of_the_session()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        browsers["b2"].Browser.With(new Fault.DataLoss());
        var document = await Rig.RecordAsync(Plan(browsers));

        AssertOutcomes(document, SessionOutcome.CompleteWithLoss, BrowserOutcome.Complete, BrowserOutcome.CompleteWithLoss);
        Assert.Equal((false, true), (Of(document, "b1").DataLoss, Of(document, "b2").DataLoss));
        Assert.Equal("b2 completeWithLoss", document.Reason);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task Whoever_watches_sees_the_phases_in_their_order_and_the_end()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var run = Run(Plan(browsers));
        await run.DocumentAsync();

        var last = await run.Views.Until(SessionPhase.Ended);
        Assert.Equal(BrowserOutcome.Complete, last.Browsers.Single().Outcome);
        var phases = run.Views.Seen.Select(view => view.Phase).ToList();
        Assert.Equal(phases.Order(), phases);
        Assert.Equal(Enum.GetValues<SessionPhase>(), phases.Distinct());
        Assert.All(run.Views.Seen.Where(view => view.Phase >= SessionPhase.Window), view => Assert.NotNull(view.WindowOpenedAt));
    }

    [Fact]
    public async Task A_browser_that_ends_by_itself_while_it_records_gives_its_trace_all_the_same()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var ended = browsers["b1"].Gets("IO.close");
        var run = Run(Plan(browsers).UntilEnded());
        await run.Views.Until(SessionPhase.Window);

        // An 'end' that did not come from us: the browser's own decision, as far as the orchestrator can see.
        var start = browsers["b1"].Browser.Requests.First(request => request.Method == "Tracing.start");
        var reads = 0;
        browsers["b1"].Browser.On("IO.read", _ => SimulatedAnswer.Result(
            ++reads == 1 ? """{"base64Encoded":true,"data":"AQID","eof":false}""" : """{"base64Encoded":true,"data":"","eof":true}"""));
        await start.Connection.SendEventAsync("Tracing.tracingComplete", "{\"dataLossOccurred\":false,\"stream\":\"s\",\"traceFormat\":\"proto\",\"streamCompression\":\"none\"}");
        await ended.Soon();
        await run.Views.UntilEnded("b1");
        run.EndNow();

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete);
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Path.Combine(Folder, "browsers", "b1.pftrace")));
    }
}
