using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Views;

/// <summary>Lines for logs: each new phase, each browser that falls out, and a sign of life every two seconds.</summary>
internal sealed class PlainDisplay : ISessionDisplay
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(2);

    private readonly TextWriter _writer;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly HashSet<string> _fallen = [];
    private readonly Lock _gate = new();
    private SessionView? _view;
    private bool _isOver;

    public PlainDisplay(TextWriter writer, TimeProvider time)
    {
        (_writer, _time) = (writer, time);
        _timer = time.CreateTimer(_ => Tick(), null, SignOfLife, SignOfLife);
    }

    public void Show(SessionView view)
    {
        lock (_gate)
        {
            if (_isOver) return;
            var isNewPhase = _view?.Phase != view.Phase;
            _view = view;
            foreach (var browser in view.Browsers)
            {
                if (browser.Outcome is { } outcome and not BrowserOutcome.Complete && _fallen.Add(browser.Name))
                    _writer.WriteLine(browser.Reason is { } reason ? $"{browser.Name} {outcome.Name()}: {reason}" : $"{browser.Name} {outcome.Name()}");
            }

            if (isNewPhase) _writer.WriteLine(Line(view));
        }
    }

    public void Say(string line)
    {
        lock (_gate) _writer.WriteLine(line);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate) _isOver = true;
        await _timer.DisposeAsync();
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (_view is { Phase: not SessionPhase.Ended } view && !_isOver) _writer.WriteLine(Line(view));
        }
    }

    private string Line(SessionView view)
    {
        var bytes = view.Browsers.Sum(browser => browser.Bytes);
        var fullest = view.Browsers.Where(browser => browser.BufferFill is not null).MaxBy(browser => browser.BufferFill);
        return $"session {view.SessionId}: {SessionTable.Phase(view, _time.GetUtcNow())}; {SessionTable.Counts(view.Browsers)}"
            + (fullest is null ? "" : $"; fullest buffer {Figures.Percent(fullest.BufferFill)} ({fullest.Name})")
            + (bytes > 0 ? $"; {Figures.Bytes(bytes)} on disk" : "");
    }
}
