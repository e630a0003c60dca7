namespace Orchestrator.Host.Tests.EndToEnd;

/// <summary>A merged trace in front of those it is for: DevTools' engine, and DevTools itself.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class MergedJsonEndToEndTests(RunningBrowser running, MergedJsonRecording recording) : IClassFixture<MergedJsonRecording>
{
    [TraceEngineFact]
    public async Task The_engine_of_DevTools_finds_every_page_in_a_process_of_its_own_with_a_busy_main_thread()
    {
        var read = await TraceEngine.ReadAsync(recording.TraceFile);

        Assert.False(read.TryGetProperty("error", out var error), error.ToString());
        Assert.False(read.GetProperty("isGeneric").GetBoolean());
        var processes = read.GetProperty("processes").EnumerateArray().ToList();
        var pages = recording.Pages.Select(page => processes.Single(process => process.GetProperty("url").GetString() == page)).ToList();
        Assert.Equal(3, pages.Select(page => page.GetProperty("pid").GetInt64()).Distinct().Count());
        Assert.All(pages, page => Assert.Contains(
            page.GetProperty("threads").EnumerateArray(), thread => thread.GetProperty("name").GetString() == "CrRendererMain" && thread.GetProperty("entries").GetInt32() > 100));
        // The first browser's page is the main one.
        Assert.Equal([true, false, false], pages.Select(page => page.GetProperty("isOnMainFrame").GetBoolean()));
        // Each recording brought one beginning, the merge has one for all.
        Assert.True(read.GetProperty("events").GetInt64() >= recording.Surveys.Sum(survey => survey.Events) - 2);
        Assert.Contains(read.GetProperty("processNames").EnumerateObject(), name => name.Value.GetString() == "b2 Renderer");
    }

    [ChromiumFact]
    public async Task The_Performance_panel_draws_the_pages_of_all_browsers()
    {
        await using var panel = await DevToolsPanel.OpenAsync(running.WebSocketUrl);
        var refusal = await panel.LoadAsync(recording.TraceFile);
        // Kept: the picture tells more than this test can check.
        await panel.ScreenshotAsync(Path.Combine(AppContext.BaseDirectory, "TestResults", "devtools-performance-panel.png"));

        Assert.Null(refusal);
        var tracks = await panel.TracksAsync();
        Assert.All(recording.Pages, page => Assert.Contains(tracks, track => track.EndsWith(page, StringComparison.Ordinal)));
    }
}
