using Orchestrator.Tracing.Sessions;

namespace Orchestrator.TestKit.Simulations;

/// <summary>What is to happen within the window.</summary>
/// <param name="duration">Of the window.</param>
internal sealed class ScenarioFileMoments(TimeSpan duration)
{
    private static readonly string[] Levels = ["background", "light", "detailed"];

    public IReadOnlyList<PlannedMarker> ReadMarkers(ScenarioFileValue? value)
    {
        var markers = new List<PlannedMarker>();
        foreach (var item in value?.AsList("[ \"login@2s\" ]") ?? [])
        {
            if (Read(item, "LABEL@OFFSET, such as checkout@3s") is not var (label, offset)) continue;
            var marker = new PlannedMarker(label, offset);
            if (WindowMoments.LabelProblem(label) is { } problem) item.Complain($"no marker: {problem}");
            else if (markers.Contains(marker)) item.Complain("given twice");
            else markers.Add(marker);
        }

        return [.. markers.OrderBy(marker => marker.Offset)];
    }

    public IReadOnlyList<PlannedMemoryDump> ReadMemoryDumps(ScenarioFileValue? value)
    {
        var dumps = new List<PlannedMemoryDump>();
        foreach (var item in value?.AsList("[ \"light@2s\" ]") ?? [])
        {
            if (Read(item, "LEVEL@OFFSET, such as light@2s") is not var (level, offset)) continue;
            if (!Levels.Contains(level)) item.Complain($"no memory dump: its level is not one of {string.Join(", ", Levels)}");
            else dumps.Add(new PlannedMemoryDump(level, offset));
        }

        return [.. dumps.OrderBy(dump => dump.Offset)];
    }

    private (string What, TimeSpan Offset)? Read(ScenarioFileValue item, string form)
    {
        if (item.AsText() is not { } text) return null;
        if (WindowMoments.Read(text, form, duration, out var what, out var offset) is not { } problem) return (what, offset);
        item.Complain($"nothing that can be placed: {problem}");
        return null;
    }
}
