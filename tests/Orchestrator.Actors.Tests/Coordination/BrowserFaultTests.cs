using Orchestrator.Actors.Tests.Support;
using Orchestrator.Cdp.Protocol;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

/// <summary>One browser of several fails: it gets its outcome with the reason, the others finish.</summary>
public sealed class BrowserFaultTests : SessionSpec
{
    [Fact]
    public async Task A_browser_that_dies_while_recording_is_connectionLost_and_the_others_finish()
    {
        await using var browsers = await TestBrowsers.StartAsync(3);
        var run = Run(Plan(browsers).UntilEnded());
        await run.Views.Until(SessionPhase.Window);
        browsers["b2"].DropConnections();
        await run.Views.UntilEnded("b2");
        run.EndNow();

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Partial, BrowserOutcome.Complete, BrowserOutcome.ConnectionLost, BrowserOutcome.Complete);
        AssertToldOnce(document);
        Assert.NotEmpty(Of(document, "b2").Reason!);
        Assert.Equal($"b2 connectionLost: {Of(document, "b2").Reason}", document.Reason);
        Assert.Null(Of(document, "b2").File);
        Assert.Equal(["session/browsers/b1.pftrace", "session/browsers/b1.recording.json", "session/browsers/b2.recording.json", "session/browsers/b3.pftrace", "session/browsers/b3.recording.json", "session/report.html", "session/session.json"], Temp.Files());
    }

    [Fact]
    public async Task A_browser_that_closes_its_connection_with_a_handshake_is_connectionLost_too()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var run = Run(Plan(browsers).UntilEnded());
        await run.Views.Until(SessionPhase.Window);
        await browsers["b1"].Connections.Single().CloseAsync();

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.ConnectionLost);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task When_every_browser_is_lost_the_session_does_not_wait_for_its_window_to_end()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var run = Run(Plan(browsers).UntilEnded());
        await run.Views.Until(SessionPhase.Window);
        foreach (var server in browsers.Servers) server.DropConnections();

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.ConnectionLost, BrowserOutcome.ConnectionLost);
        AssertToldOnce(document);
        Assert.Null(document.Skew.EndSendMicros);
    }

    [Fact]
    public async Task Whoever_records_already_is_left_alone_and_the_start_is_refused_in_the_browser_s_own_words()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        await using var other = await browsers["b1"].ConnectAsync();
        await other.CallAsync(TracingDomain.Start, new TracingStartParams { TransferMode = TransferMode.ReturnAsStream }).Soon();

        var document = await Rig.RecordAsync(Plan(browsers));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.Refused);
        AssertToldOnce(document);
        Assert.Equal("Tracing has already been started (possibly in another tab).", Of(document, "b1").Reason);
        Assert.True(browsers["b1"].Browser.IsRecording);
        var complete = new TaskCompletionSource();
        using var listening = other.On(TracingDomain.TracingComplete, _ => complete.TrySetResult());
        await other.CallAsync(TracingDomain.End).Soon();
        await complete.Task.Soon();
        Assert.DoesNotContain(Temp.Files(), file => file.Contains("pftrace", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_browser_that_goes_when_its_last_byte_has_come_is_complete()
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.On("IO.close", _ => SimulatedAnswer.Drop));

        var document = await Run(Plan(browsers)).DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete);
        Assert.False(Of(document, "b1").Partial);
        Assert.NotNull(Of(document, "b1").File);
    }

    [Fact]
    public async Task What_had_come_when_the_connection_broke_in_mid_stream_is_kept_as_partial()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var trace = TestBrowserExtensions.TraceBytes(seed: 7, 20 << 20);
        browsers["b1"].Browser.With(new TraceContent.Replayed(trace)).With(new Fault.CloseMidStream(0.5));

        var document = await Rig.RecordAsync(Plan(browsers));

        AssertOutcomes(document, SessionOutcome.Partial, BrowserOutcome.ConnectionLost, BrowserOutcome.Complete);
        var browser = Of(document, "b1");
        // The answers of one or another of the reads in flight may have been lost with the connection.
        var kept = await File.ReadAllBytesAsync(Path.Combine(Folder, "browsers", "b1.pftrace.partial"));
        Assert.Equal(("browsers/b1.pftrace.partial", true, kept.Length), (browser.File, browser.Partial, browser.Bytes));
        Assert.Equal(trace[..kept.Length], kept);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(kept)), browser.Sha256);
        Assert.False(File.Exists(Path.Combine(Folder, "browsers", "b1.pftrace")));
        Assert.False(File.Exists(Path.Combine(Folder, "browsers", "b1.pftrace.part")));
    }

    [Theory]
    [InlineData("{\"id\": nonsense")]
    [InlineData("[1,2,3]")]
    [InlineData("{\"id\":987654321,\"result\":{}}")]
    public async Task A_browser_that_talks_garbage_is_corrupt_and_the_others_finish(string garbage)
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var run = Run(Plan(browsers).UntilEnded());
        await run.Views.Until(SessionPhase.Window);
        await browsers["b1"].Connections.Single().SendAsync(garbage);
        await run.Views.UntilEnded("b1");
        run.EndNow();

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Partial, BrowserOutcome.Corrupt, BrowserOutcome.Complete);
        Assert.NotEmpty(Of(document, "b1").Reason!);
    }

    [Fact]
    public async Task A_stream_that_is_garbage_is_corrupt_and_says_so()
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.On("IO.read", _ => SimulatedAnswer.Result("{\"surprise\":true}")));
        var document = await Rig.RecordAsync(Plan(browsers));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.Corrupt);
        Assert.Contains("IO.read", Of(document, "b1").Reason);
    }

    [Fact]
    public async Task A_stream_that_the_browser_does_not_give_out_is_corrupt_in_the_browser_s_own_words()
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.On("IO.read", _ => SimulatedAnswer.Error(-32602, "Invalid stream handle")));
        var document = await Rig.RecordAsync(Plan(browsers));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.Corrupt);
        Assert.Equal("IO.read was refused: Invalid stream handle", Of(document, "b1").Reason);
    }

    [Theory]
    [InlineData("{\"dataLossOccurred\":false}", "names no stream")]
    [InlineData("{\"dataLossOccurred\":false,\"stream\":\"1\",\"traceFormat\":\"json\",\"streamCompression\":\"none\"}", "where Proto, None was asked for")]
    public async Task A_trace_of_another_kind_than_asked_for_is_not_kept_under_a_name_that_lies(string complete, string reason)
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.On("Tracing.end", _ =>
            SimulatedAnswer.Result().Then(SimulatedAnswer.Do(request => request.Connection.SendEventAsync("Tracing.tracingComplete", complete)))));
        var document = await Rig.RecordAsync(Plan(browsers));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.Corrupt);
        Assert.Contains(reason, Of(document, "b1").Reason);
        Assert.Null(Of(document, "b1").File);
    }

    [Fact]
    public async Task An_end_that_the_browser_refuses_is_told_in_its_words()
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.On("Tracing.end", _ => SimulatedAnswer.Error(-32000, "Tracing is not started")));
        var document = await Rig.RecordAsync(Plan(browsers));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.Corrupt);
        Assert.Equal("Tracing.end was refused: Tracing is not started", Of(document, "b1").Reason);
    }

    [Fact]
    public async Task Markers_that_a_browser_refuses_are_warnings()
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.On("Tracing.recordClockSyncMarker", _ => SimulatedAnswer.Error(-32000, "not now")));
        var document = await Rig.RecordAsync(Plan(browsers));

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete);
        Assert.Equal(0, Of(document, "b1").Markers);
        Assert.Contains(Of(document, "b1").Warnings, warning => warning.EndsWith("not now", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_that_does_not_open_is_a_warning()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        browsers["b1"].Browser.On("Page.navigate", _ => SimulatedAnswer.Result("{\"frameId\":\"F\",\"errorText\":\"net::ERR_NAME_NOT_RESOLVED\"}"));
        browsers["b2"].Browser.On("Page.navigate", _ => SimulatedAnswer.Error(-32000, "Cannot navigate to invalid URL"));
        var document = await Rig.RecordAsync(Plan(browsers, url: "http://nowhere.test/"));

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete);
        Assert.Equal(["http://nowhere.test/ did not open: net::ERR_NAME_NOT_RESOLVED"], Of(document, "b1").Warnings);
        Assert.Equal(["http://nowhere.test/ did not open: Cannot navigate to invalid URL"], Of(document, "b2").Warnings);
    }

    [Fact]
    public async Task Categories_that_the_browser_does_not_know_are_a_warning()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        browsers["b1"].Browser.Categories = ["v8"];
        browsers["b2"].Browser.EmptyCategoryAnswers = 1; // one that lists nothing is not taken at its word
        var document = await Rig.RecordAsync(Plan(browsers));

        Assert.Equal(["the browser does not list these categories: devtools.timeline"], Of(document, "b1").Warnings);
        Assert.Empty(Of(document, "b2").Warnings);
    }

    [Fact]
    public async Task Events_that_have_all_come_are_a_whole_trace_though_the_connection_goes_with_the_last_word()
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.On("Tracing.end", _ => SimulatedAnswer.Result()
            .Then(SimulatedAnswer.Do(request => request.Connection.SendEventAsync("Tracing.dataCollected", "{\"value\":[{\"name\":\"one\"}]}")))
            .Then(SimulatedAnswer.Do(request => request.Connection.SendEventAsync("Tracing.tracingComplete", "{\"dataLossOccurred\":false}")))
            .Then(SimulatedAnswer.Close)));
        var document = await Rig.RecordAsync(Plan(browsers) with { Tracing = Plans.Events() });

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete);
        Assert.Equal("{\"traceEvents\":[{\"name\":\"one\"}]}", await File.ReadAllTextAsync(Path.Combine(Folder, "browsers", "b1.json")));
    }

    [Fact]
    public async Task A_memory_dump_that_is_never_answered_is_told_as_none()
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.On("Tracing.requestMemoryDump", _ => SimulatedAnswer.Nothing));
        var plan = Plan(browsers);
        var document = await Rig.RecordAsync(plan with { Window = plan.Window with { MemoryDumps = [new PlannedMemoryDump("light", TimeSpan.Zero)] } });

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete);
        Assert.Equal([new MemoryDump(null, Success: false, "light")], Of(document, "b1").MemoryDumps);
        Assert.Equal(["the light memory dump was not answered before the recording was over"], Of(document, "b1").Warnings);
    }
}
