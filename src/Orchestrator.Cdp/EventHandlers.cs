using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Cdp;

/// <summary>Who hears which event. Changed under a lock, read in the read loop without one.</summary>
internal sealed class EventHandlers
{
    private readonly Lock _gate = new();
    private ImmutableDictionary<(string Method, string? SessionId), ImmutableArray<EventHandler>> _handlers =
        ImmutableDictionary<(string Method, string? SessionId), ImmutableArray<EventHandler>>.Empty;
    private ImmutableArray<(string? SessionId, ITraceEventSink Sink)> _sinks = [];

    /// <summary>Most connections have none, and then <c>dataCollected</c> is an event like others.</summary>
    public bool HasTraceEventSinks => !_sinks.IsEmpty;

    public IDisposable Add<T>(CdpEvent<T> ev, Action<T> handler, string? sessionId)
    {
        var key = (ev.Method, sessionId);
        var added = new EventHandler<T>(ev, handler);
        lock (_gate)
            _handlers = _handlers.SetItem(key, _handlers.GetValueOrDefault(key, []).Add(added));
        return new Subscription(() =>
        {
            lock (_gate)
                _handlers = _handlers.SetItem(key, _handlers.GetValueOrDefault(key, []).Remove(added));
        });
    }

    public IDisposable Add(ITraceEventSink sink, string? sessionId)
    {
        var added = (sessionId, sink);
        lock (_gate)
        {
            if (FindSink(sessionId) is not null)
                throw new InvalidOperationException("Tracing.dataCollected of this session has a sink already.");
            _sinks = _sinks.Add(added);
        }

        return new Subscription(() =>
        {
            lock (_gate)
                _sinks = _sinks.Remove(added);
        });
    }

    public ITraceEventSink? FindSink(string? sessionId)
    {
        foreach (var (id, sink) in _sinks)
        {
            if (id == sessionId)
                return sink;
        }

        return null;
    }

    /// <exception cref="CdpFatalException">The event is not of its form, or a handler threw.</exception>
    public void Deliver(string method, string? sessionId, ReadOnlySpan<byte> parameters)
    {
        if (!_handlers.TryGetValue((method, sessionId), out var handlers))
            return;
        foreach (var handler in handlers)
            handler.Deliver(parameters);
    }

    private abstract class EventHandler
    {
        public abstract void Deliver(ReadOnlySpan<byte> parameters);
    }

    private sealed class EventHandler<T>(CdpEvent<T> ev, Action<T> handler) : EventHandler
    {
        public override void Deliver(ReadOnlySpan<byte> parameters)
        {
            T? value;
            try
            {
                value = JsonSerializer.Deserialize(parameters, ev.Params);
            }
            catch (JsonException e)
            {
                throw CdpFatalException.Garbage($"the event {ev.Method} is not of its form ({e.Message}): {CdpEnvelope.Excerpt(parameters)}", e);
            }

            if (value is null)
                throw CdpFatalException.Garbage($"the event {ev.Method} has null for its parameters");

            try
            {
                handler(value);
            }
            catch (Exception e)
            {
                throw CdpFatalException.Faulted($"the handler of {ev.Method} failed: {e.Message}", e);
            }
        }
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}
