using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Benchmarks.Clusters;

/// <summary>
/// Whether a cluster takes nodes for dead that are only short of CPU: some while with twice as many endless loops as the machine has
/// cores, and a session open. Prints a markdown table.
/// </summary>
internal static class BusyCores
{
    private const int PerNode = 3;

    public static async Task RunAsync(string program, string connection, int seconds, string? config, TimeProvider time)
    {
        await using var cluster = await MeasuredCluster.StartAsync(program, connection, nodes: 3, PerNode, config, time);
        var before = await cluster.AllHereAsync();
        var id = await MeasuredCluster.OpenAsync(cluster.Nodes[0], cluster.Urls, "20m");
        await cluster.InWindowAsync([id]);
        var loops = Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => Process.Start("sh", ["-c", "while :; do :; done"])).ToList();
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), time);
        }
        finally
        {
            foreach (var loop in loops) loop.Kill();
        }

        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        var after = await cluster.AllHereAsync();
        await MeasuredCluster.EndAsync(cluster.Nodes[0], id);
        var document = await cluster.OverAsync(cluster.Nodes[0], id);
        Console.WriteLine("| endless loops | for | load after it | changes of coordinator | nodes marked as unreachable | nodes downed | late heartbeats that were told | session | browsers whole |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {loops.Count} | {seconds} s | {load} | {after.GetProperty("epoch").GetInt64() - before.GetProperty("epoch").GetInt64()} | {Said("as UNREACHABLE")} | {Said("downing")} | {Said("heartbeat interval is growing too large")} | {document.GetProperty("outcome").GetString()} | {document.GetProperty("browsers").EnumerateArray().Count(browser => browser.GetProperty("outcome").GetString() == "complete")} of {cluster.Browsers.Count} |"));

        int Said(string what) => cluster.Nodes.Sum(node => node.Said().Count(line => line.Contains(what, StringComparison.OrdinalIgnoreCase)));
    }
}
