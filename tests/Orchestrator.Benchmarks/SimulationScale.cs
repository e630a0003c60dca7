using System.Text.Json;
using Orchestrator.TestKit.Simulations;

namespace Orchestrator.Benchmarks;

/// <summary>One simulated session of so many browsers: what it cost, and how many messages it took. Prints a JSON line.</summary>
internal static class SimulationScale
{
    // What the coordinator says to a node, one of them a phase.
    private static readonly string[] s_phases = ["Prepare", "Start", "OpenPages", "Probe", "Mark", "DumpMemory", "End", "GiveUp"];

    // What it answers, one of them a phase.
    private static readonly string[] s_answers = ["Prepared", "Started", "Probed", "Marked", "EndSent"];

    public static void Run(int browsers, int nodes, TimeSpan duration, TimeProvider time)
    {
        var began = time.GetTimestamp();
        var result = Simulation.Run(new Scenario { Browsers = browsers, Nodes = nodes, Duration = duration });
        var real = time.GetElapsedTime(began);
        if (result.BrokenPromises.Count > 0) throw new InvalidOperationException(string.Join(" ", result.BrokenPromises.Take(5)));

        var commands = Sum(result, "CDP ");
        var phases = s_phases.Sum(kind => result.Messages.GetValueOrDefault($"node {kind}"));
        var answers = s_answers.Sum(kind => result.Messages.GetValueOrDefault($"node {kind}"));
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            browsers,
            nodes,
            outcome = $"{result.Outcome}",
            realMs = (long)real.TotalMilliseconds,
            sessionMs = (long)result.RealTime.TotalMilliseconds,
            cpuMs = (long)Environment.CpuUsage.TotalTime.TotalMilliseconds,
            peakRssMB = PeakMemory.Megabytes(),
            commands,
            microsPerCommand = Math.Round(real.TotalMicroseconds / commands, 2),
            phasesPerNode = Math.Round((double)phases / nodes, 1),
            messagesPerPhaseAndNode = Math.Round((double)(phases + answers) / phases, 2),
            otherMessagesPerNode = Math.Round((double)(Sum(result, "node ") - phases - answers) / nodes, 1),
        }));
    }

    private static long Sum(SimulationResult result, string kind) =>
        result.Messages.Where(message => message.Key.StartsWith(kind, StringComparison.Ordinal)).Sum(message => message.Value);
}
