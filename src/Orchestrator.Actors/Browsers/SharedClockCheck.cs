using System.Globalization;
using Orchestrator.Actors.Nodes;

namespace Orchestrator.Actors.Browsers;

/// <summary>
/// Finds out whether a launched browser reads this very node's clock: Chromium's trace clock and ours are both
/// CLOCK_MONOTONIC of Linux, one for each boot and time namespace (time_namespaces(7)). The markers have the last word:
/// an alignment takes a clock for shared only where no bracket speaks against it.
/// </summary>
public static class SharedClockCheck
{
    /// <param name="sessionLeader">The browser's main process, which leads a session (setsid) of its own.</param>
    /// <returns>How it was checked, for people; null when it does not, or cannot be told.</returns>
    public static string? OfLaunched(int sessionLeader, NodeClock clock)
    {
        if (clock.TimeNamespace is not { } ours || sessionLeader <= 0) return null;
        try
        {
            // A wrapper script may have put the browser into another time namespace than its own: all of them are looked at.
            var namespaces = Directory.EnumerateDirectories("/proc")
                .Where(process => int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out _) && SessionOf(process) == sessionLeader)
                .Select(NodeClock.TimeNamespaceOf)
                .ToList();
            return namespaces.Count > 0 && namespaces.TrueForAll(theirs => theirs == ours)
                ? $"process {sessionLeader.ToString(CultureInfo.InvariantCulture)} was launched by this node and runs in its time namespace, {ours}"
                : null;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The session that a process belongs to (proc_pid_stat(5), field 6); null of one that has just ended.</summary>
    private static int? SessionOf(string process)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(process, "stat"));
            // The second field, the program's name, may hold anything, parentheses and spaces too.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return int.Parse(fields[3], CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
