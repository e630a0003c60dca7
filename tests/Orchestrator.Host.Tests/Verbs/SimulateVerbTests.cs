using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Host.Hosting;
using Orchestrator.Host.Planning;
using Orchestrator.Host.Tests.Support;
using Orchestrator.TestKit.Simulations;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Verbs;

public sealed partial class SimulateVerbTests : IDisposable
{
    private readonly CommandLineRun _run = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Without_a_scenario_the_plain_one_is_run_and_nothing_stays()
    {
        Assert.Equal(0, await _run.RunAsync("simulate"));
        var (scenario, folder, _) = Assert.Single(_run.Simulation.Runs);
        Assert.Equal((new Scenario().Name, 100, 1, 1), (scenario.Name, scenario.Browsers, scenario.Nodes, scenario.Seed));
        Assert.Null(folder);
        Assert.Equal("", _run.Error);
    }

    [Fact]
    public async Task The_users_settings_are_those_of_the_simulation()
    {
        _run.Machine.With("mine.conf", "orchestrator.burst-markers = 7");
        Assert.Equal(0, await _run.RunAsync("simulate", "--config", "mine.conf"));
        Assert.Equal(7, Assert.Single(_run.Simulation.Runs).Settings!.GetInt("orchestrator.burst-markers"));
    }

    [Fact]
    public async Task Options_hold_over_the_files_keys()
    {
        _run.Machine.With("far.conf", "scenario { browsers = 500, nodes = 20, seed = 3, duration = 10m, mark-every = 5s, delays { back = 200us } }");
        Assert.Equal(0, await _run.RunAsync("simulate", "--scenario", "far.conf", "--browsers", "50", "--nodes", "5", "--duration", "90s", "--seed", "0"));
        var scenario = Assert.Single(_run.Simulation.Runs).Scenario;
        Assert.Equal(("far", 50, 5, 0), (scenario.Name, scenario.Browsers, scenario.Nodes, scenario.Seed));
        Assert.Equal((TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(5)), (scenario.Duration, scenario.MarkEvery));
        Assert.Equal(new Delay.Constant(TimeSpan.FromMicroseconds(200)), scenario.Back);
    }

    [Fact]
    public async Task A_scenario_that_ships_is_found_by_its_name_and_a_file_by_its_path()
    {
        _run.Machine.With("/opt/orchestrator/scenarios/calm.conf", "scenario { browsers = 7 }").With("./calm", "scenario { browsers = 8 }");
        Assert.Equal(0, await _run.RunAsync("simulate", "--scenario", "calm"));
        Assert.Equal(0, await _run.RunAsync("simulate", "--scenario", "./calm"));
        Assert.Equal([("calm", 7), ("calm", 8)], _run.Simulation.Runs.Select(run => (run.Scenario.Name, run.Scenario.Browsers)));
    }

    [Fact]
    public async Task Every_scenario_that_ships_lies_beside_the_executable_is_listed_in_the_help_and_can_be_run()
    {
        var files = Directory.GetFiles(new LocalMachine().ScenarioFolder).ToDictionary(file => Path.GetFileNameWithoutExtension(file));
        Assert.Equal(files.Keys.Order(), ShippedScenarios.All.Select(scenario => scenario.Name).Order());
        Assert.Equal(0, await _run.RunAsync("simulate", "--help"));
        foreach (var (name, about) in ShippedScenarios.All)
        {
            Assert.Contains($"\n{name}: {about}\n", _run.Out);
            _run.Machine.With($"/opt/orchestrator/scenarios/{name}.conf", await File.ReadAllTextAsync(files[name]));
        }

        foreach (var name in files.Keys)
        {
            Assert.Equal(0, await _run.RunAsync("simulate", "--scenario", name));
            Assert.Equal(name, _run.Simulation.Runs[^1].Scenario.Name);
        }
    }

