using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Support;

namespace Orchestrator.Cdp.Tests.Chromium;

/// <summary>Browsers that die while they record; each has its own.</summary>
[Collection(ChromiumCollection.Name)]
public sealed class DeathTests
{
    [ChromiumFact]
    public async Task A_browser_that_crashes_closes_the_connection()
    {
        await using var browser = await ChromiumBrowser.LaunchAsync();
        await using var connection = await StartAsync(browser);
        var error = await Assert.ThrowsAsync<CdpBrokenException>(() => connection.CallAsync(BrowserDomain.Crash).Soon());
        Assert.Equal((CdpBreakKind.Closed, "Browser.crash"), (error.Break.Kind, error.Method));
        Assert.Contains(browser.Url.Authority, error.Message, StringComparison.Ordinal);
    }

    [ChromiumFact]
    public async Task A_browser_that_is_killed_closes_the_connection()
    {
        await using var browser = await ChromiumBrowser.LaunchAsync();
        await using var connection = await StartAsync(browser);
        browser.Kill();
        Assert.Equal(CdpBreakKind.Closed, (await connection.Broken.Soon()).Kind);
        await Assert.ThrowsAsync<CdpEndpointException>(() => browser.ConnectAsync());
    }

    [ChromiumFact]
    public async Task A_browser_that_is_closed_answers_first()
    {
        await using var browser = await ChromiumBrowser.LaunchAsync();
        await using var connection = await StartAsync(browser);
        await connection.CallAsync(BrowserDomain.Close).Soon();
        Assert.Equal(CdpBreakKind.Closed, (await connection.Broken.Soon()).Kind);
    }

    private static async Task<CdpConnection> StartAsync(ChromiumBrowser browser)
    {
        var connection = await browser.ConnectAsync();
        await connection.CallAsync(TracingDomain.Start, new TracingStartParams()).Soon();
        return connection;
    }
}
