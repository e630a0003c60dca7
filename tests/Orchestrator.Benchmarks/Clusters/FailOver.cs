using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Orchestrator.Benchmarks.Clusters;

/// <summary>
/// How long it takes from the end of the coordinator's node until another one has taken over every open session, as the sessions'
/// journal has it, and until the survivors' API tells so; and what came of the recordings. Prints a markdown table.
/// </summary>
internal static class FailOver
{
    private const int Sessions = 3;

    public static async Task RunAsync(string program, string connection, int runs, string? config, TimeProvider time)
    {
        await using var cluster = await MeasuredCluster.StartAsync(program, connection, nodes: 3, perNode: Sessions, config, time);
        Console.WriteLine("| the coordinator's node is told | runs | all sessions taken over after: fastest | median | slowest | told by the API after: median | slowest | recordings of the other nodes: whole | lost |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var signal in (string[])["KILL", "TERM"])
        {
            List<Run> all = [];
            for (var run = 0; run < runs; run++) all.Add(await OnceAsync(cluster, signal, time));
            var (taken, told) = (Sorted(all.Select(run => run.TakenOver)), Sorted(all.Select(run => run.Told)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {(signal == "KILL" ? "kill -9" : "SIGTERM")} | {runs} | {taken[0]:0.0} s | {Median(taken):0.0} s | {taken[^1]:0.0} s | {Median(told):0.0} s | {told[^1]:0.0} s | {all.Sum(run => run.Whole)} | {all.Sum(run => run.Lost)} |"));
        }
    }

    private static double[] Sorted(IEnumerable<TimeSpan> times) => [.. times.Select(time => time.TotalSeconds).Order()];

    private static double Median(double[] sorted) => sorted[(sorted.Length - 1) / 2];

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
        var (began, beganUtc) = (time.GetTimestamp(), time.GetUtcNow());
        coordinator.Signal(signal);
        // A coordinator that has a session's plan again has persisted that it took it over.
        await cluster.StatusWhenAsync(status => status.GetProperty("epoch").GetInt64() > epoch && sessions.All(id => IsTakenOver(status, id)), survivors);
        var told = time.GetElapsedTime(began);

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
                else
                {
                    lost++;
                    await Console.Error.WriteLineAsync($"{id} {browser.GetProperty("name")} on {browser.GetProperty("node")}: {browser.GetProperty("outcome")}, {browser.GetProperty("reason")}");
                }
            }
        }

        var takenOver = TimeSpan.Zero;
        foreach (var id in sessions)
        {
            var journal = await survivors[0].Http.GetFromJsonAsync<JsonElement>($"/api/sessions/{id}/journal");
            var taken = journal.EnumerateArray().Last(one => one.GetProperty("manifest").GetString()!.StartsWith("session-taken-over/", StringComparison.Ordinal));
            var after = taken.GetProperty("at").GetDateTimeOffset() - beganUtc;
            if (after > takenOver) takenOver = after;
        }

        if (lost > 0) await Console.Error.WriteLineAsync(string.Join(Environment.NewLine, survivors.SelectMany(node => node.Said().Select(line => $"{node.Name}: {line}"))));
        await cluster.StatusWhenAsync(status => status.GetProperty("openSessions").GetArrayLength() == 0);
        return new Run(takenOver, told, whole, lost);
    }

    private static bool IsTakenOver(JsonElement status, string id) => MeasuredCluster.Find(status, id) is { } session && session.GetProperty("browsers").GetInt32() == 3;

    /// <param name="TakenOver">The last of the sessions, after the node was told.</param>
    private sealed record Run(TimeSpan TakenOver, TimeSpan Told, int Whole, int Lost);
}
