using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Chromium;
using Orchestrator.Cdp.Tests.Support;
using Orchestrator.TestKit.Browsers;
using Orchestrator.TestKit.Tests.Support;

namespace Orchestrator.TestKit.Tests.Browsers;

/// <summary>The way in that is no wire, on the system's time.</summary>
public sealed class InMemoryTests
{
    [Fact]
    public async Task A_recording_holds_the_markers_that_were_sent()
    {
        var browser = new SimulatedBrowser();
        await using var connection = await browser.ConnectAsync();
        Assert.Equal(browser.Product, (await connection.CallAsync(BrowserDomain.GetVersion).Soon()).Result.Product);
        await connection.CallAsync(TracingDomain.Start, new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, StreamFormat = StreamFormat.Proto }).Soon();
        for (var i = 0; i < 10; i++) await connection.CallAsync(TracingDomain.RecordClockSyncMarker, new RecordClockSyncMarkerParams($"m-{i}")).Soon();
        var recorded = await ChromiumClient.EndAsync(connection);

        var survey = recorded.Survey();
        Assert.Null(survey.CutOff);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"m-{i}"), survey.Markers.Select(marker => marker.SyncId));
        Assert.Equal(10, browser.CommandCounts["Tracing.recordClockSyncMarker"]);
        Assert.InRange(browser.StartedAtNanos!.Value, 1, survey.Markers[0].BrowserNanos + 1000);
    }

    [Fact]
    public void Its_address_is_one_of_the_product_s()
    {
        Assert.True(CdpEndpoint.TryParse(new SimulatedBrowser { Id = "b-7" }.Url.OriginalString, out var address, out var error), error);
        Assert.Equal("/devtools/browser/b-7", address.Url.AbsolutePath);
    }
}
