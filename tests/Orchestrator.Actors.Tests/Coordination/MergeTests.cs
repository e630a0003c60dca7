using System.Security.Cryptography;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.TestKit.Browsers;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Coordination;

public sealed class MergeTests : SessionSpec
{
    [Fact]
    public async Task The_merged_file_stands_in_the_folder_the_journal_and_the_document()
    {
        await using var browsers = await TestBrowsers.StartAsync(2);
        var document = await Rig.RecordAsync(Plan(browsers) with { Merge = MergeChoice.Perfetto });

        var merged = Assert.Single(document.Merged);
        var bytes = await File.ReadAllBytesAsync(Path.Combine(Folder, merged.File));
        Assert.Equal(("perfetto", "trace.tar", bytes.LongLength, Convert.ToHexStringLower(SHA256.HashData(bytes))), (merged.Format, merged.File, merged.Bytes, merged.Sha256));
        Assert.Equal([merged], Assert.Single(Rig.Journal.EventsOf(document.SessionId).OfType<SessionEvent.TracesMerged>()).Files);
        Assert.Equal([merged], SessionDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Folder, "session.json"))).Merged);
        Assert.DoesNotContain(Temp.Files(), file => file.EndsWith(".part", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_clock_of_which_no_marker_tells_is_unaligned_and_says_why()
    {
        // This browser acknowledges markers and puts none into its trace.
        await using var browsers = await TestBrowsers.StartAsync(1, browser => browser.On("Tracing.recordClockSyncMarker", _ => SimulatedAnswer.Result()));
        var document = await Rig.RecordAsync(Plan(browsers));

        var clock = Of(document, "b1").Clock;
        Assert.Equal(ClockRelation.Unaligned, clock.Relation);
        Assert.Null(clock.BoundNanos);
        Assert.Contains(clock.Findings, finding => finding.Contains("not in its trace", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_merge_that_cannot_be_written_is_told_and_takes_nothing_from_the_outcome()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        Directory.CreateDirectory(Path.Combine(Folder, "trace.tar.part"));
        var document = await Rig.RecordAsync(Plan(browsers) with { Merge = MergeChoice.Perfetto });

        AssertOutcomes(document, SessionOutcome.Complete, BrowserOutcome.Complete);
        AssertToldOnce(document);
        Assert.Empty(document.Merged);
        Assert.Contains("trace.tar", Assert.Single(document.MergeProblems, problem => problem.StartsWith("trace.tar", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_session_that_was_given_up_merges_nothing()
    {
        await using var browsers = await TestBrowsers.StartAsync(1);
        var run = Run(Plan(browsers).UntilEnded() with { Merge = MergeChoice.Perfetto });
        await run.Views.Until(SessionPhase.Window);
        run.Abort();

        var document = await run.DocumentAsync();
        Assert.Equal(SessionOutcome.Aborted, document.Outcome);
        Assert.Empty(document.Merged);
        Assert.DoesNotContain(Temp.Files(), file => file.Contains("trace.tar", StringComparison.Ordinal));
    }
}