    [Fact]
    public async Task A_recorded_trace_is_looked_for_beside_the_scenario()
    {
        byte[] trace = [0x0A, 2, 8, 1];
        _run.Machine.With("worlds/replay.conf", "scenario { content { replay = \"one.pftrace\" } }").With("worlds/one.pftrace", trace);
        Assert.Equal(2, await _run.RunAsync("simulate", "--scenario", "worlds/replay.conf"));
        Assert.Contains("worlds/replay.conf:1: scenario.content.replay: 'one.pftrace' is a file that does not exist", _run.Error);
        _run.Machine.Paths["/here/worlds/one.pftrace"] = FileKind.File;
        Assert.Equal(0, await _run.RunAsync("simulate", "--scenario", "worlds/replay.conf"));
        Assert.Equal(trace, Assert.IsType<TraceContent.Replayed>(Assert.Single(_run.Simulation.Runs).Scenario.Content).Bytes);
    }

    [Theory]
    [InlineData("--browsers '0': not a whole number of browsers from 1 to 100000", "--browsers", "0")]
    [InlineData("--browsers 'many': not a whole number of browsers from 1 to 100000", "--browsers", "many")]
    [InlineData("--nodes '1001': not a whole number of nodes from 1 to 1000", "--nodes", "1001")]
    [InlineData("--nodes '101': there are 100 browsers, and each node has at least one; ask for at most as many", "--nodes", "101")]
    [InlineData("--duration '10': not a duration", "--duration", "10")]
    [InlineData("--mark-every '1ms': out of range; 10ms to 24h is allowed", "--mark-every", "1ms")]
    [InlineData("--seed '-1': not a whole number from 0 to 2147483647", "--seed", "-1")]
    [InlineData("--scenario '': is empty; name a file, or a scenario that ships", "--scenario", "")]
    [InlineData("--scenario 'calmm': does not exist; did you mean calm?", "--scenario", "calmm")]
    [InlineData("--scenario 'xyzzy': does not exist; scenarios that ship are calm, drifting-clocks, dying-browsers, slow-network, everything-at-once, reference", "--scenario", "xyzzy")]
    [InlineData("--scenario 'x.conf': does not exist", "--scenario", "x.conf")]
    [InlineData("--record 'full': has files in it already; name a new or an empty folder", "--record", "full")]
    [InlineData("--record '': is empty; name a folder", "--record", "")]
    [InlineData("--record 'new': 1001 browsers are too many for a folder: at most 1000 are recorded; lower --browsers or leave --record out", "--record", "new", "--browsers", "1001")]
    [InlineData("unknown option '--browser'; did you mean --browsers?", "--browser", "3")]
    public async Task Wrong_usage_is_told_and_nothing_is_run(string told, params string[] args)
    {
        _run.Machine.Paths["/here/full"] = FileKind.FolderWithFiles;
        Assert.Equal(2, await _run.RunAsync(["simulate", .. args]));
        Assert.StartsWith($"error: {told}", _run.ErrorLines[0]);
        Assert.Equal("Nothing was started. 'orchestrator simulate --help' shows every option.", _run.ErrorLines[^1]);
        Assert.Equal("", _run.Out);
        Assert.Empty(_run.Simulation.Runs);
    }

    [Fact]
    public async Task All_mistakes_of_the_options_and_the_file_are_told_at_once_with_their_lines()
    {
        _run.Machine.With("bad.conf", "scenario {\n browsers = -1\n # fine\n wheather = fair\n delays { there { uniform = [2s, 1s] } }\n content { events-per-second = -3 }\n}");
        Assert.Equal(2, await _run.RunAsync("simulate", "--scenario", "bad.conf", "--seed", "x", "--record", ""));
        Assert.Equal(
            [
                "error: --seed 'x': not a whole number from 0 to 2147483647",
                "error: bad.conf:2: scenario.browsers: '-1' is out of range; 1 to 100000 is allowed",
                "error: bad.conf:4: scenario.wheather: there is no such key; there are: browsers, clocks, compression, content, delays, duration, faults, format, journal, kill-process-at-event, mark-every, markers, memory-dumps, name, nodes, require, seed, timeouts, transfer",
                "error: bad.conf:5: scenario.delays.there.uniform: this is impossible: its least is more than its most",
                "error: bad.conf:6: scenario.content.events-per-second: '-3' is out of range; 0 to 1000000 is allowed",
                "error: --record '': is empty; name a folder",
            ],
            _run.ErrorLines[..^1]);
    }

