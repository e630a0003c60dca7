using System.Globalization;

namespace Orchestrator.Benchmarks;

/// <summary>The most memory that this process ever had resident, as the kernel counted it: the measure of the peers' maxRSS.</summary>
public static class PeakMemory
{
    public static long Megabytes()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', '\t', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
