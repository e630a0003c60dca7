using System.Diagnostics;
using Orchestrator.Actors.Browsers;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Browsers;

/// <summary>Real browsers.</summary>
public sealed class ChromiumTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [ChromiumFact]
    public async Task A_browser_comes_up_answers_and_leaves_neither_process_nor_profile()
    {
        using var launcher = new BrowserLauncher();
        var browser = await launcher.LaunchAsync(new LaunchPlan(Chromium.Path!, []), CancellationToken.None).Soon();
        await using (var connection = await CdpConnection.ConnectAsync(browser.Endpoint, TimeProvider.System, options: null, CancellationToken.None).Soon())
        {
            var version = await connection.CallAsync(BrowserDomain.GetVersion).Soon();
            Assert.Contains("Chrome/", version.Result.Product);
            Assert.Contains(browser.ProcessId, ProcessGroup.Living(browser.ProcessId));
        }

        await browser.DisposeAsync();
        await Waiting.UntilAsync(() => ProcessGroup.Living(browser.ProcessId).Count == 0);
        Assert.False(Directory.Exists(browser.Profile));
    }

    [ChromiumFact]
    public async Task A_browser_that_is_killed_while_it_records_is_connectionLost_with_the_signal_and_the_other_s_trace_is_whole()
    {
        await File.WriteAllTextAsync(_temp.At("page.html"), "<!doctype html><title>page</title><script>setInterval(() => document.title = performance.now(), 10)</script>");
        await using var orchestrator = await Local.StartAsync(_temp.At("data"));
        using var end = new CancellationTokenSource();
        var views = new ViewLog();
        var url = new Uri(_temp.At("page.html")).AbsoluteUri;
        var plan = Plans.Of(_temp.At("session"), [new BrowserTarget { Name = "b1", Url = url }, new BrowserTarget { Name = "b2", Url = url }]).UntilEnded() with
        {
            Launch = new LaunchPlan(Chromium.Path!, []),
        };
        // Chromium was seen to need a minute for its last word, on a machine that is busy.
        var recording = orchestrator.RecordAsync(plan, views.Add, end.Token, CancellationToken.None);
        await views.Until(SessionPhase.Window);
        var ready = (await orchestrator.ReadSessionAsync(plan.SessionId, CancellationToken.None).Soon())!;
        var pids = ready.Browsers.Select(browser => browser.ProcessId!.Value).ToList();
        using (var victim = Process.GetProcessById(pids[0])) victim.Kill();
        await views.UntilEnded("b1");
        await end.CancelAsync();

        var document = await recording.WaitAsync(TimeSpan.FromMinutes(4));
        Assert.Equal(SessionOutcome.Partial, document.Outcome);
        Assert.Equal([BrowserOutcome.ConnectionLost, BrowserOutcome.Complete], document.Browsers.Select(browser => browser.Outcome!.Value));
        Assert.StartsWith($"the browser's process {pids[0]} ended (signal 9)", document.Browsers[0].Reason);
        Assert.Empty(document.Browsers[1].Warnings);
        var trace = new FileInfo(Path.Combine(plan.OutputFolder, document.Browsers[1].File!));
        Assert.Equal(document.Browsers[1].Bytes, trace.Length);
        Assert.True(trace.Length > 1000, $"a trace of {trace.Length} bytes");
        foreach (var pid in pids) await Waiting.UntilAsync(() => ProcessGroup.Living(pid).Count == 0);
    }
}
