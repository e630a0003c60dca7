using Orchestrator.Actors.Tests.Support;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

/// <summary>The disk fails a browser that does all that it should.</summary>
public sealed class StorageFaultTests : SessionSpec
{
    [Fact]
    public async Task A_trace_that_cannot_get_its_final_name_is_corrupt_and_what_came_is_kept_as_partial()
    {
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.With(new TraceContent.Replayed(TestBrowserExtensions.TraceBytes(seed: 3, 5000))));
        Directory.CreateDirectory(Path.Combine(Folder, "browsers", "b1.pftrace"));
        var document = await Rig.RecordAsync(Plan(browsers));

        AssertOutcomes(document, SessionOutcome.Failed, BrowserOutcome.Corrupt);
        Assert.StartsWith("its trace could not be written: ", Of(document, "b1").Reason);
        Assert.Equal("browsers/b1.pftrace.partial", Of(document, "b1").File);
        Assert.Equal(TestBrowserExtensions.TraceBytes(seed: 3, 5000), await File.ReadAllBytesAsync(Path.Combine(Folder, "browsers", "b1.pftrace.partial")));
    }

    [Fact]
    public async Task A_folder_that_goes_away_while_browsers_record_fails_them_and_each_is_released()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var run = Run(Plan(browsers).UntilEnded());
        await run.Views.Until(SessionPhase.Window);
        var connections = browsers.Servers.Select(server => server.Connections.Single()).ToList();
        Directory.Delete(Folder, recursive: true);
        run.EndNow();

        var closed = Assert.IsType<Actors.Coordination.SessionProtocol.Closed>(await run.Answer.Soon());
        AssertOutcomes(closed.Document, SessionOutcome.Failed, BrowserOutcome.Corrupt, BrowserOutcome.Corrupt);
        Assert.All(closed.Document.Browsers, browser => Assert.StartsWith("its trace could not be written: ", browser.Reason));
        Assert.NotNull(closed.Problem);
        foreach (var connection in connections) await connection.Closed.Soon();
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_is_a_warning_and_the_trace_counts()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        Directory.CreateDirectory(Path.Combine(Folder, "browsers", "b1.recording.json.part"));
        var document = await Rig.RecordAsync(Plan(browsers));

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete);
        Assert.Equal("browsers/b1.pftrace", Of(document, "b1").File);
        Assert.StartsWith("what was seen of its recording could not be written: ", Assert.Single(Of(document, "b1").Warnings));
    }
}
