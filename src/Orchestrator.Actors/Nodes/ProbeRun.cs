using System.Globalization;

namespace Orchestrator.Actors.Nodes;

/// <summary>
/// Whose turn it is to be probed: round after round, one browser at a time, because brackets of browsers that are
/// probed together are wider by the time that each waits for the others' answers.
/// </summary>
/// <param name="browsers">In the order in which they are asked; who was asked last is best put last again.</param>
internal sealed class ProbeRun(NodeProtocol.Probe probe, IReadOnlyList<string> browsers)
{
    private int _next;

    public long Phase => probe.Phase;

    /// <summary>Whose answer is awaited; null before the first.</summary>
    public string? Awaiting { get; private set; }

    /// <summary>The next browser and its marker; null when the rounds are through.</summary>
    public (string Browser, string SyncId)? Next()
    {
        Awaiting = null;
        if (_next >= browsers.Count * probe.Rounds) return null;
        var (round, index) = Math.DivRem(_next++, browsers.Count);
        Awaiting = browsers[index];
        return (Awaiting, string.Create(CultureInfo.InvariantCulture, $"{probe.SyncIdPrefix}.{round}"));
    }
}
