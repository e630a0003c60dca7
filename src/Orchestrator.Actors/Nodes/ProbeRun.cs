using System.Globalization;

namespace Orchestrator.Actors.Nodes;

/// <summary>
/// Whose turn it is to be probed: round after round, one browser at a time, because brackets of browsers that are
/// probed together are wider by the time that each waits for the others' answers.
/// </summary>
internal sealed class ProbeRun(NodeProtocol.Probe probe, IEnumerable<string> browsers)
{
    private readonly string[] _browsers = [.. browsers];
    private int _next;

    public long Phase => probe.Phase;

    /// <summary>Whose answer is awaited; null before the first.</summary>
    public string? Awaiting { get; private set; }

    /// <summary>The next browser and its marker; null when the rounds are through.</summary>
    public (string Browser, string SyncId)? Next()
    {
        Awaiting = null;
        if (_next >= _browsers.Length * probe.Rounds) return null;
        var (round, index) = Math.DivRem(_next++, _browsers.Length);
        Awaiting = _browsers[index];
        return (Awaiting, string.Create(CultureInfo.InvariantCulture, $"{probe.SyncIdPrefix}.{round}"));
    }
}
