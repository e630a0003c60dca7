using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>What a session showed to whoever watched it.</summary>
internal sealed class ViewLog
{
    private readonly Lock _gate = new();
    private readonly List<SessionView> _seen = [];
    private readonly List<(Func<SessionView, bool> IsIt, TaskCompletionSource<SessionView> Waiter)> _waiting = [];

    public IReadOnlyList<SessionView> Seen
    {
        get
        {
            lock (_gate) return [.. _seen];
        }
    }

    public void Add(SessionView view)
    {
        lock (_gate)
        {
            _seen.Add(view);
            foreach (var (_, waiter) in _waiting.Where(one => one.IsIt(view))) waiter.TrySetResult(view);
        }
    }

    /// <summary>The first view, seen or to come, of this kind.</summary>
    public Task<SessionView> Until(Func<SessionView, bool> isIt)
    {
        lock (_gate)
        {
            if (_seen.Find(view => isIt(view)) is { } seen) return Task.FromResult(seen);
            var waiter = new TaskCompletionSource<SessionView>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((isIt, waiter));
            return waiter.Task.Soon();
        }
    }

    public Task<SessionView> Until(SessionPhase phase) => Until(view => view.Phase == phase);

    /// <summary>The browser's part is over.</summary>
    public Task<SessionView> UntilEnded(string browser) => Until(view => view.Browsers.Any(one => one.Name == browser && one.Outcome is not null));
}
