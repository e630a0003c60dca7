using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Cdp;
using Orchestrator.Cdp.Tests.Chromium;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Tests.Contract;

/// <summary>A browser that is held to the contract, and the way in.</summary>
internal abstract class ContractBrowser : IAsyncDisposable
{
    public abstract Task<CdpConnection> ConnectAsync();

    public abstract Task<CdpConnection> ConnectToPageAsync(string targetId);

    public abstract void Kill();

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A client with a page in front that can be kept busy.</summary>
    public Task<ChromiumClient> OpenAsync() => ChromiumClient.OpenAsync(ConnectAsync);
}

internal sealed class RealBrowser(ChromiumBrowser browser) : ContractBrowser
{
    public override Task<CdpConnection> ConnectAsync() => browser.ConnectAsync();

    public override Task<CdpConnection> ConnectToPageAsync(string targetId) => browser.ConnectToPageAsync(targetId);

    public override void Kill() => browser.Kill();
}

/// <summary>The simulated one, whose pages can do nothing but be busy for a while: what that leaves in a trace is in its conditions.</summary>
internal abstract partial class SimulatedContractBrowser : ContractBrowser
{
    private const int EventsPerSecond = 20_000;

    protected SimulatedBrowser Browser { get; } = new SimulatedBrowser(new BrowserConditions
    {
        // No browser is done at once.
        Starting = new Delay.Constant(TimeSpan.FromMilliseconds(10)),
        Flushing = new Delay.Constant(TimeSpan.FromMilliseconds(50)),
        Content = new TraceContent.Generated { EventsPerSecond = EventsPerSecond, Categories = ["blink.user_timing", "navigation", "cc", "v8"] },
    }).On("Runtime.evaluate", request => SimulatedAnswer.Result("{\"result\":{\"type\":\"undefined\"}}").After(WorkAsync(request)));

    public override void Kill() => Browser.Kill();

    /// <summary>So many events take their time.</summary>
    private static Task WorkAsync(SimulatedRequest request)
    {
        var marks = int.Parse(Count().Match(request.Text("expression")!).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return Task.Delay(TimeSpan.FromSeconds(marks / (double)EventsPerSecond), TimeProvider.System);
    }

    [GeneratedRegex("i < (\\d+)")]
    private static partial Regex Count();
}

internal sealed class InMemoryBrowser : SimulatedContractBrowser
{
    public override Task<CdpConnection> ConnectAsync() => Browser.ConnectAsync().Soon();

    public override Task<CdpConnection> ConnectToPageAsync(string targetId) => Browser.ConnectAsync(new Uri(Browser.Url, $"/devtools/page/{targetId}")).Soon();
}

internal sealed class ServedBrowser : SimulatedContractBrowser
{
    private SimulatedBrowserServer _server = null!;

    public static async Task<ContractBrowser> StartAsync()
    {
        var browser = new ServedBrowser();
        browser._server = await SimulatedBrowserServer.StartAsync([browser.Browser]);
        return browser;
    }

    public override Task<CdpConnection> ConnectAsync() => ConnectAsync(_server.BrowserUrl);

    public override Task<CdpConnection> ConnectToPageAsync(string targetId) => ConnectAsync(_server.WebSocketUrl($"/devtools/page/{targetId}"));

    public override async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await base.DisposeAsync();
    }

    private static Task<CdpConnection> ConnectAsync(Uri url) => CdpConnection.ConnectAsync(url, TimeProvider.System, null, CancellationToken.None).Soon();
}
