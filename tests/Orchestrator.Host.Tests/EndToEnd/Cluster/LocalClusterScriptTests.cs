using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Host.Tests.Deploy;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.EndToEnd.Cluster;

/// <summary>The README's cluster, with the commands that its script tells.</summary>
[Collection(EndToEndCollection.Name)]
public sealed partial class LocalClusterScriptTests
{
    [ClusterWithChromiumFact]
    public async Task The_script_starts_a_cluster_tells_how_to_use_it_brings_back_a_node_that_is_killed_and_stops_everything()
    {
        using var workshop = new Workshop();
        await using var script = OrchestratorProcess.StartScript(Path.Combine(DeployFiles.Folder, DeployFiles.LocalCluster), workshop, "--nodes", "2");
        await script.LineAsync("Ctrl-C stops everything");

        var status = (await OrchestratorProcess.RunAsync(workshop, Told(await script.LineAsync("orchestrator status")))).Expecting(0);
        Assert.Matches("node-1 .*up", status.Out);
        Assert.Matches("node-2 .*up", status.Out);
        var recorded = (await OrchestratorProcess.RunAsync(workshop, [.. Told(await script.LineAsync("orchestrator record")), "--json", "-o", "out"])).Expecting(0);
        Assert.Equal(SessionOutcome.Complete, recorded.Document.Outcome);
        Assert.Equal(["node-1", "node-2"], recorded.Document.Browsers.Select(browser => browser.Node!).Distinct().Order());

        var killed = PidIn(await script.LineAsync("node-2: pid "));
        await Processes.SignalAsync("KILL", killed);
        var again = PidIn(await script.LineAsync("node-2 was ended by signal 9"));
        Assert.NotEqual(killed, again);
        await Patience.UntilAsync(() => Processes.CommandLine(again).Contains("--name node-2", StringComparison.Ordinal), "node-2 was started again");

        int[] left = [PidIn(await script.LineAsync("node-1: pid ")), again, PidIn(await script.LineAsync("postgres: pid "))];
        await script.SignalAsync("TERM");
        (await script.FinishAsync()).Expecting(0);
        Assert.All(left, pid => Assert.False(Processes.IsAlive(pid)));
        Assert.False(Directory.Exists(Folder().Match(await script.LineAsync("What they say")).Groups[1].Value));
    }

    private static string[] Told(string line) => line.Trim().Split(' ')[1..];

    private static int PidIn(string line) => int.Parse(Pid().Match(line).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"pid (\d+)")]
    private static partial Regex Pid();

    [GeneratedRegex(@"What they say: (.*)/\*\.log")]
    private static partial Regex Folder();
}
