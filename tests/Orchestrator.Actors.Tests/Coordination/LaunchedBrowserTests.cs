using Orchestrator.Actors.Tests.Support;
using Orchestrator.Cdp.Protocol;
using Orchestrator.TestKit.Browsers;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

/// <summary>Browsers that the session launches: a program that says where the test's browser listens, and waits. None may be left behind.</summary>
public sealed class LaunchedBrowserTests : SessionSpec
{
    [Fact]
    public async Task A_launched_browser_is_recorded_on_its_first_page_and_gone_at_the_end()
    {
        await using var server = await SimulatedBrowserServer.StartAsync();
        var document = await Rig.RecordAsync(await LaunchingAsync(server));

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete);
        Assert.Equal(Pid(), Of(document, "b1").ProcessId);
        Assert.Equal("http://page.test/", Assert.Single(server.Browser.Targets).Url);
        Assert.DoesNotContain("Target.createTarget", server.Methods());
        await AssertGoneAsync();
    }

    [Fact]
    public async Task A_launched_browser_has_compressed_a_trace_before_the_one_that_counts()
    {
        await using var server = await SimulatedBrowserServer.StartAsync();
        var document = await Rig.RecordAsync(await LaunchingAsync(server) with { Tracing = Plans.Stream(StreamFormat.Proto, StreamCompression.Gzip) });

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete);
        var traced = server.Methods().Where(method => method is "Tracing.start" or "Tracing.end" or "IO.close");
        Assert.Equal(["Tracing.start", "Tracing.end", "IO.close", "Tracing.start", "Tracing.end", "IO.close"], traced);
        await AssertGoneAsync();
    }

    [Fact]
    public async Task A_launched_browser_that_is_killed_is_connectionLost_and_the_reason_names_the_signal()
    {
        await using var server = await SimulatedBrowserServer.StartAsync();
        var run = Run((await LaunchingAsync(server)).UntilEnded());
        await run.Views.Until(SessionPhase.Window);
        using (var victim = System.Diagnostics.Process.GetProcessById(Pid())) victim.Kill();
        server.DropConnections();

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.ConnectionLost);
        Assert.StartsWith($"the browser's process {Pid()} ended (signal 9); ", Of(document, "b1").Reason);
        await AssertGoneAsync();
    }

    [Fact]
    public async Task A_connection_that_is_lost_while_the_process_lives_is_told_as_that_and_the_process_is_ended()
    {
        await using var server = await SimulatedBrowserServer.StartAsync();
        var run = Run((await LaunchingAsync(server)).UntilEnded());
        await run.Views.Until(SessionPhase.Window);
        server.DropConnections();

        var document = await run.DocumentAsync();
        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.ConnectionLost);
        Assert.DoesNotContain("process", Of(document, "b1").Reason);
        await AssertGoneAsync();
    }

    [Theory]
    [InlineData("Browser.getVersion", SessionPhase.Preparing)]
    [InlineData("Tracing.start", SessionPhase.Starting)]
    [InlineData("Nothing.atAll", SessionPhase.Window)]
    [InlineData("IO.read", SessionPhase.Flushing)]
    public async Task Given_up_in_any_phase_no_process_is_left(string held, SessionPhase phase)
    {
        await using var server = await SimulatedBrowserServer.StartAsync(browser => browser.On(held, _ => SimulatedAnswer.Nothing));
        var run = Run(phase is SessionPhase.Flushing ? await LaunchingAsync(server) : (await LaunchingAsync(server)).UntilEnded());
        await run.Views.Until(phase);
        await Waiting.UntilAsync(() => File.Exists(Temp.At("pid")));
        run.Abort();

        AssertOutcomes(await run.DocumentAsync(), SessionOutcome.Aborted, BrowserOutcome.Aborted);
        await AssertGoneAsync();
    }

    [Theory]
    [InlineData("Browser.getVersion", SessionPhase.Preparing)]
    [InlineData("Nothing.atAll", SessionPhase.Window)]
    public async Task When_the_node_goes_away_no_process_is_left(string held, SessionPhase phase)
    {
        await using var server = await SimulatedBrowserServer.StartAsync(browser => browser.On(held, _ => SimulatedAnswer.Nothing));
        var run = Run((await LaunchingAsync(server)).UntilEnded());
        await run.Views.Until(phase);
        await Waiting.UntilAsync(() => File.Exists(Temp.At("pid")));
        Rig.System.Stop(Rig.Node);

        AssertOutcomes(await run.DocumentAsync(), SessionOutcome.Failed, BrowserOutcome.NodeLost);
        await AssertGoneAsync();
    }

    [Fact]
    public async Task When_the_disk_fails_the_trace_no_process_is_left()
    {
        await using var server = await SimulatedBrowserServer.StartAsync();
        var run = Run((await LaunchingAsync(server)).UntilEnded());
        await run.Views.Until(SessionPhase.Window);
        Directory.Delete(Folder, recursive: true);
        run.EndNow();

        Assert.IsType<Actors.Coordination.SessionProtocol.Closed>(await run.Answer.Soon());
        await AssertGoneAsync();
    }

    [Fact]
    public async Task When_the_journal_fails_no_process_is_left()
    {
        await using var server = await SimulatedBrowserServer.StartAsync();
        Rig.Journal.Fails = happened => happened is SessionEvent.WindowOpened;

        Assert.IsType<Actors.Coordination.SessionProtocol.Refused>(await Run(await LaunchingAsync(server)).Answer.Soon());
        await AssertGoneAsync();
    }

    [Fact]
    public async Task A_browser_that_comes_up_and_is_none_is_launchFailed()
    {
        await using var server = await SimulatedBrowserServer.StartAsync(browser => browser.On("Browser.getVersion", _ => SimulatedAnswer.Error(-32601, "'Browser.getVersion' wasn't found")));
        var document = await Rig.RecordAsync(await LaunchingAsync(server));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.LaunchFailed);
        Assert.Equal("'Browser.getVersion' wasn't found", Of(document, "b1").Reason);
        await AssertGoneAsync();
    }

    private async Task<SessionPlan> LaunchingAsync(SimulatedBrowserServer server)
    {
        var program = await ShellProgram.WriteAsync(Temp.At("browser"), $"""
            {ShellProgram.TellPid(Temp.At("pid"))}
            echo 'DevTools listening on {server.BrowserUrl}' >&2
            exec sleep 1000
            """);
        return Plans.Of(Folder, [new BrowserTarget { Name = "b1", Url = "http://page.test/" }]) with { Launch = new LaunchPlan(program, []) };
    }

    private int Pid() => int.Parse(File.ReadAllText(Temp.At("pid")));

    private Task AssertGoneAsync()
    {
        var group = Pid();
        return Waiting.UntilAsync(() => ProcessGroup.Living(group).Count == 0);
    }
}