    [Fact]
    public async Task The_table_tells_outcomes_measures_and_messages()
    {
        Assert.Equal(0, await _run.RunAsync("simulate", "--browsers", "2000", "--nodes", "40", "--seed", "7"));
        foreach (var told in (string[])
        [
            "scenario default, seed 7: 2000 browsers on 40 nodes, a window of 1m\n", "connectionLost │ 1 │ 0.1 %", "complete │ 1,999 │ 100.0 %",
            "start skew │ 1.5 ms │ 20.0 ms │ 2.50 s", "clock bound │ 3.2 µs │ 40 µs │ 500 µs", "clock error against the truth │ 0.4 µs │ 9.9 µs │ 10 µs",
            "node Start │ 40 │ 1.0 │ │", "CDP Tracing.start │ 2,000 │ │ 1.0 │", "browser Mark │ 12,345 │ │ 6.2 │", "coordinator Open │ 1 │ │ │",
            "every promise held: the truth is within the bound of each clock that ran evenly; 2000 of 2000 clocks are known throughout the window", "session partial: b2 was lost", "1 min 3 s were simulated in 0.5 s, 126.0 times as fast as real time",
        ]) Assert.Contains(told, Unpadded(_run.Out));
        Assert.True(_run.Out.IndexOf("CDP Tracing.start", StringComparison.Ordinal) < _run.Out.IndexOf("node Start", StringComparison.Ordinal), "Kinds are sorted.");
    }

    [Fact]
    public async Task With_json_it_is_one_document()
    {
        Assert.Equal(0, await _run.RunAsync("simulate", "--json", "--seed", "7"));
        using var json = JsonDocument.Parse(_run.Out);
        var root = json.RootElement;
        Assert.Equal((1, "default", 7, 100, 1), (Int(root, "schema"), Text(root, "scenario"), Int(root, "seed"), Int(root, "browsers"), Int(root, "nodes")));
        Assert.Equal(("sim-1", "partial", "b2 was lost"), (Text(root, "sessionId"), Text(root, "outcome"), Text(root, "reason")));
        Assert.Equal("""{"complete":99,"connectionLost":1}""", Compact(root, "outcomes"));
        Assert.Equal("""{"p50Micros":3.2,"p99Micros":40,"maxMicros":500}""", Compact(root, "clockBound"));
        Assert.Equal("""{"p50Micros":0.4,"p99Micros":9.9,"maxMicros":10}""", Compact(root, "clockError"));
        Assert.Equal("""{"p50Micros":1500,"p99Micros":20000,"maxMicros":2500000}""", Compact(root, "startSkew"));
        Assert.Equal("""{"CDP Tracing.start":100,"browser Mark":12345,"coordinator Open":1,"node Start":1}""", Compact(root, "messages"));
        Assert.Equal(("[]", "[]"), (Compact(root, "outsideOfBound"), Compact(root, "brokenPromises")));
        Assert.Equal((60_000_000, 63_000_000, 500_000, 126), (root.GetProperty("durationMicros").GetDouble(), root.GetProperty("virtualMicros").GetDouble(), root.GetProperty("realMicros").GetDouble(), root.GetProperty("speedUp").GetDouble()));
        Assert.Equal("orchestrator simulate --seed 7 --json", Text(root, "repeat"));
        Assert.Equal(JsonValueKind.Null, root.GetProperty("recorded").ValueKind);
    }

