using Akka.Actor;
using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Coordination;

/// <summary>Shows a running session to whoever watches it: what is persisted, and what the nodes say meanwhile.</summary>
internal sealed class SessionWatch
{
    private readonly HashSet<IActorRef> _watchers = [];
    private readonly Dictionary<string, NodeProtocol.BrowserProgress> _progress = new(StringComparer.Ordinal);
    private MergeProgress? _merge;

    /// <param name="watcher">Null: nobody yet.</param>
    public SessionWatch(IActorRef? watcher)
    {
        if (watcher is not null) _watchers.Add(watcher);
    }

    public void Add(IActorRef watcher) => _watchers.Add(watcher);

    /// <summary>False: it watched nothing.</summary>
    public bool Remove(IActorRef watcher) => _watchers.Remove(watcher);

    public void Progressed(IEnumerable<NodeProtocol.BrowserProgress> browsers)
    {
        foreach (var browser in browsers) _progress[browser.Browser] = browser;
    }

    public void Merging(MergeProgress progress, TraceSession session)
    {
        _merge = progress;
        Show(SessionPhase.Merging, session);
    }

    public void Show(SessionPhase phase, TraceSession session)
    {
        // Nobody looks: nothing is drawn.
        if (_watchers.Count == 0) return;
        var view = new SessionView(
            session.Plan.SessionId,
            phase,
            session.WindowOpened is { } opened ? session.Timeline.ToUtc(opened.TimelineNanos) : null,
            session.Plan.Window.Duration,
            [.. session.Browsers.Select(View)],
            _merge);
        foreach (var watcher in _watchers) watcher.Tell(view);
    }

    private BrowserView View(SessionBrowser browser)
    {
        var progress = _progress.GetValueOrDefault(browser.Target.Name);
        return new BrowserView(
            browser.Target.Name,
            browser.Report is null ? progress?.State ?? "connecting" : "complete",
            browser.Report?.BufferPeak ?? progress?.BufferFill,
            browser.Report?.Trace?.Bytes ?? progress?.Bytes ?? 0,
            browser.Report?.Markers ?? progress?.Markers ?? 0,
            browser.Report?.Outcome,
            browser.Report?.Reason,
            browser.Ready?.Product);
    }
}
