using Akka.Actor;
using Orchestrator.Actors.Nodes;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Coordination;

/// <summary>Shows a running session to whoever watches it: what is persisted, and what the nodes say meanwhile.</summary>
internal sealed class SessionWatch(IActorRef watcher)
{
    private readonly Dictionary<string, NodeProtocol.BrowserProgress> _progress = new(StringComparer.Ordinal);
    private MergeProgress? _merge;

    public void Progressed(IEnumerable<NodeProtocol.BrowserProgress> browsers)
    {
        foreach (var browser in browsers) _progress[browser.Browser] = browser;
    }

    public void Merging(MergeProgress progress, TraceSession session)
    {
        _merge = progress;
        Show(SessionPhase.Merging, session);
    }

    public void Show(SessionPhase phase, TraceSession session) => watcher.Tell(new SessionView(
        session.Plan.SessionId,
        phase,
        session.WindowOpened is { } opened ? session.Timeline.ToUtc(opened.TimelineNanos) : null,
        session.Plan.Window.Duration,
        [.. session.Browsers.Select(View)],
        _merge));

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
