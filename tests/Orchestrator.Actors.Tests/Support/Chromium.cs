using System.Globalization;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>A test that needs a real browser: skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = Chromium.Path is null ? "no Chromium: set ORCHESTRATOR_CHROME to one, or put chromium on the PATH" : null;
}

internal static class Chromium
{
    public static string? Path { get; } = Find();

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_CHROME") is { Length: > 0 } given) return given;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return (from name in (string[])["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"] from folder in folders select System.IO.Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }
}

internal static class ProcessGroup
{
    /// <summary>The processes of the group that live; a zombie does not.</summary>
    public static IReadOnlyList<int> Living(int group)
    {
        var living = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(System.IO.Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid)) continue;
            try
            {
                // pid (name) state parent group …; the name may hold anything.
                var stat = File.ReadAllText(System.IO.Path.Combine(folder, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[0] is not ("Z" or "X") && int.Parse(fields[2], CultureInfo.InvariantCulture) == group) living.Add(pid);
            }
            catch (IOException)
            {
                // It ended while it was looked at.
            }
        }

        return living;
    }
}
