using System.Security.Cryptography;
using System.Text;
using Orchestrator.Actors.Hosting;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Verbs;

/// <summary><c>record --server</c> against a node's real server whose sessions the test plays.</summary>
public sealed class RemoteRecordTests : IAsyncLifetime
{
    private readonly TemporaryFolder _here = new();
    private readonly CommandLineRun _run = new() { Time = TimeProvider.System };
    private ServedNode _node = null!;

    private string Output => _here.In("out");

    public async Task InitializeAsync() => _node = await ServedNode.StartAsync();

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        _here.Dispose();
    }

    [Fact]
    public async Task It_looks_just_as_if_it_ran_here()
    {
        PlaysSessions();
        Assert.Equal(3, await RecordAsync("--launch", "2", "--url", "about:blank", "--duration", "5s"));
        var plan = Assert.Single(_node.Node.Opened);
        Assert.Equal(
            [
                $"session {plan.SessionId}: 2 browsers of {_node.Address}, to {Output}",
                $"session {plan.SessionId}: preparing; 2 Preparing",
                $"session {plan.SessionId}: starting to record; 2 Starting",
                "b2 connectionLost: it died",
                $"session {plan.SessionId}: flushing the traces to disk; 1 Flushing, 1 connectionLost",
            ],
            // A sign of life says the same again.
            _run.ErrorLines.Distinct().Take(5));
        foreach (var told in (string[])["b1      │ complete", "b2      │ connectionLost", "starts sent within 12 µs", $"session {plan.SessionId} partial", $"folder {Output}", "next: open trace.tar in ui.perfetto.dev"])
            Assert.Contains(told, _run.Out);
    }

    [Fact]
    public async Task The_files_are_here_afterwards_and_the_document_names_their_folder()
    {
        PlaysSessions();
        Assert.Equal(3, await RecordAsync("--json"));
        var document = SessionDocument.Parse(Encoding.UTF8.GetBytes(_run.Out));
        Assert.Equal(Output, document.Folder);
        Assert.Equal(_run.Out.Trim(), await File.ReadAllTextAsync(_here.In("out", "session.json")));
        Assert.Equal(
            ["browsers/b1.pftrace.gz", "browsers/b1.recording.json", "report.html", "session.json", "trace.tar"],
            Directory.GetFiles(Output, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Output, file)).Order(StringComparer.Ordinal));
        Assert.Equal(Content("trace.tar"), await File.ReadAllBytesAsync(_here.In("out", "trace.tar")));
    }

    [Fact]
    public async Task Every_option_reaches_the_cluster()
    {
        PlaysSessions();
        _node.Node.Cluster = _node.Node.Cluster with { Nodes = [FakeNode.Node("node-1") with { Offers = ["http://h:1"] }, FakeNode.Node("node-2")] };
        _run.Machine.With("t.json", """{"enableSystrace":true}""").With("d.json", "{}");
        await RecordAsync(
            "--launch", "1", "--per-node", "1", "--attach", "http://h:1", "--url", "about:blank", "--url", "https://example.com", "--duration", "3s", "--mark", "one@1s", "--mark", "two@2s",
            "--mark-every", "100ms", "--categories", "-*,disabled-by-default-memory-infra,disabled-by-default-devtools.screenshot", "--trace-config", "t.json", "--record-mode", "recordContinuously",
            "--buffer-size-kb", "1000", "--sampling", "--argument-filter", "false", "--synthetic-delay", "x;1", "--memory-dump-config", "d.json", "--backend", "chrome",
            "--transfer", "stream", "--format", "json", "--compression", "none", "--buffer-usage-interval", "1s", "--screenshot-max-size", "100", "--screenshot-max-count", "2",
            "--memory-dump", "light@1s", "--memory-dump-deterministic", "--require", "2", "--prepare-timeout", "1s", "--start-timeout", "2s", "--flush-timeout", "3s", "--merge", "none", "--max-clock-error", "1ms");
        Assert.DoesNotContain("error", _run.Error);
        var plan = Assert.Single(_node.Node.Opened);
        Assert.Equal([(null, null), ("node-1", null), ("node-2", null), ("node-1", "http://h:1")], plan.Targets.Select(target => (target.Node, target.Endpoint)));
        Assert.Equal(["about:blank", "https://example.com", "about:blank", "https://example.com"], plan.Targets.Select(target => target.Url));
        Assert.Equal(
            """{"bufferUsageReportingInterval":1000,"transferMode":"ReturnAsStream","streamFormat":"json","streamCompression":"none","traceConfig":{"recordMode":"recordContinuously","traceBufferSizeInKb":1000,"enableSampling":true,"enableSystrace":true,"enableArgumentFilter":false,"includedCategories":["disabled-by-default-memory-infra","disabled-by-default-devtools.screenshot"],"excludedCategories":["*"],"syntheticDelays":["x;1"],"memoryDumpConfig":{}},"tracingBackend":"chrome","screenshotMaxSize":100,"screenshotMaxCount":2}""",
            plan.Tracing.Start.GetRawText());
        Assert.Equal(["one", "two"], plan.Window.Markers.Select(marker => marker.Label));
        Assert.Equal([new PlannedMemoryDump("light", TimeSpan.FromSeconds(1))], plan.Window.MemoryDumps);
        Assert.Equal((2, MergeChoice.None, TimeSpan.FromMilliseconds(1)), (plan.Require.Of(4), plan.Merge, plan.MaxClockError));
        Assert.Equal(new PhaseTimeouts(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)), plan.Timeouts);
    }

    [Fact]
    public async Task A_perfetto_config_reaches_the_cluster_too()
    {
        PlaysSessions();
        _run.Machine.With("c.pb", PerfettoConfigs.TrackEvents);
        await RecordAsync("--perfetto-config", "c.pb");
        Assert.Equal(Convert.ToBase64String(PerfettoConfigs.TrackEvents), _node.Node.Opened[0].Tracing.Start.GetProperty("perfettoConfig").GetString());
    }

    [Fact]
    public async Task What_only_the_cluster_can_know_is_told_like_any_wrong_usage()
    {
        _node.Node.Cluster = _node.Node.Cluster with { Nodes = [FakeNode.Node("node-1", capacity: 4, recording: 1), FakeNode.Node("node-2", capacity: 2) with { Offers = ["http://h:1"] }] };
        Assert.Equal(2, await RecordAsync("--launch", "6", "--attach", "http://h:2"));
        Assert.Equal(
            [
                "error: --launch '6': the cluster has 5 free places: node-1 has 3 of 4 free, node-2 has 2 of 2 free; ask for fewer, or wait until other sessions have ended",
                "error: --attach 'http://h:2': no node of the cluster offers it; there are http://h:1 (node-2)",
                "Nothing was started. 'orchestrator record --help' shows every option.",
            ],
            _run.ErrorLines);
        Assert.False(Directory.Exists(Output));
    }

    [Fact]
    public async Task What_the_coordinator_refuses_is_told()
    {
        _node.Node.Refuses = _ => new SessionRefusedException("the journal is away");
        Assert.Equal(1, await RecordAsync());
        Assert.Equal($"error: {_node.Address}: the journal is away (HTTP 409)", _run.ErrorLines[^1]);
    }

    [Fact]
    public async Task Where_nobody_is_in_office_yet_it_asks_again()
    {
        PlaysSessions();
        var asked = 0;
        _node.Node.Coordinator = () => Interlocked.Increment(ref asked) <= 2 ? throw new CoordinatorUnavailableException("nobody is in office") : null;
        Assert.Equal(3, await RecordAsync());
        Assert.Single(_node.Node.Opened);
        Assert.Equal($"{_node.Address}: nobody is in office (HTTP 503); trying again for 3m", _run.ErrorLines[0]);
    }

    [Fact]
    public async Task A_server_that_goes_away_in_between_is_come_back_to()
    {
        PlaysSessions(async (plan, feed) =>
        {
            feed.Show(FakeNode.View(plan, SessionPhase.Starting));
            await _node.StopAsync();
            feed.Show(FakeNode.View(plan, SessionPhase.Flushing));
            await _node.StartAgainAsync();
            await feed.FollowedAsync(times: 2);
        });
        Assert.Equal(3, await RecordAsync());
        Assert.Contains("; trying again for 3m", _run.Error);
        Assert.Contains("the server answers again", _run.Error);
        Assert.Contains("flushing the traces to disk", _run.Error);
        Assert.True(File.Exists(_here.In("out", "trace.tar")));
    }

    [Fact]
    public async Task A_file_that_is_not_what_was_recorded_fails_the_command_and_is_not_kept()
    {
        PlaysSessions(spoil: "trace.tar");
        Assert.Equal(1, await RecordAsync());
        Assert.Contains(_run.ErrorLines, line => line.StartsWith("error: trace.tar: its SHA-256 is ", StringComparison.Ordinal));
        Assert.False(File.Exists(_here.In("out", "trace.tar")));
        Assert.True(File.Exists(_here.In("out", "browsers", "b1.pftrace.gz")));
    }

    [Fact]
    public async Task A_file_that_the_server_has_lost_fails_the_command()
    {
        PlaysSessions(lose: "trace.tar");
        Assert.Equal(1, await RecordAsync());
        Assert.Contains("error: trace.tar: the server does not have it", _run.ErrorLines);
    }

    [Fact]
    public async Task A_folder_that_is_in_use_is_refused_before_anything_is_asked()
    {
        _run.Machine.Paths["/full"] = FileKind.FolderWithFiles;
        Assert.Equal(2, await _run.RunAsync("record", "--server", _node.Address.GetLeftPart(UriPartial.Authority), "-o", "/full"));
        Assert.Empty(_node.Node.Opened);
    }

    private Task<int> RecordAsync(params string[] args) => _run.RunAsync(["record", "--server", _node.Address.GetLeftPart(UriPartial.Authority), "-o", Output, .. args]);

    /// <summary>Each session that is opened is shown to start and to flush, its second browser dies, and its files are there.</summary>
    private void PlaysSessions(Func<SessionPlan, SessionFeed, Task>? meanwhile = null, string? spoil = null, string? lose = null)
    {
        meanwhile ??= (plan, feed) =>
        {
            feed.Show(FakeNode.View(plan, SessionPhase.Starting));
            var flushing = FakeNode.View(plan, SessionPhase.Flushing);
            feed.Show(flushing with { Browsers = [.. flushing.Browsers.Select(browser => browser.Name == "b2" ? browser with { Outcome = BrowserOutcome.ConnectionLost, Reason = "it died" } : browser)] });
            return Task.CompletedTask;
        };
        _node.Node.OnOpened = async plan =>
        {
            // Followers come when they have the answer; what they did not see is in their snapshot.
            await _node.Node.Feeds[plan.SessionId].IsFollowed;
            await meanwhile(plan, _node.Node.Feeds[plan.SessionId]);
            var trace = $"browsers/b1{plan.Tracing.FileExtension}";
            string[] files = [trace, "browsers/b1.recording.json", "report.html", "session.json", .. plan.Merge is MergeChoice.None ? (string[])[] : ["trace.tar"]];
            foreach (var file in files.Where(file => file != lose)) _node.Folder.Write($"sessions/{plan.SessionId}/{file}", file == spoil ? [.. Content(file).Reverse()] : Content(file));
            var document = Documents.Of(plan, [.. plan.Targets.Select(target => target.Name == "b1" ? BrowserOutcome.Complete : BrowserOutcome.ConnectionLost)]);
            _node.Node.Over(document with
            {
                Browsers = [.. document.Browsers.Select(browser => browser.File is null ? browser : browser with { Bytes = Content(trace).Length, Sha256 = Hash(trace) })],
                Merged = plan.Merge is MergeChoice.None ? [] : [new MergedFile("perfetto", "trace.tar", Content("trace.tar").Length, Hash("trace.tar"))],
            });
        };
    }

    private static byte[] Content(string file) => [.. Enumerable.Range(0, 200_000 + file.Length).Select(number => (byte)(number * 31 + file[number % file.Length]))];

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(Content(file)));
}
