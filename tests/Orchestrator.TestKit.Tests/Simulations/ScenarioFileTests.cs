using Orchestrator.TestKit.Simulations;
using Orchestrator.TestKit.Worlds;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Tests.Simulations;

public sealed class ScenarioFileTests
{
    private static readonly byte[] Gzip = [0x1F, 0x8B, 8, 0];
    private static readonly byte[] Proto = [0x0A, 2, 8, 1];

    [Fact]
    public void A_file_without_keys_is_the_default_scenario_under_the_files_name() =>
        Equal.Scenarios(new Scenario { Name = "monday" }, Whole("scenario {}", "some/where/monday.conf"));

    [Fact]
    public void What_the_file_says_is_in_the_scenario()
    {
        var scenario = Whole("""
            scenario {
              name = "Friday's rehearsal", browsers = 500, nodes = 20, seed = 7, duration = 10m, mark-every = 500ms
              markers = ["late@9m", "me@home@2s"], memory-dumps = ["light@5s"], require = 80%
              timeouts { prepare = 20s, start = 10s, flush = 1m }
              format = json, compression = gzip
              clocks { offset-within = 0s, drift-within-ppm = 100
                steps = [ { probability = 1%, at = { uniform = [10s, 5m] }, by = -50ms }, { browsers = [b3], at = 30s, suspended = 2s } ] }
              delays { there = 400us, back = { uniform = [1us, 2us] }, starting = { heavy-tail { least = 100ms, shape = 1.5, most = 20s } } }
              content { events-per-second = 0.5, argument-bytes = 2KiB, categories = [a, b] }
              journal { write = { log-normal { median = 2ms, sigma = 1 } } }
              kill-process-at-event = 12
            }
            """);
        Assert.Equal(("Friday's rehearsal", 500, 20, 7), (scenario.Name, scenario.Browsers, scenario.Nodes, scenario.Seed));
        Assert.Equal((TimeSpan.FromMinutes(10), TimeSpan.FromMilliseconds(500)), (scenario.Duration, scenario.MarkEvery));
        Assert.Equal([new("me@home", TimeSpan.FromSeconds(2)), new("late", TimeSpan.FromMinutes(9))], scenario.Markers);
        Assert.Equal([new PlannedMemoryDump("light", TimeSpan.FromSeconds(5))], scenario.MemoryDumps);
        Assert.Equal("80%", scenario.Require.ToString());
        Assert.Equal(new PhaseTimeouts(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1)), scenario.Timeouts);
        Assert.Equal((TraceTransfer.Stream, TraceFormat.Json, TraceCompression.Gzip), (scenario.Transfer, scenario.Format, scenario.Compression));
        Assert.Equal((TimeSpan.Zero, 100), (scenario.OffsetWithin, scenario.DriftWithinPpm));
        Assert.Equal(
            [(0.01, TimeSpan.FromMilliseconds(-50), Delay.None, new Delay.Uniform(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5))), (1, TimeSpan.Zero, Seconds(2), Seconds(30))],
            scenario.ClockSteps.Select(step => (step.Probability, step.By, step.Suspended, step.At)));
        Assert.Equal(["b3"], scenario.ClockSteps[1].Browsers!);
        Assert.Equal(new Delay.Constant(TimeSpan.FromMicroseconds(400)), scenario.There);
        Assert.Equal(new Delay.Uniform(TimeSpan.FromMicroseconds(1), TimeSpan.FromMicroseconds(2)), scenario.Back);
        Assert.Equal(new Delay.HeavyTail(TimeSpan.FromMilliseconds(100), 1.5, TimeSpan.FromSeconds(20)), scenario.Starting);
        Assert.Equal(new Delay.LogNormal(TimeSpan.FromMilliseconds(2), 1), scenario.JournalWrite);
        Assert.Equal(12, scenario.KillProcessAtEvent);
        var content = Assert.IsType<TraceContent.Generated>(scenario.Content);
        Assert.Equal((0.5, 2048), (content.EventsPerSecond, content.ArgumentBytes));
        Assert.Equal(["a", "b"], content.Categories);
    }

    [Theory]
    [InlineData("refuse-connection", "RefuseConnection { }")]
    [InlineData("refuse-start", "RefuseStart { Code = -32000, Message = Tracing has already been started (possibly in another tab). }")]
    [InlineData("refuse-start, code = -1, message = \"no: not now\"", "RefuseStart { Code = -1, Message = no: not now }")]
    [InlineData("hang, after = 30s", "Hang { After = 00:00:30 }")]
    [InlineData("kill, after = 1ms", "Kill { After = 00:00:00.0010000 }")]
    [InlineData("slow-flush, extra = 10s", "SlowFlush { Extra = 00:00:10 }")]
    [InlineData("lose-tracing-complete", "LoseTracingComplete { }")]
    [InlineData("close-mid-stream, at-share = 0.5", "CloseMidStream { AtShare = 0.5 }")]
    [InlineData("close-mid-stream, at-share = 50%", "CloseMidStream { AtShare = 0.5 }")]
    [InlineData("garbage-frame, after = 0s", "GarbageFrame { After = 00:00:00 }")]
    [InlineData("oversized-frame, after = 1s, bytes = 300MiB", "OversizedFrame { After = 00:00:01, Bytes = 314572800 }")]
    [InlineData("duplicate-answers, share = 1", "DuplicateAnswers { Share = 1 }")]
    [InlineData("late-answers, share = 1e-3, by = 2s", "LateAnswers { By = 00:00:02, Share = 0.001 }")]
    [InlineData("data-loss", "DataLoss { }")]
    public void Every_fault_can_be_ordered(string fault, string made)
    {
        var rule = Assert.Single(Whole($"scenario {{ faults = [ {{ fault = {fault} }} ] }}").Faults);
        Assert.Equal(made, rule.For("b1", new Random(1), TimeSpan.Zero)!.ToString());
        Assert.Contains(fault.Split(',')[0], ScenarioFileRules.FaultKinds);
    }

    [Fact]
    public void A_fault_befalls_whom_it_is_ordered_for_at_a_moment_that_chance_finds()
    {
        var rule = Assert.Single(Whole("scenario { faults = [ { fault = kill, browsers = [b2, b3], probability = 0.5, after = { uniform = [1s, 2s] } } ] }").Faults);
        Assert.Equal(["b2", "b3"], rule.Browsers!);
        Assert.Equal(0.5, rule.Probability);
        var random = new Random(1);
        var kills = Enumerable.Range(0, 1000).Select(_ => rule.For("b2", random, TimeSpan.Zero)).OfType<Fault.Kill>().ToList();
        Assert.InRange(kills.Count, 400, 600);
        Assert.All(kills, kill => Assert.InRange(kill.After, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)));
        Assert.True(kills.Distinct().Count() > 300);
        Assert.Null(rule.For("b1", random, TimeSpan.Zero));
    }

    [Fact]
    public void Overrides_hold_whatever_the_file_says_and_what_it_says_is_checked_against_them()
    {
        const string Text = "scenario {\n browsers = 500\n nodes = 20\n duration = 10m\n markers = [\"late@9m\"]\n require = 300\n faults = [ { fault = data-loss, browsers = [b400] } ]\n}";
        var scenario = Read(Text, new ScenarioOverrides { Browsers = 600, Nodes = 3, Seed = 9, Duration = TimeSpan.FromMinutes(20), MarkEvery = TimeSpan.FromSeconds(1) }).Scenario!;
        Assert.Equal((600, 3, 9, TimeSpan.FromMinutes(20), TimeSpan.FromSeconds(1)), (scenario.Browsers, scenario.Nodes, scenario.Seed, scenario.Duration, scenario.MarkEvery));
        Assert.Equal(
            [
                "x.conf:3: scenario.nodes: '20' is out of range; there are 10 browsers, and each node has at least one: 1 to 10 is allowed",
                "x.conf:5: scenario.markers[0]: 'late@9m' is nothing that can be placed: the offset is not within the window, which lasts 1m; lengthen the window or shorten the offset",
                "x.conf:6: scenario.require: '300' is more than this scenario has: 10; ask for at most as many",
                "x.conf:7: scenario.faults[0].browsers[0]: 'b400' is no browser of this scenario; they are called b1 to b10",
            ],
            Read(Text, new ScenarioOverrides { Browsers = 10, Duration = TimeSpan.FromMinutes(1) }).Errors.Select(error => error.ToString()));
    }

    [Fact]
    public void A_recorded_trace_is_read_from_beside_the_file()
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-test-").FullName;
        try
        {
            var file = Path.Combine(folder, "replay.conf");
            File.WriteAllText(file, "scenario { content { replay = \"traces/one.pftrace\" } }");
            Assert.Contains("a file that cannot be read", Assert.Single(Assert.Throws<ScenarioFileException>(() => ScenarioFile.Load(file)).Errors).Problem);
            Directory.CreateDirectory(Path.Combine(folder, "traces"));
            Assert.Contains("does not exist", Assert.Single(Assert.Throws<ScenarioFileException>(() => ScenarioFile.Load(file)).Errors).Problem);
            File.WriteAllBytes(Path.Combine(folder, "traces", "one.pftrace"), Proto);
            Assert.Equal(Proto, Assert.IsType<TraceContent.Replayed>(ScenarioFile.Load(file).Content).Bytes);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("proto", "gzip", null)]
    [InlineData("proto", "none", "a gzip file; say compression = gzip, or unpack it")]
    [InlineData("json", "gzip", null)]
    public void A_recorded_trace_that_is_packed_fits_gzip_alone(string format, string compression, string? problem) => AssertReplay(Gzip, format, compression, problem);

    [Theory]
    [InlineData("\n\u0002", "proto", "none", null)]
    [InlineData("\n\u0002", "proto", "gzip", "no gzip file; say compression = none, or pack it")]
    [InlineData("\n\u0002", "json", "none", "no Chrome JSON; say format = proto if it is a Perfetto trace")]
    [InlineData(" {}", "json", "none", null)]
    [InlineData("[]", "json", "none", null)]
    [InlineData("{}", "proto", "none", "no Perfetto trace; say format = json if it is Chrome JSON")]
    [InlineData("", "proto", "none", "an empty file")]
    public void A_recorded_trace_fits_its_format(string bytes, string format, string compression, string? problem) =>
        AssertReplay([.. bytes.Select(one => (byte)one)], format, compression, problem);

    private static void AssertReplay(byte[] bytes, string format, string compression, string? problem)
    {
        var reading = ScenarioFile.Read($"scenario {{ format = {format}, compression = {compression}, content {{ replay = t }} }}", "x.conf", readReplay: _ => bytes);
        Assert.Equal(problem is null ? [] : [$"x.conf:1: scenario.content.replay: 't' is {problem}"], reading.Errors.Select(error => error.ToString()));
    }

    [Fact]
    public void Events_are_json_without_more_words()
    {
        var scenario = Whole("scenario { transfer = events }");
        Assert.Equal((TraceTransfer.Events, TraceFormat.Json, TraceCompression.None), (scenario.Transfer, scenario.Format, scenario.Compression));
    }

    private static Delay.Constant Seconds(int seconds) => new(TimeSpan.FromSeconds(seconds));

    private static ScenarioReading Read(string text, ScenarioOverrides? overrides = null) => ScenarioFile.Read(text, "x.conf", overrides);

    private static Scenario Whole(string text, string file = "x.conf")
    {
        var reading = ScenarioFile.Read(text, file);
        Assert.Empty(reading.Errors);
        return reading.Scenario!;
    }
}
