using System.Text.Json;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Merging;

/// <summary>Browsers of several nodes, from a folder to the merged files: everything stands where it truly happened, within its bound.</summary>
public sealed class ClusterMergeTests : IDisposable
{
    private const long Second = RecordedCluster.Second;

    // The browser's clock cuts microseconds off; an archive's staircase and several roundings come to as much again.
    private const long Tick = 2_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Slices_of_browsers_of_two_nodes_with_different_clocks_stand_right_in_the_archive(bool hasDocument)
    {
        var cluster = Cluster().WriteTo(_folder, hasDocument: hasDocument);
        var aligned = await AlignAsync();
        await SessionMerge.RunAsync([aligned], _folder.Path, MergeChoice.Perfetto, null, default);

        Assert.Equal(hasDocument ? [] : ["session.json"], aligned.Problems.Select(problem => problem.File));
        var members = PerfettoReading.Members(_folder["trace.tar"]).ToDictionary(member => member.Name, member => member.Bytes);
        foreach (var (browser, found) in cluster.Browsers.Zip(aligned.Browsers))
        {
            Assert.NotEqual(ClockRelation.Unaligned, found.Clock.Relation);
            var placed = PerfettoReading.Events(members[$"{browser.Name}.pftrace"], PerfettoReading.Realtime).Where(told => told.Sequence == 2).Select(told => told.At).ToList();
            Assert.Equal(browser.Events.Count, placed.Count);
            foreach (var (truth, at) in browser.Events.Select(one => one.At).Zip(placed))
                Assert.InRange(Math.Abs(at - cluster.Timeline.ToUnixNanos(truth)), 0, found.Clock.BoundAt(cluster.At(browser, truth))!.Value + Tick);
        }
    }

    [Fact]
    public async Task And_in_Chrome_JSON()
    {
        var cluster = Cluster().WriteTo(_folder, TraceFormat.Json);
        var aligned = await AlignAsync();
        await SessionMerge.RunAsync([aligned], _folder.Path, MergeChoice.Json, null, default);

        await using var gzip = new System.IO.Compression.GZipStream(File.OpenRead(_folder["trace.json.gz"]), System.IO.Compression.CompressionMode.Decompress);
        using var trace = await JsonDocument.ParseAsync(gzip);
        foreach (var (browser, found) in cluster.Browsers.Zip(aligned.Browsers))
        {
            var placed = JsonTraces.Named(trace.RootElement, browser.Name).Where(one => one.GetProperty("ph").GetString() == "X").Select(one => (long)(one.GetProperty("ts").GetDecimal() * 1000)).Order().ToList();
            var truths = browser.Events.Where(one => one.SyncId is null).Select(one => one.At).ToList();
            Assert.Equal(truths.Count, placed.Count);
            foreach (var (truth, at) in truths.Zip(placed))
                Assert.InRange(Math.Abs(at - truth), 0, found.Clock.BoundAt(cluster.At(browser, truth))!.Value + Tick);
        }
    }

    [Fact]
    public async Task A_browser_that_reads_its_nodes_clock_is_known_as_well_as_that_and_only_on_the_time_lines_node_exactly()
    {
        Cluster().WriteTo(_folder);
        var aligned = await AlignAsync();
        var (here, there) = (aligned.Browsers[0], aligned.Browsers[2]);
        Assert.Equal((ClockRelation.Shared, 0L, 0L), (here.Clock.Relation, here.Clock.OffsetAt(0), here.Clock.BoundAt(0)));
        Assert.Equal(ClockRelation.Measured, there.Clock.Relation);
        Assert.Equal(aligned.NodeFacts["n2"].WorstBoundNanos, aligned.ClockFacts[2].WorstBoundNanos);
        Assert.True(aligned.ClockFacts[3].WorstBoundNanos > aligned.NodeFacts["n2"].WorstBoundNanos);
    }

    [Fact]
    public async Task The_session_s_own_account_tells_what_nodes_saw_on_the_time_line()
    {
        Cluster().WriteTo(_folder);
        var aligned = await AlignAsync();
        foreach (var (browser, line) in aligned.Browsers.Zip(aligned.Tracks.Lines.Skip(1)))
        {
            var bound = browser.NodeClock.BoundAt(browser.Recorded.Log!.States[0].AtNanos)!.Value + RecordedCluster.Millisecond / 10;
            var recording = line.Slices.Single(slice => slice.Name == "recording");
            Assert.InRange(recording.FromNanos, RecordedCluster.Opened - bound, RecordedCluster.Opened + bound);
            Assert.InRange(recording.UntilNanos, RecordedCluster.Closed - bound, RecordedCluster.Closed + bound);
            Assert.InRange(line.Instants.Single(instant => instant.Kind is TrackInstantKind.Fault).AtNanos, RecordedCluster.Opened + 5 * Second - bound, RecordedCluster.Opened + 5 * Second + bound);
            Assert.InRange(line.Counters.Single(counter => counter.Name == "buffer").Samples[0].AtNanos, RecordedCluster.Opened + Second - bound, RecordedCluster.Opened + Second + bound);
        }

        var report = System.Text.Encoding.UTF8.GetString(HtmlReport.Render(aligned));
        Assert.Contains("""<th scope="row">n2</th><td>measured</td>""", report);
        Assert.DoesNotContain("NaN", report);
    }

