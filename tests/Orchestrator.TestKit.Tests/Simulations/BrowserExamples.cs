using Orchestrator.Cdp.Protocol;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Time;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Tests.Simulations;

/// <summary>The examples of docs/testkit.md about single browsers, word for word: a test keeps them the same.</summary>
public sealed class BrowserExamples
{
    // <example: behind a real WebSocket>
    [Fact]
    public async Task Any_client_can_record_a_simulated_browser()
    {
        await using var server = await SimulatedBrowserServer.StartAsync(
        [
            new SimulatedBrowser { Id = "quick" },
            new SimulatedBrowser(new BrowserConditions { Flushing = new Delay.Constant(TimeSpan.FromSeconds(1)) }) { Id = "slow" },
        ]);

        using var http = new HttpClient();
        var version = await http.GetStringAsync(new Uri(server.Endpoints[1].HttpUrl, "/json/version"));

        Assert.Contains("/devtools/browser/slow", version);
    }
    // </example>

    // <example: one browser on virtual time>
    [Fact]
    public void A_client_of_yours_meets_a_browser_that_hangs()
    {
        var time = new VirtualTime();
        var conditions = new BrowserConditions { Faults = [new Fault.Hang(After: TimeSpan.FromMinutes(5))] };
        var browser = new SimulatedBrowser(conditions, time);

        async Task<string> RecordAsync()
        {
            await using var connection = await browser.ConnectAsync();
            await connection.CallAsync(TracingDomain.Start, new TracingStartParams());
            await Task.Delay(TimeSpan.FromMinutes(10), time);
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1), time);
            try
            {
                await connection.CallAsync(TracingDomain.End, ct: patience.Token);
                return "ended";
            }
            catch (OperationCanceledException)
            {
                return "given up";
            }
        }

        Assert.Equal("given up", time.Run(RecordAsync));
        Assert.Equal(TimeSpan.FromMinutes(11), time.GetElapsedTime(VirtualTime.BeginningNanos));
    }
    // </example>
}
