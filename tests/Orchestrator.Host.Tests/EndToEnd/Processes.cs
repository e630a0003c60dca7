using System.Diagnostics;

namespace Orchestrator.Host.Tests.EndToEnd;

/// <summary>Signals to processes, by their ids, and what /proc tells of them.</summary>
internal static class Processes
{
    /// <param name="target">A process id, or minus a process group's.</param>
    public static async Task SignalAsync(string signal, int target)
    {
        using var shell = Process.Start("/bin/sh", ["-c", $"kill -s {signal} -- {target}"]);
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
    }

    /// <summary>True while it runs; a zombie that nobody has reaped runs no more.</summary>
    public static bool IsAlive(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static string CommandLine(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>All processes with this text in their command lines.</summary>
    public static IReadOnlyList<int> With(string text) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
            .Where(id => id > 0 && id != Environment.ProcessId && CommandLine(id).Contains(text, StringComparison.Ordinal) && IsAlive(id)),
    ];
}
