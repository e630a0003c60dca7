using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Benchmarks.Clusters;

/// <summary>
/// How long it takes from the end of the coordinator's node until another one coordinates and has taken over every open session, as
/// the survivors' API tells it; and what came of the recordings. Prints a markdown table.
/// </summary>
internal static class FailOver
{
    private const int Sessions = 3;

    public static async Task RunAsync(string program, string connection, int runs, string? config, TimeProvider time)
    {
        await using var cluster = await MeasuredCluster.StartAsync(program, connection, nodes: 3, perNode: Sessions, config, time);
        Console.WriteLine($"| the coordinator's node is told | runs | fastest | median | slowest | open sessions taken over | recordings of the other nodes: whole | lost |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var signal in (string[])["KILL", "TERM"])
        {
            List<Run> all = [];
            for (var run = 0; run < runs; run++) all.Add(await OnceAsync(cluster, signal, time));
            var took = all.Select(run => run.Took.TotalSeconds).Order().ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {(signal == "KILL" ? "kill -9" : "SIGTERM")} | {runs} | {took[0]:0.0} s | {took[(took.Count - 1) / 2]:0.0} s | {took[^1]:0.0} s | {all.Sum(run => run.TakenOver)} of {runs * Sessions} | {all.Sum(run => run.Whole)} | {all.Sum(run => run.Lost)} |"));
        }
    }

    private static async Task<Run> OnceAsync(MeasuredCluster cluster, string signal, TimeProvider time)
    {
        var before = await cluster.AllHereAsync();
        var coordinator = cluster.Coordinator(before);
        List<MeasuredNode> survivors = [.. cluster.Nodes.Where(node => node != coordinator)];
        List<string> sessions = [];
        // Each has a browser on each node.
        for (var session = 0; session < Sessions; session++)
            sessions.Add(await MeasuredCluster.OpenAsync(coordinator, cluster.Urls.Where((_, place) => place % Sessions == session), "20m"));
        await cluster.InWindowAsync(sessions);

        var epoch = before.GetProperty("epoch").GetInt64();
        var began = time.GetTimestamp();
        coordinator.Signal(signal);
        // A coordinator that has a session's plan again has persisted that it took it over.
        var after = await cluster.StatusWhenAsync(
            status => status.GetProperty("epoch").GetInt64() > epoch && sessions.All(id => IsTakenOver(status, id)), survivors);
        var took = time.GetElapsedTime(began);

        // Its own recordings are waited for; what it still has it hands in.
        await coordinator.ExitedAsync();
        coordinator.Start();
        await coordinator.ReadyAsync();
        await cluster.AllHereAsync();
        var (whole, lost) = (0, 0);
        foreach (var id in sessions) await MeasuredCluster.EndAsync(survivors[0], id);
        foreach (var id in sessions)
        {
            var document = await cluster.OverAsync(survivors[0], id);
            foreach (var browser in document.GetProperty("browsers").EnumerateArray().Where(browser => browser.GetProperty("node").GetString() != coordinator.Name))
            {
                if (browser.GetProperty("outcome").GetString() == "complete") whole++;
                else lost++;
            }
        }

        await cluster.StatusWhenAsync(status => status.GetProperty("openSessions").GetArrayLength() == 0);
        return new Run(took, sessions.Count(id => IsTakenOver(after, id)), whole, lost);
    }

    private static bool IsTakenOver(JsonElement status, string id) => MeasuredCluster.Find(status, id) is { } session && session.GetProperty("browsers").GetInt32() == 3;

    private sealed record Run(TimeSpan Took, int TakenOver, int Whole, int Lost);
}
