using System.Text.Json.Nodes;
using Orchestrator.Host.Tests.Support;
using Orchestrator.TestKit.Simulations;

namespace Orchestrator.Host.Tests.Verbs;

/// <summary>The verb over the simulation that ships, in small.</summary>
public sealed class SimulateForRealTests : IDisposable
{
    private const string World = """
        scenario {
          browsers = 12, nodes = 3, duration = 20s, mark-every = 2s, markers = ["login@2s"]
          clocks { steps = [ { browsers = [b4], at = 10s, by = 300ms } ] }
          faults = [
            { fault = refuse-connection, browsers = [b1] }
            { fault = kill, browsers = [b2], after = 5s }
            { fault = data-loss, browsers = [b3] }
          ]
        }
        """;

    private readonly CommandLineRun _run = new() { Simulate = Simulation.Run };
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-test-").FullName;

    public SimulateForRealTests() => _run.Machine.With("world.conf", World);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_browser_ends_as_ordered_and_every_promise_holds()
    {
        Assert.Equal(0, await _run.RunAsync("simulate", "--scenario", "world.conf", "--json"));
        var told = JsonNode.Parse(_run.Out)!;
        Assert.Equal("partial", (string?)told["outcome"]);
        Assert.Equal("""{"complete":9,"completeWithLoss":1,"refused":1,"connectionLost":1}""", told["outcomes"]!.ToJsonString());
        Assert.Equal(("[]", "[]"), (told["outsideOfBound"]!.ToJsonString(), told["brokenPromises"]!.ToJsonString()));
        Assert.True((double)told["clockError"]!["maxMicros"]! <= (double)told["clockBound"]!["maxMicros"]!);
        Assert.Equal(3, (int)told["messages"]!["node Start"]!);
        Assert.True((double)told["virtualMicros"]! > 20_000_000);
    }

    [Fact]
    public async Task The_same_seed_tells_the_same_and_another_one_does_not()
    {
        var told = new List<string>();
        foreach (var seed in (string[])["3", "3", "4"])
        {
            Assert.Equal(0, await _run.RunAsync("simulate", "--scenario", "world.conf", "--seed", seed, "--json"));
            var document = JsonNode.Parse(_run.Out)!.AsObject();
            foreach (var real in (string[])["realMicros", "speedUp", "seed", "repeat"]) document.Remove(real);
            told.Add(document.ToJsonString());
        }

        Assert.Equal(told[0], told[1]);
        Assert.NotEqual(told[1], told[2]);
    }

    [Theory]
    [InlineData("proto", "trace.tar")]
    [InlineData("json", "trace.json.gz")]
    public async Task A_recorded_folder_is_whole_and_merged(string format, string merged)
    {
        _run.Machine.With("small.conf", $"scenario {{ browsers = 3, duration = 5s, format = {format}, content {{ events-per-second = 100 }} }}");
        var folder = Path.Combine(_folder, "out");
        Assert.Equal(0, await _run.RunAsync("simulate", "--scenario", "small.conf", "--record", folder));
        foreach (var file in (string[])["session.json", "report.html", merged]) Assert.True(File.Exists(Path.Combine(folder, file)), file);
        Assert.Equal(3, Directory.GetFiles(Path.Combine(folder, "browsers"), "*.recording.json").Length);
        Assert.Equal(0, await _run.RunAsync("verify", folder));
        Assert.Contains("all is well", _run.Out);
    }

    [Fact]
    public async Task A_kill_that_never_came_is_told()
    {
        _run.Machine.With("late.conf", "scenario { browsers = 2, duration = 1s, kill-process-at-event = 999 }");
        Assert.Equal(0, await _run.RunAsync("simulate", "--scenario", "late.conf"));
        Assert.Contains("did not get beyond event 999", _run.Out);
    }

    [Fact]
    public async Task Of_a_killed_process_the_session_has_its_outcome_all_the_same()
    {
        _run.Machine.With("killed.conf", "scenario { browsers = 3, duration = 5s, kill-process-at-event = 5 }");
        Assert.Equal(0, await _run.RunAsync("simulate", "--scenario", "killed.conf"));
        Assert.Contains("the process that recorded was killed, and another one gave the session its outcome", _run.Out);
        Assert.Contains("session failed", _run.Out);
    }
}
