using Orchestrator.Actors.Tests.Support;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

/// <summary>Each phase's time-out, on virtual time: it passes only when the test says so.</summary>
public sealed class DeadlineTests() : SessionSpec(virtualTimers: true)
{
    private static readonly TimeSpan Past = Plans.Endless + TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_browser_that_is_not_ready_in_time_is_named_with_the_time_out()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var asked = new TaskCompletionSource();
        browsers["b1"].Browser.On("Browser.getVersion", _ => SimulatedAnswer.Nothing.Then(SimulatedAnswer.Do(_ => Task.FromResult(asked.TrySetResult()))));
        var run = Run(Plan(browsers).Requiring("1"));
        await asked.Task.Soon();
        await Rig.TickUntil(run.Views.Until(view => view.Browsers[1].State == "idle"));
        Rig.Advance(Past);

        var document = await Rig.TickUntil(run.DocumentAsync());
        AssertOutcomes(document, SessionOutcome.Partial, BrowserOutcome.Refused, BrowserOutcome.Complete);
        Assert.Equal("was not ready within 7200 s", Of(document, "b1").Reason);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task A_browser_that_never_says_where_it_listens_is_launchFailed_and_its_process_is_ended()
    {
        var program = await ShellProgram.WriteAsync(Temp.At("browser"), $"{ShellProgram.TellPid(Temp.At("pid"))}\nexec sleep 1000");
        var run = Run(Plans.Of(Folder, [new BrowserTarget { Name = "b1" }]) with { Launch = new LaunchPlan(program, []) });
        await Waiting.UntilAsync(() => File.Exists(Temp.At("pid")));
        Rig.Advance(Past);

        var document = await Rig.TickUntil(run.DocumentAsync());
        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.LaunchFailed);
        Assert.Equal("was not ready within 7200 s", Of(document, "b1").Reason);
        var group = int.Parse(await File.ReadAllTextAsync(Temp.At("pid")));
        await Waiting.UntilAsync(() => ProcessGroup.Living(group).Count == 0);
    }

    [Fact]
    public async Task A_start_that_is_never_answered_is_refused_and_names_the_time_out()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        browsers["b1"].Browser.On("Tracing.start", _ => SimulatedAnswer.Nothing);
        var run = Run(Plan(browsers).Requiring("1"));
        await Rig.TickUntil(run.Views.Until(view => view.Browsers[0].State == "starting" && view.Browsers[1].State == "recording"));
        Rig.Advance(Past);

        var document = await Rig.TickUntil(run.DocumentAsync());
        AssertOutcomes(document, SessionOutcome.Partial, BrowserOutcome.Refused, BrowserOutcome.Complete);
        Assert.Equal("did not answer Tracing.start within 7200 s", Of(document, "b1").Reason);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task A_window_may_be_longer_than_the_start_s_time_out_and_the_node_s_grace()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var plan = Plan(browsers);
        var run = Run(plan.UntilEnded() with { Timeouts = plan.Timeouts with { Start = TimeSpan.FromMinutes(1) } });
        await Rig.TickUntil(run.Views.Until(SessionPhase.Window));
        Rig.Advance(TimeSpan.FromMinutes(1) + Rig.Settings.NodeGrace + TimeSpan.FromSeconds(10));
        run.EndNow();

        AssertOutcomes(await Rig.TickUntil(run.DocumentAsync()), SessionOutcome.Complete, BrowserOutcome.Complete);
    }

    [Fact]
    public async Task A_trace_that_never_comes_is_flushTimedOut_after_the_flush_time_out()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        browsers["b1"].Browser.With(new Fault.LoseTracingComplete());
        var run = Run(Plan(browsers));
        await Rig.TickUntil(run.Views.Until(view => view.Phase is SessionPhase.Flushing && view.Browsers[0].State == "flushing" && view.Browsers[1].Outcome is BrowserOutcome.Complete));
        Rig.Advance(Past);

        var document = await Rig.TickUntil(run.DocumentAsync());
        AssertOutcomes(document, SessionOutcome.Partial, BrowserOutcome.FlushTimedOut, BrowserOutcome.Complete);
        Assert.Equal("its trace was not here 7200 s after the end", Of(document, "b1").Reason);
        Assert.Null(Of(document, "b1").File);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task What_came_before_the_flush_time_out_is_kept_as_partial()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var reads = 0;
        browsers["b1"].Browser.On("IO.read", _ => ++reads == 1 ? SimulatedAnswer.Result("{\"base64Encoded\":true,\"data\":\"AQID\",\"eof\":false}") : SimulatedAnswer.Nothing);
        var run = Run(Plan(browsers));
        await Rig.TickUntil(run.Views.Until(view => view.Phase is SessionPhase.Flushing && view.Browsers[0].Bytes == 3));
        Rig.Advance(Past);

        var document = await Rig.TickUntil(run.DocumentAsync());
        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.FlushTimedOut);
        Assert.Equal(("browsers/b1.pftrace.partial", true, 3), (Of(document, "b1").File, Of(document, "b1").Partial, Of(document, "b1").Bytes));
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Path.Combine(Folder, "browsers", "b1.pftrace.partial")));
    }

    [Fact]
    public async Task Events_that_came_before_the_flush_time_out_are_kept_as_partial()
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser
            .With(new Fault.LoseTracingComplete()).With(new TraceContent.Replayed("{\"traceEvents\":[{\"name\":\"one\"}]}"u8.ToArray())));
        var run = Run(Plan(browsers) with { Tracing = Plans.Events() });
        var growing = Path.Combine(Folder, "browsers", "b1.json.part");
        await Rig.TickUntil(run.Views.Until(view => view.Phase is SessionPhase.Flushing && view.Browsers[0].State == "flushing"));
        await Waiting.UntilAsync(() => new FileInfo(growing) is { Exists: true, Length: 30 });
        Rig.Advance(Past);

        var document = await Rig.TickUntil(run.DocumentAsync());
        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.FlushTimedOut);
        Assert.Equal("{\"traceEvents\":[{\"name\":\"one\"}]}", await File.ReadAllTextAsync(Path.Combine(Folder, "browsers", "b1.json.partial")));
    }

    [Fact]
    public async Task An_end_that_is_never_answered_ends_with_the_flush_time_out()
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.On("Tracing.end", _ => SimulatedAnswer.Nothing));
        var run = Run(Plan(browsers));
        await Rig.TickUntil(run.Views.Until(view => view.Phase is SessionPhase.Flushing && view.Browsers[0].State == "flushing"));
        Rig.Advance(Past);

        var document = await Rig.TickUntil(run.DocumentAsync());
        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.FlushTimedOut);
        AssertToldOnce(document);
    }

    [Fact]
    public async Task A_marker_that_is_never_answered_holds_nothing_up()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        browsers["b1"].Browser.On("Tracing.recordClockSyncMarker", _ => SimulatedAnswer.Nothing);
        var plan = Plan(browsers, url: "http://page.test/");
        var run = Run(plan with { Window = plan.Window with { Markers = [new PlannedMarker("all", TimeSpan.FromMilliseconds(100))] } });

        var document = await Rig.TickUntil(run.DocumentAsync());
        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete);
        Assert.Equal(0, Of(document, "b1").Markers);
        Assert.Equal("all", Assert.Single(document.Markers).Label);
        AssertToldOnce(document);
        Assert.All(browsers.Servers, server => Assert.Contains("Page.navigate", server.Methods()));
    }
}
