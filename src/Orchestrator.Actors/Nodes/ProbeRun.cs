using System.Globalization;

namespace Orchestrator.Actors.Nodes;

/// <summary>
/// Whose turn it is to be probed: round after round, one browser at a time, because brackets of browsers that are
/// probed together are wider by the time that each waits for the others' answers. A browser whose brackets are all wide
/// gets further rounds: one lucky, narrow bracket is what bounds its clock.
/// </summary>
/// <param name="browsers">In the order in which they are asked; who was asked last is best put last again.</param>
public sealed class ProbeRun(NodeProtocol.Probe probe, IReadOnlyList<string> browsers)
{
    private readonly Dictionary<string, long> _narrowest = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal);
    private int _next;

    public long Phase => probe.Phase;

    /// <summary>Whose answer is awaited; null before the first.</summary>
    public string? Awaiting { get; private set; }

    /// <summary>The next browser and its marker; null when the rounds are through.</summary>
    public (string Browser, string SyncId)? Next()
    {
        Awaiting = null;
        while (_leftOut.Count < browsers.Count && _next < browsers.Count * Math.Max(probe.Rounds, probe.MostRounds))
        {
            var (round, index) = Math.DivRem(_next++, browsers.Count);
            if (_leftOut.Contains(browsers[index])) continue;
            if (round >= probe.Rounds && _narrowest.GetValueOrDefault(browsers[index], long.MaxValue) <= probe.NarrowEnoughNanos) continue;
            Awaiting = browsers[index];
            return (Awaiting, string.Create(CultureInfo.InvariantCulture, $"{probe.SyncIdPrefix}.{round}"));
        }

        return null;
    }

    /// <summary>A browser has taken a marker, with a bracket so wide.</summary>
    public void Bracketed(string browser, long widthNanos) =>
        _narrowest[browser] = Math.Min(widthNanos, _narrowest.GetValueOrDefault(browser, long.MaxValue));

    /// <summary>A browser takes no markers, because it does not record yet or any more: it is not asked again.</summary>
    public void LeaveOut(string browser) => _leftOut.Add(browser);
}