    [Fact]
    public async Task What_was_not_measured_is_told_as_such()
    {
        _run.Simulation.Ends = result => result with { Browsers = [.. result.Browsers.Select(browser => browser with { StartedAfter = null, ClockBound = null, ClockError = null })], RealTime = TimeSpan.Zero };
        Assert.Equal(0, await _run.RunAsync("simulate"));
        Assert.Contains("start skew │ - │ - │ -", Unpadded(_run.Out));
        Assert.DoesNotContain("times as fast", _run.Out);
        Assert.Equal(0, await _run.RunAsync("simulate", "--json"));
        Assert.Contains("\"clockBound\": null", _run.Out);
    }

    [Theory]
    [InlineData(SessionOutcome.Failed)]
    [InlineData(SessionOutcome.Partial)]
    public async Task A_session_that_ends_as_badly_as_ordered_is_a_simulation_that_succeeded(SessionOutcome outcome)
    {
        _run.Simulation.Ends = result => result with { Document = result.Document with { Outcome = outcome } };
        Assert.Equal(0, await _run.RunAsync("simulate"));
        Assert.Contains($"session {outcome.Name()}", _run.Out);
    }

    [Fact]
    public async Task A_broken_promise_is_told_with_the_command_that_repeats_it()
    {
        _run.Machine.With("my world's.conf", "scenario { seed = 5 }");
        _run.Simulation.Ends = result => result with { BrokenPromises = ["b3 has two outcomes"] };
        _run.Machine.With("$x.conf", "");
        Assert.Equal(1, await _run.RunAsync("simulate", "--scenario", "my world's.conf", "--mark-every", "1s", "--config", "$x.conf"));
        Assert.Equal("error: b3 has two outcomes", _run.ErrorLines[0]);
        Assert.Equal("repeat it: orchestrator simulate --scenario 'my world'\\''s.conf' --mark-every 1s --seed 5 --config '$x.conf'", _run.ErrorLines[1]);
        Assert.Contains("broken promises: 1", _run.Out);
    }

    [Fact]
    public async Task A_truth_outside_of_its_bound_is_told_with_the_command_that_repeats_it()
    {
        _run.Simulation.Ends = result => result with { Browsers = [result.Browsers[0] with { IsOutsideOfBound = true }, .. result.Browsers.Skip(1)] };
        Assert.Equal(1, await _run.RunAsync("simulate", "--json"));
        Assert.Equal(["error: The true clock of b1 lies outside of its bound.", "repeat it: orchestrator simulate --seed 1 --json"], _run.ErrorLines);
        using var json = JsonDocument.Parse(_run.Out);
        Assert.Equal("b1", Assert.Single(json.RootElement.GetProperty("outsideOfBound").EnumerateArray()).GetString());
        Assert.Equal(1, await _run.RunAsync("simulate"));
        Assert.Contains("broken promises: 1", _run.Out);
    }

    [Fact]
    public async Task A_jump_that_no_marker_shows_is_told_and_breaks_no_promise()
    {
        _run.Simulation.Ends = result => result with
        {
            Browsers = [.. result.Browsers.Take(12).Select(browser => browser with { ClockIsEven = false, IsOutsideOfBound = true }), .. result.Browsers.Skip(12)],
        };
        Assert.Equal(0, await _run.RunAsync("simulate"));
        Assert.Contains("clocks that jumped or stood still where no marker shows it, and left their bound: b1, b2, b3, b4, b5, b6, b7, b8, b9, b10 and 2 more\n", _run.Out);
        Assert.Contains("every promise held", _run.Out);
        Assert.Equal(0, await _run.RunAsync("simulate", "--json"));
        using var json = JsonDocument.Parse(_run.Out);
        Assert.Equal((0, 12), (json.RootElement.GetProperty("outsideOfBound").GetArrayLength(), json.RootElement.GetProperty("unseenJumps").GetArrayLength()));
    }

    [Fact]
    public async Task Of_very_many_broken_promises_some_are_told_and_in_json_all()
    {
        _run.Simulation.Ends = result => result with { BrokenPromises = [.. Enumerable.Range(1, 100).Select(number => $"promise {number}")], Recovered = true };
        Assert.Equal(1, await _run.RunAsync("simulate", "--json"));
        Assert.Equal(22, _run.ErrorLines.Length);
        Assert.Equal("error: and 80 more broken promises; --json tells them all", _run.ErrorLines[20]);
        using var json = JsonDocument.Parse(_run.Out);
        Assert.Equal(100, json.RootElement.GetProperty("brokenPromises").GetArrayLength());
        Assert.True(json.RootElement.GetProperty("recovered").GetBoolean());
    }