    [Fact]
    public async Task Cut_off_and_without_the_clock_that_all_were_read_against_the_first_browsers_node_is_the_time_line()
    {
        // The coordinator's node recorded nothing: its clock is known by nothing but what it read.
        var cluster = new RecordedCluster().Node("n2", 70 * Second, 0.0001).Node("n1").Node("n3", -5 * Second, -0.00015)
            .Read("n2", by: "n1").Read("n3", by: "n1").With("b1", "n2").With("b2", "n3").WriteTo(_folder, hasDocument: false);
        var aligned = await AlignAsync();
        Assert.Equal(cluster.ClockOf("n2"), aligned.Timeline);
        Assert.Equal(ClockRelation.Shared, aligned.NodeFacts["n2"].Relation);
        foreach (var (browser, found) in cluster.Browsers.Zip(aligned.Browsers))
        {
            foreach (var at in browser.Events.Select(one => one.At))
                Assert.InRange(Math.Abs(found.Clock.ToTimeline(cluster.At(browser, at)) - cluster.TruthOf("n2").At(at)), 0, found.Clock.BoundAt(cluster.At(browser, at))!.Value + 3);
        }
    }

    [Fact]
    public async Task A_browser_on_a_node_whose_clock_nothing_tells_of_is_unaligned_the_others_are_not()
    {
        Cluster().WriteTo(_folder);
        File.Delete(_folder["nodes/n3.clock.json"]);
        var aligned = await AlignAsync();
        Assert.Equal(
            [ClockRelation.Shared, ClockRelation.Measured, ClockRelation.Measured, ClockRelation.Measured, ClockRelation.Unaligned],
            aligned.Browsers.Select(browser => browser.Clock.Relation));
        Assert.Contains("nodes/n3.clock.json is missing", Assert.Single(aligned.Browsers[4].Clock.Findings));
        Assert.Equal("nodes/n3.clock.json", Assert.Single(aligned.Problems).File);
        Assert.Empty(aligned.Browsers[4].Brackets);
        // Drawn by the wall clocks of the two nodes, which here are right.
        Assert.InRange(aligned.Browsers[4].Log!.States[1].AtNanos, RecordedCluster.Opened - Second / 10, RecordedCluster.Opened + Second / 10);
    }

    [Fact]
    public async Task Put_beside_another_session_the_nodes_and_their_logs_move_with_the_browsers()
    {
        Cluster().WriteTo(_folder);
        var aligned = await AlignAsync();
        var first = new AlignedSession
        {
            Session = new RecordedSession { Folder = "/data", SessionId = "s-0", Browsers = [], Problems = [] },
            Timeline = aligned.Timeline with { UtcAtZero = aligned.Timeline.UtcAtZero.AddSeconds(-7), Domain = "another" }, Browsers = [], Problems = [],
        };
        var placed = SessionAlignment.OnOneTimeline([first, aligned])[1];
        Assert.Equal(7 * Second, placed.ShiftNanos);
        foreach (var (before, after) in aligned.Browsers.Zip(placed.Browsers))
        {
            var at = before.Survey!.FirstNanos!.Value;
            Assert.Equal((before.Clock.ToTimeline(at) + 7 * Second, before.Clock.BoundAt(at)), (after.Clock.ToTimeline(at), after.Clock.BoundAt(at)));
            Assert.Equal(before.Log!.States.Select(state => state.AtNanos + 7 * Second), after.Log!.States.Select(state => state.AtNanos));
            Assert.Equal(before.Brackets.Select(bracket => (bracket.ClockNanos, bracket.SentNanos + 7 * Second, bracket.AnsweredNanos + 7 * Second)), after.Brackets.Select(bracket => (bracket.ClockNanos, bracket.SentNanos, bracket.AnsweredNanos)));
        }

        Assert.Equal(aligned.NodeFacts["n2"].OffsetNanos + 7 * Second, placed.NodeFacts["n2"].OffsetNanos);
        Assert.Equal(aligned.Tracks.Lines[3].Slices[0].FromNanos + 7 * Second, placed.Tracks.Lines[3].Slices[0].FromNanos);
    }

    [Fact]
    public async Task What_is_known_of_the_nodes_goes_into_session_json()
    {
        Cluster().WriteTo(_folder);
        var aligned = await AlignAsync();
        var session = Told.Opened(1).After(new SessionEvent.ClocksAligned(new Dictionary<string, ClockFacts>(), aligned.NodeFacts) { At = Told.At });
        var document = SessionDocument.Parse(SessionDocument.Of(session).ToUtf8());
        Assert.Equal([("n1", ClockRelation.Shared), ("n2", ClockRelation.Measured), ("n3", ClockRelation.Measured)], document.Nodes.Select(node => (node.Name, node.Clock.Relation)));
        Assert.Equal(aligned.NodeFacts["n2"].BoundNanos, document.Nodes[1].Clock.BoundNanos);
        // Of an event that was written before there were nodes.
        Assert.Empty(SessionDocument.Of(Told.Opened(1).After(new SessionEvent.ClocksAligned(new Dictionary<string, ClockFacts>()) { At = Told.At })).Nodes);
    }

    /// <summary>Five browsers on three nodes: the time line's own, one that it reads, and one that came after a fail-over.</summary>
    private static RecordedCluster Cluster() => new RecordedCluster()
        .Node("n1").Node("n2", offset: 70 * Second, rate: 0.0002).Node("n3", offset: -5 * Second, rate: -0.00015)
        .Read("n2", by: "n1").Read("n3", by: "n2", from: RecordedCluster.Opened + 4 * Second)
        .With("b1", "n1", isShared: true).With("b2", "n1", offset: 3 * Second, rate: 0.00005)
        .With("b3", "n2", isShared: true).With("b4", "n2", offset: 500 * Second, rate: -0.0001).With("b5", "n3", offset: 2 * Second, rate: 0.00002);

    private Task<AlignedSession> AlignAsync() => SessionAlignment.AlignAsync(RecordedSessions.Read(_folder.Path), checkHashes: true, null, default);
}
