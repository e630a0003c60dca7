using System.Threading.Tasks.Sources;
using Orchestrator.Cdp;

namespace Orchestrator.TestKit.Browsers;

/// <summary>
/// Both ends of a connection in memory. Nothing here waits on a thread, nor asks for one: a read that waits goes on where its message
/// is delivered, by the timer of the browser's time provider.
/// </summary>
internal sealed class MemoryConnection(SimulatedBrowser browser, string path)
    : SimulatedConnection(browser, path, headers: null), ICdpTransport, IValueTaskSource<CdpReceived>, IAfterwards
{
    // All of it under the browser's lock.
    private readonly Queue<Frame> _inbox = new();
    private ManualResetValueTaskSourceCore<CdpReceived> _source;
    private Memory<byte> _waiting;
    private bool _isWaiting;
    private bool _isDisposed;
    private int _taken;
    private CdpReceived _received;
    private Exception? _failure;
    private CancellationToken _token;
    private CancellationTokenRegistration _registration;

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using (Browser.Agenda.Enter())
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!IsOpen) throw Gone();
            Browser.Receive(this, message.Span);
            return ValueTask.CompletedTask;
        }
    }

    public ValueTask<CdpReceived> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Hear(cancellationToken);
        using (Browser.Agenda.Enter())
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_isWaiting) throw new InvalidOperationException("Somebody reads already.");
            _failure = null;
            if (TryTake(buffer))
            {
                if (_failure is { } failure) throw failure;
                return new ValueTask<CdpReceived>(_received);
            }

            _source.Reset();
            (_waiting, _isWaiting) = (buffer, true);
            return new ValueTask<CdpReceived>(this, _source.Version);
        }
    }

    /// <summary>The browser hears of it as it would of a message.</summary>
    public ValueTask DisposeAsync()
    {
        _registration.Unregister();
        using (Browser.Agenda.Enter())
        {
            if (_isDisposed) return ValueTask.CompletedTask;
            _isDisposed = true;
            Fail(new ObjectDisposedException(nameof(MemoryConnection)));
            Clear();
            if (IsOpen) Browser.HearOfTheEnd(this);
            return ValueTask.CompletedTask;
        }
    }

    internal override void Deliver(in Frame frame)
    {
        if (frame.Kind is not FrameKind.Message) Browser.Forget(this);
        if (_isDisposed)
        {
            frame.Release();
            return;
        }

        _inbox.Enqueue(frame.Rendered());
        if (!_isWaiting) return;
        var buffer = _waiting;
        // First, for what is taken may make room for more, which is delivered here as well.
        Answered();
        TryTake(buffer);
    }

    internal override void Cut()
    {
        Browser.Forget(this);
        Clear();
        if (!_isDisposed) Deliver(Frame.Of(FrameKind.Reset));
    }

    /// <summary>Who waits goes on here, outside of the lock.</summary>
    void IAfterwards.Continue()
    {
        if (_failure is { } failure) _source.SetException(failure);
        else _source.SetResult(_received);
    }

    CdpReceived IValueTaskSource<CdpReceived>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<CdpReceived>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<CdpReceived>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private static IOException Gone() => new("The connection was reset by the browser.");

    /// <summary>False: there is nothing to take.</summary>
    private bool TryTake(Memory<byte> buffer)
    {
        if (!_inbox.TryPeek(out var frame)) return false;
        switch (frame.Kind)
        {
            case FrameKind.Message:
                var count = Math.Min(buffer.Length, frame.Length - _taken);
                frame.Span.Slice(_taken, count).CopyTo(buffer.Span);
                _taken += count;
                var isAll = _taken == frame.Length;
                _received = new CdpReceived(count, isAll && frame.EndsMessage);
                if (isAll) Taken();
                break;
            case FrameKind.Close:
                var reason = System.Text.Encoding.UTF8.GetString(frame.Span);
                _received = new CdpReceived(0, false, Closed: true, reason.Length == 0 ? "NormalClosure (1000)" : $"NormalClosure (1000) {reason}");
                break;
            default:
                _failure = Gone();
                break;
        }

        return true;
    }

    private void Taken()
    {
        _inbox.Dequeue().Release();
        _taken = 0;
        Untaken--;
        if (Pump is not null) Browser.Feed(this);
    }

    private void Fail(Exception failure)
    {
        if (!_isWaiting) return;
        _failure = failure;
        Answered();
    }

    private void Answered()
    {
        (_waiting, _isWaiting) = (default, false);
        Browser.Agenda.Afterwards(this);
    }

    private void Clear()
    {
        while (_inbox.TryDequeue(out var frame)) frame.Release();
        _taken = 0;
    }

    /// <summary>One registration for all reads of a connection, which come with the same token.</summary>
    private void Hear(CancellationToken token)
    {
        if (token == _token) return;
        _registration.Unregister();
        _token = token;
        _registration = token.UnsafeRegister(static state => ((MemoryConnection)state!).GiveUp(), this);
    }

    private void GiveUp()
    {
        using (Browser.Agenda.Enter())
        {
            if (!_isWaiting) return;
            Fail(new OperationCanceledException(_token));
        }
    }
}
