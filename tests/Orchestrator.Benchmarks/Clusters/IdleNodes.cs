using System.Globalization;

namespace Orchestrator.Benchmarks.Clusters;

/// <summary>What nodes cost that have nothing to do, by the names of their threads. Prints markdown tables.</summary>
internal static class IdleNodes
{
    private const double TicksPerSecond = 100;

    public static async Task RunAsync(string program, string connection, int seconds, string? config, TimeProvider time)
    {
        await using var cluster = await MeasuredCluster.StartAsync(program, connection, nodes: 3, perNode: 0, config, time);
        // What starting has left to do is done then.
        await Task.Delay(TimeSpan.FromSeconds(10), time);
        var coordinator = cluster.Coordinator(await cluster.AllHereAsync()).Name;
        var (before, threadsBefore) = (cluster.Nodes.Select(node => node.CpuTime).ToList(), cluster.Nodes.Select(Threads).ToList());
        await Task.Delay(TimeSpan.FromSeconds(seconds), time);
        Console.WriteLine("| node | CPU, of one core | wake-ups a second | most of it in |");
        Console.WriteLine("| --- | --- | --- | --- |");
        foreach (var (place, node) in cluster.Nodes.Index())
        {
            var cpu = (node.CpuTime - before[place]).TotalSeconds / seconds;
            var threads = Threads(node).Select(thread => (thread.Key, Cpu: thread.Value.Cpu - threadsBefore[place].GetValueOrDefault(thread.Key).Cpu, Wakes: thread.Value.Wakes - threadsBefore[place].GetValueOrDefault(thread.Key).Wakes)).ToList();
            var most = threads.Where(thread => thread.Wakes > 0).OrderByDescending(thread => (thread.Cpu, thread.Wakes)).Take(6)
                .Select(thread => string.Create(CultureInfo.InvariantCulture, $"{thread.Key} {thread.Cpu / TicksPerSecond / seconds:0.0 %} ({(double)thread.Wakes / seconds:0}/s)"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {node.Name}{(node.Name == coordinator ? ", coordinates" : "")} | {cpu:0.0 %} | {threads.Sum(thread => (double)thread.Wakes) / seconds:0} | {string.Join(", ", most)} |"));
        }
    }

    /// <summary>CPU in the kernel's ticks, and how often a thread slept and was woken, by its name.</summary>
    private static Dictionary<string, (long Cpu, long Wakes)> Threads(MeasuredNode node)
    {
        var threads = new Dictionary<string, (long Cpu, long Wakes)>();
        foreach (var folder in Directory.EnumerateDirectories($"/proc/{node.ProcessId}/task"))
        {
            try
            {
                var name = File.ReadAllText($"{folder}/comm").Trim();
                var fields = File.ReadAllText($"{folder}/stat").Split(") ")[^1].Split(' ');
                var wakes = File.ReadLines($"{folder}/status").First(line => line.StartsWith("voluntary", StringComparison.Ordinal)).Split('\t')[^1];
                var (cpu, woken) = threads.GetValueOrDefault(name);
                threads[name] = (cpu + Number(fields[11]) + Number(fields[12]), woken + Number(wakes));
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }

        return threads;
        static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
    }
}
