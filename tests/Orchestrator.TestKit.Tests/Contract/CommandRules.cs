using Orchestrator.Cdp.Protocol;
using Orchestrator.Cdp.Tests.Chromium;
using Orchestrator.Cdp.Tests.Support;
using static Orchestrator.Cdp.Tests.Chromium.Refusals;

namespace Orchestrator.TestKit.Tests.Contract;

/// <summary>What the commands beside a recording answer, and what is refused before there is one.</summary>
internal static class CommandRules
{
    public static IReadOnlyList<Func<ContractBrowser, Task>> All =>
    [
        The_browser_names_itself,
        Get_categories_lists_what_can_be_recorded_once_the_browser_is_up,
        Get_track_event_descriptor_is_a_message_in_base64,
        Screenshot_sizes_and_counts_have_their_bounds,
        A_perfetto_config_that_asks_for_the_system_blocks_the_browser_as_the_backend_does,
        A_page_is_made_found_and_closed,
        A_page_s_commands_are_for_pages,
        A_target_that_is_not_there_cannot_be_connected_to,
    ];

    private static async Task The_browser_names_itself(ContractBrowser browser)
    {
        await using var connection = await browser.ConnectAsync();
        var version = (await connection.CallAsync(BrowserDomain.GetVersion).Soon()).Result;
        Assert.Contains("Chrome/", version.Product, StringComparison.Ordinal);
        Assert.Contains("Chrome/", version.UserAgent, StringComparison.Ordinal);
        Assert.Equal("1.3", version.ProtocolVersion);
    }

    private static async Task Get_categories_lists_what_can_be_recorded_once_the_browser_is_up(ContractBrowser browser)
    {
        await using var connection = await browser.ConnectAsync();
        IReadOnlyList<string> categories = [];
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (categories.Count == 0)
            categories = (await connection.CallAsync(TracingDomain.GetCategories, ct: deadline.Token)).Result.Categories;
        foreach (var category in (string[])["__metadata", "devtools.timeline", "blink.user_timing", "disabled-by-default-memory-infra", "disabled-by-default-devtools.timeline"])
            Assert.Contains(category, categories);
        Assert.Equal(categories.Distinct(), categories);
    }

    private static async Task Get_track_event_descriptor_is_a_message_in_base64(ContractBrowser browser)
    {
        await using var connection = await browser.ConnectAsync();
        var reply = await connection.CallAsync(TracingDomain.GetTrackEventDescriptor).Soon();
        // TrackEventDescriptor.available_categories = 1
        Assert.InRange(Recorded.CountMessages(Convert.FromBase64String(reply.Result.Descriptor), field: 1), 10, 10_000);
    }

    private static async Task Screenshot_sizes_and_counts_have_their_bounds(ContractBrowser browser)
    {
        await using var connection = await browser.ConnectAsync();
        foreach (var size in new[] { 0, -1, 4097 })
            await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, Marks with { ScreenshotMaxSize = size }), "Tracing.start", -32602, "screenshotMaxSize must be in [1, 4096].");
        foreach (var count in new[] { 0, -1 })
            await AssertRefusedAsync(connection.CallAsync(TracingDomain.Start, Marks with { ScreenshotMaxCount = count }), "Tracing.start", -32602, "screenshotMaxCount must be in [1, 100000].");
        await AssertRefusedAsync(connection.CallAsync(TracingDomain.End), "Tracing.end", -32000, NotStarted);
    }

    private static async Task A_perfetto_config_that_asks_for_the_system_blocks_the_browser_as_the_backend_does(ContractBrowser browser)
    {
        await using var witness = await browser.ConnectAsync();
        var asking = await browser.ConnectAsync();
        var parameters = new TracingStartParams { TransferMode = TransferMode.ReturnAsStream, PerfettoConfig = PerfettoConfig.Ftrace() };
        await AssertRefusedAsync(asking.CallAsync(TracingDomain.Start, parameters), "Tracing.start", -32000, "Peer disconnected");
        await AssertBlockedAsync(asking, witness);
        await asking.DisposeAsync();
        await StartWhenFreeAsync(witness);
        await witness.CallAsync(TracingDomain.End).Soon();
    }

    private static async Task A_page_is_made_found_and_closed(ContractBrowser browser)
    {
        await using var connection = await browser.ConnectAsync();
        var page = (await connection.CallAsync(TargetDomain.CreateTarget, new CreateTargetParams("about:blank")).Soon()).Result.TargetId;
        var session = (await connection.CallAsync(TargetDomain.AttachToTarget, new AttachToTargetParams(page)).Soon()).Result.SessionId;
        var targets = (await connection.CallAsync(TargetDomain.GetTargets).Soon()).Result.TargetInfos;
        Assert.Contains(targets, t => t.TargetId == page && t is { Type: "page", Attached: true });
        var tree = (await connection.CallAsync(PageDomain.GetFrameTree, session).Soon()).Result.FrameTree;
        Assert.Equal(page, tree.Frame.Id); // a page's main frame has the id of its target
        await connection.CallAsync(TargetDomain.CloseTarget, new TargetParams(page)).Soon();
        // The page goes when it has heard of it.
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while ((await connection.CallAsync(TargetDomain.GetTargets, ct: deadline.Token)).Result.TargetInfos.Any(t => t.TargetId == page))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        await AssertRefusedAsync(connection.CallAsync(TargetDomain.ActivateTarget, new TargetParams(page)), "Target.activateTarget", -32602, "No target with given id found");
        await AssertRefusedAsync(connection.CallAsync(PageDomain.GetFrameTree, session), "Page.getFrameTree", -32001, "Session with given id not found.");
    }

    private static async Task A_page_s_commands_are_for_pages(ContractBrowser browser)
    {
        await using var connection = await browser.ConnectAsync();
        await AssertRefusedAsync(connection.CallAsync(PageDomain.Enable), "Page.enable", -32601, "'Page.enable' wasn't found");
        var page = (await connection.CallAsync(TargetDomain.GetTargets).Soon()).Result.TargetInfos.First(t => t.Type == "page").TargetId;
        await using var own = await browser.ConnectToPageAsync(page);
        await own.CallAsync(PageDomain.Enable).Soon();
        Assert.Equal(page, (await own.CallAsync(PageDomain.GetFrameTree).Soon()).Result.FrameTree.Frame.Id);
    }

    private static async Task A_target_that_is_not_there_cannot_be_connected_to(ContractBrowser browser)
    {
        var error = await Assert.ThrowsAsync<Cdp.CdpEndpointException>(() => browser.ConnectToPageAsync("NOSUCHPAGE"));
        Assert.Contains("there is no target NOSUCHPAGE", error.Message, StringComparison.Ordinal);
    }
}
