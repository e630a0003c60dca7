using System.Text.Json;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Folders;

/// <summary>What a file that anybody may have written must not hold, beyond what its types say.</summary>
internal static class FromOutside
{
    private static readonly DateTimeOffset Earliest = new(1970, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A list that is absent is empty.</summary>
    /// <exception cref="JsonException">An element is null.</exception>
    public static IReadOnlyList<T> List<T>(IReadOnlyList<T>? list, string name)
        where T : class
    {
        if (list is null) return [];
        return list.Any(element => element is null) ? throw new JsonException($"There is a null in '{name}'.") : list;
    }

    /// <summary>Instants on such a time line can be told as UTC.</summary>
    /// <exception cref="JsonException">It lies where no recording was made.</exception>
    public static void CheckTimeline(Timeline timeline)
    {
        if (timeline is not { Clock: not null, Node: not null }) throw new JsonException("The time line lacks its clock or its node.");
        if (timeline.UtcAtZero < Earliest || timeline.UtcAtZero > Latest) throw new JsonException($"The time line begins in {timeline.UtcAtZero:yyyy}: no recording was made then.");
    }
}
