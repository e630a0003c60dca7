using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Benchmarks.Clusters;

/// <summary>
/// How far apart the browsers of a session are started by a cluster, beside one Node.js process that starts the same browsers in a
/// Promise.all, in turn. Both as who sends tells it, and as the browsers' own process sees them arrive. Prints a markdown table.
/// </summary>
internal static class StartSkew
{
    public static async Task RunAsync(string program, string connection, string script, int perNode, int sessions, string? config, TimeProvider time)
    {
        await using var cluster = await MeasuredCluster.StartAsync(program, connection, nodes: 3, perNode, config, time);
        var arrivals = new long[cluster.Browsers.Count];
        foreach (var (browser, place) in cluster.Browsers.Select((browser, place) => (browser, place)))
        {
            browser.On("Tracing.start", _ =>
            {
                arrivals[place] = time.GetTimestamp();
                return null;
            });
        }

        using var node = StartNode(script, cluster.Urls);
        List<Round> ours = [], promiseAll = [];
        // The first of each is the compilers'.
        for (var round = 0; round <= sessions; round++)
        {
            var id = await MeasuredCluster.OpenAsync(cluster.Nodes[0], cluster.Urls, "1s");
            var document = await cluster.OverAsync(cluster.Nodes[0], id);
            if (document.GetProperty("outcome").GetString() != "complete") throw new InvalidOperationException($"The session came out {document.GetProperty("outcome")}: {document}");
            ours.Add(new Round(document.GetProperty("skew").GetProperty("startSendMicros").GetDouble() / 1000, Lateness()));
            await node.StandardInput.WriteLineAsync();
            var line = await node.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The Node.js process ended.");
            promiseAll.Add(new Round(JsonElement.Parse(line).GetProperty("sentMs").GetDouble(), Lateness()));
        }

        node.StandardInput.Close();
        await node.WaitForExitAsync();
        Console.WriteLine("| starts by | sessions | sent within, median | p99 | worst | arrived within, median | p99 | worst | a browser's start arrived after the first one's, median | p99 |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        Print("a cluster of three nodes", ours.Skip(1));
        Print("Promise.all in one Node.js process", promiseAll.Skip(1));

        IReadOnlyList<double> Lateness() => [.. arrivals.Select(arrival => time.GetElapsedTime(arrivals.Min(), arrival).TotalMilliseconds)];
    }

    private static void Print(string who, IEnumerable<Round> rounds)
    {
        var all = rounds.ToList();
        var (sent, arrived, late) = (Sorted(all.Select(round => round.SentMs)), Sorted(all.Select(round => round.LateMs.Max())), Sorted(all.SelectMany(round => round.LateMs)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {who} | {all.Count} | {At(sent, 0.5):0.00} ms | {At(sent, 0.99):0.00} ms | {sent[^1]:0.00} ms | {At(arrived, 0.5):0.00} ms | {At(arrived, 0.99):0.00} ms | {arrived[^1]:0.00} ms | {At(late, 0.5):0.00} ms | {At(late, 0.99):0.00} ms |"));
    }

    private static double[] Sorted(IEnumerable<double> values) => [.. values.Order()];

    private static double At(double[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];

    private static Process StartNode(string script, IReadOnlyList<Uri> urls)
    {
        var node = Process.Start(new ProcessStartInfo("node", [script]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        node.StandardInput.WriteLine(string.Join(' ', urls.Select(url => url.OriginalString)));
        return node;
    }

    /// <param name="SentMs">From the first to the last start, as who sent them tells.</param>
    /// <param name="LateMs">Of each browser, from the arrival of the first one's start to its own.</param>
    private sealed record Round(double SentMs, IReadOnlyList<double> LateMs);
}
