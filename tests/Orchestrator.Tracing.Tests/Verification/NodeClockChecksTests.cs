using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Tests.Support;
using Orchestrator.Tracing.Verification;

namespace Orchestrator.Tracing.Tests.Verification;

public sealed class NodeClockChecksTests : IDisposable
{
    private const long Second = RecordedCluster.Second;
    private readonly TemporaryFolder _folder = new();
    private readonly RecordedCluster _cluster = new RecordedCluster()
        .Node("n1").Node("n2", offset: 70 * Second, rate: 0.0002).Node("n3", offset: -5 * Second, rate: -0.0001)
        .Read("n2", by: "n1").Read("n3", by: "n2").With("b1", "n2").With("b2", "n3");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_recorded_well_passes()
    {
        _cluster.WriteTo(_folder);
        var checks = await VerifyAsync();
        Assert.All(checks, check => Assert.True(check.Ok, check.Detail));
        foreach (var file in new[] { "nodes/n2.clock.json", "nodes/n3.clock.json" })
        {
            Assert.Contains(checks, check => check.File == file && check is { What: "readable", Detail: "12 readings against 1 clocks" });
            Assert.Contains(checks, check => check.File == file && check.What == "bounds" && check.Detail.StartsWith("12 readings lie where they can, within ± ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        _cluster.WriteTo(_folder);
        File.Delete(_folder["nodes/n3.clock.json"]);
        var failure = Assert.Single(await FailuresAsync());
        Assert.Equal(("nodes/n3.clock.json", "relation"), (failure.File, failure.What));
        Assert.Contains("is missing: nothing tells how the clock of node n3 lies to the time line", failure.Detail);
    }

    [Fact]
    public async Task A_file_in_between_that_is_missing_is_missed_by_all_that_depend_on_it()
    {
        _cluster.WriteTo(_folder);
        File.Delete(_folder["nodes/n2.clock.json"]);
        Assert.Equal([("nodes/n2.clock.json", "is missing"), ("nodes/n3.clock.json", "leads fro")], (await FailuresAsync()).Select(failure => (failure.File, failure.Detail[..10].TrimEnd(':', ' ', 'm'))).Order());
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_told_once()
    {
        _cluster.WriteTo(_folder);
        _folder.Write("nodes/n3.clock.json", "{}"u8.ToArray());
        var failure = Assert.Single(await FailuresAsync());
        Assert.Equal(("nodes/n3.clock.json", "readable"), (failure.File, failure.What));
    }

    [Theory]
    [InlineData("other", "n3", "is of session other")]
    [InlineData("s-1", "n2", "is of node n2")]
    public async Task A_file_of_another_session_or_node_is_named(string session, string node, string told)
    {
        _cluster.WriteTo(_folder);
        _folder.Write("nodes/n3.clock.json", (_cluster.ClockLog("n3") with { SessionId = session, Node = node }).ToUtf8());
        Assert.Contains(await FailuresAsync(), check => check.File == "nodes/n3.clock.json" && check.Detail == told);
    }

    [Theory]
    [InlineData(1, "after")]
    [InlineData(-1, "before")]
    public async Task A_reading_that_contradicts_what_is_known_of_both_clocks_breaks_causality(int seconds, string told)
    {
        // n1 read n3 once, too, and found it a second away from where n2's readings put it.
        var at = RecordedCluster.Opened + 5 * Second;
        _cluster.Read("n3", by: "n1", new NodeClockBracket(at, _cluster.TruthOf("n3").At(at) + seconds * Second, at + RecordedCluster.Millisecond)).WriteTo(_folder);
        var failure = Assert.Single(await FailuresAsync());
        Assert.Equal(("nodes/n3.clock.json", "bounds"), (failure.File, failure.What));
        Assert.StartsWith("1 reading breaks causality: ", failure.Detail, StringComparison.Ordinal);
        Assert.Contains($"ns {told} it can have been made", failure.Detail);
    }

    [Fact]
    public async Task A_reading_that_was_answered_before_it_was_asked_for_breaks_causality()
    {
        var at = RecordedCluster.Opened + 5 * Second;
        _cluster.Read("n3", by: "n2", new NodeClockBracket(_cluster.TruthOf("n2").At(at), _cluster.TruthOf("n3").At(at), _cluster.TruthOf("n2").At(at) - 7_000_000)).WriteTo(_folder);
        Assert.Contains(await FailuresAsync(), check => check.File == "nodes/n3.clock.json" && check.Detail.Contains("was answered 7000000 ns before it was asked for"));
    }

    [Fact]
    public async Task Session_json_must_not_claim_more_of_a_node_s_clock_than_its_readings_bear_out()
    {
        _cluster.WriteTo(_folder);
        var session = RecordedSessions.Read(_folder.Path);
        var aligned = await SessionAlignment.AlignAsync(session, checkHashes: false, null, default);
        Write(aligned.NodeFacts);
        Assert.All(await VerifyAsync(), check => Assert.True(check.Ok, check.Detail));
        Write(aligned.NodeFacts.ToDictionary(node => node.Key, node => node.Key == "n2" ? node.Value with { BoundNanos = 1, WorstBoundNanos = 1 } : node.Value));
        Assert.Equal("clock of node n2", Assert.Single(await FailuresAsync()).What);
        Write(new Dictionary<string, ClockFacts> { ["n9"] = aligned.NodeFacts["n2"] });
        Assert.Equal("clock of node n9", Assert.Single(await FailuresAsync()).What);

        void Write(IReadOnlyDictionary<string, ClockFacts> claimed) => _folder.Write("session.json", (session.Document! with { Nodes = NodeDocument.Of(claimed) }).ToUtf8());
    }

    [Fact]
    public async Task A_step_of_a_node_s_clock_is_told_and_is_no_failure()
    {
        var log = new RecordedCluster().Node("n1").Node("n2", offset: 70 * Second).Read("n2", by: "n1", count: 20).With("b1", "n1");
        var stepped = log.ClockLog("n2");
        stepped = stepped with { References = [stepped.References[0] with { Brackets = [.. stepped.References[0].Brackets.Select((bracket, i) => i < 10 ? bracket : bracket with { NodeNanos = bracket.NodeNanos + Second })] }] };
        log.WriteTo(_folder);
        _folder.Write("nodes/n2.clock.json", stepped.ToUtf8());
        var check = Assert.Single(await VerifyAsync(), check => check is { File: "nodes/n2.clock.json", What: "bounds" });
        Assert.True(check.Ok);
        Assert.Matches("Node n2: Its clock stepped against node n1's clock, by about -(1000|999)[0-9.]+ µs", check.Detail);
    }

    private async Task<IReadOnlyList<Check>> VerifyAsync() => (await SessionVerification.VerifyAsync(RecordedSessions.Read(_folder.Path), progress: null, CancellationToken.None)).Checks;

    private async Task<IReadOnlyList<Check>> FailuresAsync() => [.. (await VerifyAsync()).Where(check => !check.Ok)];
}
