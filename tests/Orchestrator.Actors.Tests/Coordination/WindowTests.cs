using Orchestrator.Actors.Tests.Support;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

/// <summary>What is done in a window: markers and memory dumps.</summary>
public sealed class WindowTests : SessionSpec
{
    [Fact]
    public async Task A_labelled_marker_reaches_every_browser_under_one_sync_id_and_is_in_the_journal()
    {
        await using var browsers = await TestBrowsers.StartAsync(3);
        var plan = Plan(browsers);
        var document = await Rig.RecordAsync(plan with
        {
            Window = plan.Window with { Markers = [new PlannedMarker("login", TimeSpan.Zero), new PlannedMarker("logout", TimeSpan.FromMilliseconds(150))] },
        });

        Assert.Equal(["login", "logout"], document.Markers.Select(marker => marker.Label));
        foreach (var marker in document.Markers)
        {
            Assert.All(browsers.Servers, server => Assert.Single(server.Browser.Requests, request => request.Text("syncId") == marker.SyncId));
            Assert.All(document.Browsers, browser => Assert.Contains(marker.SyncId, File.ReadAllText(Path.Combine(Folder, "browsers", $"{browser.Name}.recording.json"))));
        }

        Assert.True(document.Markers[0].TimelineNanos < document.Markers[1].TimelineNanos);
    }

    [Fact]
    public async Task Two_markers_of_one_label_at_one_instant_are_two_markers()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var twice = new PlannedMarker("twice", TimeSpan.FromMilliseconds(100));
        var plan = Plan(browsers);
        var document = await Rig.RecordAsync(plan with { Window = plan.Window with { Markers = [twice, twice] } });

        Assert.Equal(["twice", "twice"], document.Markers.Select(marker => marker.Label));
        Assert.Equal(2, document.Markers.Select(marker => marker.SyncId).Distinct().Count());
    }

    [Fact]
    public async Task What_is_planned_for_the_window_s_last_moment_is_in_the_window()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var plan = Plan(browsers);
        var document = await Rig.RecordAsync(plan with
        {
            Window = plan.Window with { Markers = [new PlannedMarker("last", plan.Window.Duration)], MemoryDumps = [new PlannedMemoryDump("light", plan.Window.Duration)] },
        });

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete, BrowserOutcome.Complete);
        var marker = Assert.Single(document.Markers);
        Assert.All(document.Browsers, browser => Assert.Empty(browser.Warnings));
        Assert.All(document.Browsers, browser => Assert.Contains(marker.SyncId, File.ReadAllText(Path.Combine(Folder, "browsers", $"{browser.Name}.recording.json"))));
        Assert.All(document.Browsers, browser => Assert.Equal("0x1", Assert.Single(browser.MemoryDumps).DumpGuid));
    }

    [Fact]
    public async Task Every_marker_that_a_browser_took_is_bracketed_by_two_instants_of_the_node()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var document = await Rig.RecordAsync(Plan(browsers));

        foreach (var browser in document.Browsers)
        {
            // Two of the opening burst, two of the closing one, and what the cadence brought.
            Assert.True(browser.Markers >= 4, $"{browser.Name} took {browser.Markers} markers");
            var log = RecordingLog.Parse(await File.ReadAllBytesAsync(Path.Combine(Folder, "browsers", browser.Name + RecordingLog.Suffix)));
            Assert.Equal(browser.Markers, log.Markers.Count);
            Assert.All(log.Markers, marker => Assert.True(marker.SentNanos < marker.AnsweredNanos));
            Assert.Equal(
                browsers[browser.Name].Browser.Requests.Where(request => request.Method == "Tracing.recordClockSyncMarker").Select(request => request.Text("syncId")).Order(),
                log.Markers.Select(marker => marker.SyncId).Order());
            Assert.Equal(["connecting", "idle", "starting", "recording", "flushing", "complete"], log.States.Select(state => state.State));
            Assert.Equal(log.States.Select(state => state.AtNanos).Order(), log.States.Select(state => state.AtNanos));
        }
    }

    [Fact]
    public async Task Memory_dumps_are_asked_for_and_reported()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var plan = Plan(browsers);
        var document = await Rig.RecordAsync(plan with
        {
            Window = plan.Window with { MemoryDumps = [new PlannedMemoryDump("light", TimeSpan.FromMilliseconds(50))], MemoryDumpDeterministic = true },
        });

        // These browsers record no memory-infra, and say so as Chromium does: the dump is there, and was no success.
        Assert.All(document.Browsers, browser => Assert.Equal([new MemoryDump("0x1", Success: false, "light")], browser.MemoryDumps));
        Assert.All(browsers.Servers, server =>
        {
            var request = Assert.Single(server.Browser.Requests, request => request.Method == "Tracing.requestMemoryDump");
            Assert.Equal("light", request.Text("levelOfDetail"));
            Assert.True(request.Params.GetProperty("deterministic").GetBoolean());
        });
    }
}
