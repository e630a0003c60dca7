using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Support;

namespace Orchestrator.TestKit.Tests.Contract;

/// <summary>Browsers that die while they record.</summary>
internal static class DeathRules
{
    public static IReadOnlyList<Func<ContractBrowser, Task>> All =>
    [
        A_browser_that_crashes_closes_the_connection,
        A_browser_that_is_killed_closes_the_connection_and_lets_nobody_in,
        A_browser_that_is_closed_answers_first,
    ];

    private static async Task A_browser_that_crashes_closes_the_connection(ContractBrowser browser)
    {
        await using var connection = await StartAsync(browser);
        var error = await Assert.ThrowsAsync<CdpBrokenException>(() => connection.CallAsync(BrowserDomain.Crash).Soon());
        Assert.Equal((CdpBreakKind.Closed, "Browser.crash"), (error.Break.Kind, error.Method));
        Assert.Contains(connection.Name, error.Message, StringComparison.Ordinal);
    }

    private static async Task A_browser_that_is_killed_closes_the_connection_and_lets_nobody_in(ContractBrowser browser)
    {
        await using var connection = await StartAsync(browser);
        browser.Kill();
        Assert.Equal(CdpBreakKind.Closed, (await connection.Broken.Soon()).Kind);
        // Refused, or reset by a socket that the dying process still held.
        await Assert.ThrowsAsync<CdpEndpointException>(() => browser.ConnectAsync());
    }

    private static async Task A_browser_that_is_closed_answers_first(ContractBrowser browser)
    {
        await using var connection = await StartAsync(browser);
        await connection.CallAsync(BrowserDomain.Close).Soon();
        Assert.Equal(CdpBreakKind.Closed, (await connection.Broken.Soon()).Kind);
    }

    private static async Task<CdpConnection> StartAsync(ContractBrowser browser)
    {
        var connection = await browser.ConnectAsync();
        await connection.CallAsync(TracingDomain.Start, new TracingStartParams()).Soon();
        return connection;
    }
}
