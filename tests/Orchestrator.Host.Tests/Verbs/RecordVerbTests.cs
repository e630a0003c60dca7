using System.Text.Json;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Tests.Support;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Verbs;

public class RecordVerbTests
{
    private readonly CommandLineRun _run = new();

    [Fact]
    public async Task Every_option_of_the_command_line_reaches_the_plan()
    {
        _run.Machine.With("t.json", """{"enableSystrace":true}""").With("d.json", "{}");
        _run.Machine.Paths["/opt/chrome"] = FileKind.Executable;
        var code = await _run.RunAsync(
            "record", "--launch", "1", "--attach", "http://h:1", "--attach", "http://h:2", "--chrome", "/opt/chrome", "--chrome-arg=--a=1", "--chrome-arg", "--b",
            "--url", "about:blank", "--url", "https://example.com", "--duration", "3s", "--mark", "one@1s", "--mark", "two@2s", "--mark-every", "100ms",
            "--categories", "-*,disabled-by-default-memory-infra,disabled-by-default-devtools.screenshot", "--trace-config", "t.json", "--record-mode", "recordContinuously",
            "--buffer-size-kb", "1000", "--sampling", "--argument-filter", "false", "--synthetic-delay", "x;1", "--memory-dump-config", "d.json", "--backend", "chrome",
            "--transfer", "stream", "--format", "json", "--compression", "none", "--buffer-usage-interval", "1s", "--screenshot-max-size", "100", "--screenshot-max-count", "2",
            "--memory-dump", "light@1s", "--memory-dump-deterministic", "--require", "2", "--prepare-timeout", "1s", "--start-timeout", "2s", "--flush-timeout", "3s",
            "-o", "out", "--data", "data", "--json");
        Assert.Equal(("", 0), (string.Join('\n', _run.ErrorLines.Where(line => line.StartsWith("error", StringComparison.Ordinal))), code));
        var plan = Assert.Single(_run.Sessions.Recorded);
        Assert.Equal([null, "http://h:1", "http://h:2"], plan.Targets.Select(target => target.Endpoint));
        Assert.Equal(["about:blank", "https://example.com", "about:blank"], plan.Targets.Select(target => target.Url));
        Assert.Equal("/opt/chrome", plan.Launch!.ChromePath);
        Assert.Equal(["--a=1", "--b"], plan.Launch.Arguments);
        Assert.Equal(
            """{"bufferUsageReportingInterval":1000,"transferMode":"ReturnAsStream","streamFormat":"json","streamCompression":"none","traceConfig":{"recordMode":"recordContinuously","traceBufferSizeInKb":1000,"enableSampling":true,"enableSystrace":true,"enableArgumentFilter":false,"includedCategories":["disabled-by-default-memory-infra","disabled-by-default-devtools.screenshot"],"excludedCategories":["*"],"syntheticDelays":["x;1"],"memoryDumpConfig":{}},"tracingBackend":"chrome","screenshotMaxSize":100,"screenshotMaxCount":2}""",
            plan.Tracing.Start.GetRawText());
        Assert.Equal((TraceTransfer.Stream, TraceFormat.Json, TraceCompression.None), (plan.Tracing.Transfer, plan.Tracing.Format, plan.Tracing.Compression));
        Assert.Equal(TimeSpan.FromSeconds(3), plan.Window.Duration);
        Assert.Equal(["one", "two"], plan.Window.Markers.Select(marker => marker.Label));
        Assert.Equal(TimeSpan.FromMilliseconds(100), plan.Window.MarkEvery);
        Assert.Equal([new PlannedMemoryDump("light", TimeSpan.FromSeconds(1))], plan.Window.MemoryDumps);
        Assert.True(plan.Window.MemoryDumpDeterministic);
        Assert.Equal(2, plan.Require.Of(3));
        Assert.Equal(new PhaseTimeouts(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)), plan.Timeouts);
        Assert.Equal("/here/out", plan.OutputFolder);
        Assert.Equal(["/here/data"], _run.Opened);
    }

    [Fact]
    public async Task The_options_that_stand_alone_reach_the_plan_too()
    {
        _run.Machine.With("c.pb", PerfettoConfigs.TrackEvents);
        Assert.Equal(0, await _run.RunAsync("record", "--perfetto-config", "c.pb", "--output", "a"));
        Assert.Equal(2, await _run.RunAsync("record", "--legacy-categories", "-a,b", "--systrace=false"));
        Assert.Equal(0, await _run.RunAsync("record", "--legacy-categories", "-a,b", "--legacy-options", "record-until-full"));
        Assert.Equal(Convert.ToBase64String(PerfettoConfigs.TrackEvents), _run.Sessions.Recorded[0].Tracing.Start.GetProperty("perfettoConfig").GetString());
        var legacy = _run.Sessions.Recorded[^1].Tracing.Start;
        Assert.Equal("-a,b", legacy.GetProperty("categories").GetString());
        Assert.Equal("record-until-full", legacy.GetProperty("options").GetString());
    }

    [Fact]
    public async Task With_json_stdout_is_one_document_and_nothing_else()
    {
        Assert.Equal(0, await _run.RunAsync("record", "--json"));
        var document = SessionDocument.Parse(System.Text.Encoding.UTF8.GetBytes(_run.Out));
        Assert.Equal(_run.Sessions.Recorded[0].SessionId, document.SessionId);
        using var json = JsonDocument.Parse(_run.Out);
        Assert.Equal("complete", json.RootElement.GetProperty("outcome").GetString());
        Assert.Contains("preparing", _run.Error);
    }

    [Fact]
    public async Task Without_it_stdout_is_a_report()
    {
        _run.Sessions.Ends = plan => Documents.Of(plan, [BrowserOutcome.CompleteWithLoss, BrowserOutcome.ConnectionLost]);
        Assert.Equal(3, await _run.RunAsync("record"));
        Assert.Contains("b1      │ completeWithLoss", _run.Out);
        Assert.Contains("1.5 MiB", _run.Out);
        Assert.Contains("42 %", _run.Out);
        Assert.Contains("browsers/b1.pftrace.gz", _run.Out);
        Assert.Contains("b2      │ connectionLost", _run.Out);
        Assert.Contains("the reason why", _run.Out);
        Assert.Contains("b1 memory dump (light): in the trace as 0x9", _run.Out);
        Assert.Contains("b1 memory dump (detailed): failed", _run.Out);
        Assert.Contains("b1 warning: something odd", _run.Out);
        Assert.Contains("starts sent within 12 µs, answered within 2.3 ms, ends sent within 31 µs", _run.Out);
        Assert.Contains("partial", _run.Out);
        Assert.Contains("folder /here/session-", _run.Out);
        Assert.Contains("open browsers/*.pftrace.gz of that folder in ui.perfetto.dev", _run.Out);
        Assert.DoesNotContain('\u001b', _run.Out + _run.Error);
    }

    public static TheoryData<BrowserOutcome[], SessionOutcome?, int> Outcomes => new()
    {
        { [BrowserOutcome.Complete, BrowserOutcome.Complete], null, 0 },
        { [BrowserOutcome.Complete, BrowserOutcome.CompleteWithLoss], null, 3 },
        { [BrowserOutcome.Complete, BrowserOutcome.Refused], null, 3 },
        { [BrowserOutcome.Refused, BrowserOutcome.LaunchFailed], null, 1 },
        { [BrowserOutcome.Aborted, BrowserOutcome.Aborted], SessionOutcome.Aborted, 130 },
        { [BrowserOutcome.Refused, BrowserOutcome.Aborted], SessionOutcome.Failed, 1 },
    };

    [Theory]
    [MemberData(nameof(Outcomes))]
    public async Task The_exit_code_tells_the_outcome(BrowserOutcome[] browsers, SessionOutcome? outcome, int code)
    {
        _run.Sessions.Ends = plan => Documents.Of(plan, browsers, outcome);
        Assert.Equal(code, await _run.RunAsync("record"));
        Assert.Equal(code, await _run.RunAsync("record", "--json"));
        Assert.True(_run.Sessions.IsDisposed);
    }

    [Fact]
    public async Task A_session_without_a_trace_says_where_to_look()
    {
        _run.Sessions.Ends = plan => Documents.Of(plan, [BrowserOutcome.Refused, BrowserOutcome.Refused]);
        await _run.RunAsync("record");
        Assert.Contains($"orchestrator sessions events {_run.Sessions.Recorded[0].SessionId}", _run.Out);
    }

    [Fact]
    public async Task All_errors_are_told_at_once_and_nothing_is_started()
    {
        _run.Machine.Paths["/full"] = FileKind.FolderWithFiles;
        _run.ConfigurationErrors = ["orchestrator.nonsense: unknown key"];
        _run.Machine.With("o.conf", "x = 1");
        var code = await _run.RunAsync(
            "record", "--duration", "soon", "--duraton", "5s", "--launch", "x", "--launch", "y", "--format", "xml", "--url", "nowhere", "--mark", "@1s",
            "-o", "/full", "--config", "o.conf", "--data", "", "--json");
        Assert.Equal(2, code);
        Assert.Equal("", _run.Out);
        Assert.Empty(_run.Opened);
        Assert.Empty(_run.Sessions.Recorded);
        string[] begins =
        [
            "error: unknown option '--duraton'; did you mean --duration?", "error: Unrecognized command or argument '5s'", "error: Option '--launch' expects a single argument",
            "error: --config 'o.conf': orchestrator.nonsense: unknown key", "error: --data '': is empty", "error: --launch 'y': not a whole number", "error: --url 'nowhere': ",
            "error: --duration 'soon': not a duration", "error: --mark '@1s': the label is empty", "error: --format 'xml': not one of proto, json",
            "error: --output '/full': has files in it already", "Nothing was started. 'orchestrator record --help' shows every option.",
        ];
        Assert.Equal(begins.Length, _run.ErrorLines.Length);
        Assert.All(begins, begin => Assert.Contains(_run.ErrorLines, line => line.StartsWith(begin, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("/xdg", "/xdg/orchestrator")]
    [InlineData("relative", "/home/me/.local/share/orchestrator")]
    [InlineData(null, "/home/me/.local/share/orchestrator")]
    public async Task The_journal_is_where_the_xdg_specification_says(string? xdg, string folder)
    {
        if (xdg is not null) _run.Machine.Variables["XDG_DATA_HOME"] = xdg;
        await _run.RunAsync("record");
        Assert.Equal([folder], _run.Opened);
    }

    [Fact]
    public async Task Without_a_home_a_data_folder_must_be_named()
    {
        _run.Machine.Variables.Remove("HOME");
        Assert.Equal(2, await _run.RunAsync("record"));
        Assert.StartsWith("error: --data is missing", _run.ErrorLines[0]);
        Assert.Equal(0, await _run.RunAsync("record", "--data", "/d"));
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_read_is_an_error()
    {
        Assert.Equal(2, await _run.RunAsync("record", "--config", "missing.conf"));
        Assert.Equal("error: --config 'missing.conf': does not exist", _run.ErrorLines[0]);
    }

    [Fact]
    public async Task What_nobody_expected_is_one_line_and_exit_code_1()
    {
        _run.OnOpen = () => new InvalidOperationException("the journal is\nupside down");
        Assert.Equal(1, await _run.RunAsync("record"));
        Assert.Contains("error: the journal is upside down", _run.ErrorLines);
        Assert.DoesNotContain("   at ", _run.Error);
        _run.Machine.Variables["ORCHESTRATOR_DEBUG"] = "1";
        Assert.Equal(1, await _run.RunAsync("record"));
        Assert.Contains("   at ", _run.Error);
    }

    [Fact]
    public async Task Recovered_sessions_are_told()
    {
        _run.Sessions.Recovered.Add(Documents.Of(Documents.Plan("20261122-000000-dead"), [BrowserOutcome.NodeLost, BrowserOutcome.NodeLost]));
        await _run.RunAsync("record", "--json");
        Assert.Contains("note: session 20261122-000000-dead was open when its process died; its outcome is failed", _run.Error);
    }

    [Fact]
    public async Task What_may_surprise_is_noted()
    {
        await _run.RunAsync("record", "--buffer-usage-interval", "10ms");
        Assert.StartsWith("note: --buffer-usage-interval 10ms", _run.ErrorLines[0]);
    }
}
