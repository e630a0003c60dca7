using Orchestrator.Tracing.Sessions;
using Spectre.Console;

namespace Orchestrator.Host.Views;

/// <summary>The picture of the session, drawn again in place; gone when it is over, what was said stays.</summary>
internal sealed class TerminalDisplay : ISessionDisplay
{
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(200);

    private readonly IAnsiConsole _console;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _over = new();
    private readonly List<string> _saidWhileDrawing = [];
    private readonly Lock _gate = new();
    private Task _drawing = Task.CompletedTask;
    private SessionView? _view;

    public TerminalDisplay(IAnsiConsole console, TimeProvider time) => (_console, _time) = (console, time);

    public void Show(SessionView view)
    {
        lock (_gate)
        {
            var isFirst = _view is null;
            _view = view;
            if (isFirst && !_over.IsCancellationRequested) _drawing = DrawAsync();
        }
    }

    public void Say(string line)
    {
        lock (_gate)
        {
            if (_view is null) _console.WriteLine(line);
            else _saidWhileDrawing.Add(line);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _drawing;
        _over.Dispose();
    }

    private async Task DrawAsync()
    {
        await Task.Yield();
        await _console.Live(Text.Empty).AutoClear(true).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            while (!_over.IsCancellationRequested)
            {
                live.UpdateTarget(Picture());
                live.Refresh();
                await Task.Delay(RedrawInterval, _time, _over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
        lock (_gate)
        {
            foreach (var line in _saidWhileDrawing) _console.WriteLine(line);
        }
    }

    private Spectre.Console.Rendering.IRenderable Picture()
    {
        lock (_gate)
        {
            return SessionTable.Render(
                _view!, _saidWhileDrawing.LastOrDefault(), _time.GetUtcNow(), _console.Profile.Height, _console.Profile.Capabilities.Unicode);
        }
    }
}