    [Fact]
    public async Task A_simulation_that_fails_is_told_with_the_command_that_repeats_it()
    {
        _run.Simulation.Ends = _ => throw new InvalidOperationException("the world ended");
        Assert.Equal(1, await _run.RunAsync("simulate", "--browsers", "5"));
        Assert.Equal(
            ["error: the simulation failed: the world ended", "ORCHESTRATOR_DEBUG=1 shows where it comes from.", "repeat it: orchestrator simulate --browsers 5 --seed 1"],
            _run.ErrorLines);
        Assert.Equal("", _run.Out);
    }

    [Fact]
    public async Task A_recorded_folder_is_merged_and_the_repetition_names_another_one()
    {
        var folder = Path.Combine(_folder, "out");
        _run.Simulation.Ends = result =>
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, "session.json"), (result.Document with { Folder = folder }).ToUtf8());
            return result;
        };
        Assert.Equal(0, await _run.RunAsync("simulate", "--record", folder + "/"));
        Assert.Equal(folder + "/", Assert.Single(_run.Simulation.Runs).Folder);
        Assert.Contains($"report: {Path.Combine(folder, "report.html")}", _run.Out);
        Assert.True(File.Exists(Path.Combine(folder, "report.html")));

        Directory.Delete(folder, recursive: true);
        _run.Machine.Paths[folder + "-2"] = FileKind.FolderWithFiles;
        Assert.Equal(0, await _run.RunAsync("simulate", "--record", folder, "--json"));
        using var json = JsonDocument.Parse(_run.Out);
        Assert.Equal(folder, json.RootElement.GetProperty("recorded").GetProperty("folder").GetString());
        Assert.Equal($"orchestrator simulate --seed 1 --record {folder}-3 --json", Text(json.RootElement, "repeat"));
    }

    [Fact]
    public async Task A_folder_that_was_not_written_is_a_failure()
    {
        Assert.Equal(1, await _run.RunAsync("simulate", "--record", Path.Combine(_folder, "out")));
        Assert.Contains("there is no such folder", _run.Error);
        Assert.Contains("session partial", _run.Out);
    }

    [Fact]
    public async Task Where_there_is_no_terminal_each_phase_is_a_line()
    {
        _run.Simulation.Progress =
        [
            new(SessionPhase.Preparing, TimeSpan.FromSeconds(1), 0, 100), new(SessionPhase.Preparing, TimeSpan.FromSeconds(2), 0, 100),
            new(SessionPhase.Window, TimeSpan.FromSeconds(30), 3, 100), new(SessionPhase.Ended, TimeSpan.FromSeconds(65), 100, 100),
        ];
        Assert.Equal(0, await _run.RunAsync("simulate"));
        Assert.Equal(
            [
                "preparing: 1.0 s simulated, the window lasts 1 min 0 s; 0 of 100 browsers ended; 0.0 s of real time",
                "recording: 30.0 s simulated, the window lasts 1 min 0 s; 3 of 100 browsers ended; 0.0 s of real time",
                "comparing with the truth: 1 min 5 s simulated, the window lasts 1 min 0 s; 100 of 100 browsers ended; 0.0 s of real time",
            ],
            _run.ErrorLines);
    }

    private static string Unpadded(string text) => Blanks().Replace(text.Replace('|', '│'), " ");

    [GeneratedRegex(" +")]
    private static partial Regex Blanks();

    private static string Compact(JsonElement root, string name) => JsonSerializer.Serialize(root.GetProperty(name));

    private static int Int(JsonElement root, string name) => root.GetProperty(name).GetInt32();

    private static string? Text(JsonElement root, string name) => root.GetProperty(name).GetString();
}
