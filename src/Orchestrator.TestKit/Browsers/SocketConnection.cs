using System.Buffers;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Orchestrator.TestKit.Browsers;

/// <summary>The browser's end of a real WebSocket.</summary>
internal sealed class SocketConnection : SimulatedConnection, IAfterwards
{
    private readonly IHttpRequestLifetimeFeature _lifetime; // the context itself is gone when the request has ended, which a test need not know
    private readonly WebSocket _socket;
    private readonly CancellationToken _aborted;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Under the browser's lock.
    private readonly Queue<Frame> _outbox = new();
    private bool _isWriting;

    public SocketConnection(SimulatedBrowser browser, HttpContext http, WebSocket socket)
        : base(browser, http.Request.Path.Value ?? "", http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase))
    {
        _lifetime = http.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        _aborted = http.RequestAborted;
        _socket = socket;
    }

    private protected override bool TellsWhenSent => true;

    /// <summary>Reads until the connection is gone.</summary>
    public async Task RunAsync()
    {
        try
        {
            var buffer = new byte[16 << 10];
            var length = 0;
            while (true)
            {
                if (length == buffer.Length) Array.Resize(ref buffer, 2 * buffer.Length);
                var receiving = _socket.ReceiveAsync(buffer.AsMemory(length), _aborted).AsTask();
                // A receive that is cancelled resets the connection, and what was sent before is lost: one that must end is left alone.
                if (!receiving.IsCompleted && await Task.WhenAny(receiving, _ended.Task) != receiving)
                {
                    _ = receiving.ContinueWith(static left => left.Exception, TaskScheduler.Default);
                    break;
                }

                var received = await receiving;
                if (received.MessageType == WebSocketMessageType.Close) break;
                length += received.Count;
                if (!received.EndOfMessage) continue;
                using (Browser.Agenda.Enter())
                {
                    Browser.Receive(this, buffer.AsSpan(0, length));
                    // On a wire nothing is gained by another turn of the timer.
                    Browser.Agenda.RunDue();
                }

                length = 0;
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Gone: the peer, or a test, wanted it so.
        }
        finally
        {
            using (Browser.Agenda.Enter())
            {
                Browser.Forget(this);
                if (!_isWriting) Clear();
            }
        }
    }

    internal override void Deliver(in Frame frame)
    {
        _outbox.Enqueue(frame);
        if (_isWriting) return;
        _isWriting = true;
        Browser.Agenda.Afterwards(this);
    }

    internal override void Cut()
    {
        Browser.Forget(this);
        _lifetime.Abort();
    }

    void IAfterwards.Continue() => _ = WriteAsync();

    /// <summary>Writes what there is; never throws.</summary>
    private async Task WriteAsync()
    {
        var frame = default(Frame);
        try
        {
            while (TryTakeFrame(out frame))
            {
                await WriteAsync(frame);
                frame.Release();
                Written();
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            frame.Release();
            using (Browser.Agenda.Enter())
            {
                Clear();
                _isWriting = false;
            }
        }
    }

    private bool TryTakeFrame(out Frame frame)
    {
        using (Browser.Agenda.Enter())
        {
            if (!_outbox.TryDequeue(out frame)) _isWriting = false;
            return _isWriting;
        }
    }

    private void Written()
    {
        using (Browser.Agenda.Enter())
        {
            Untaken--;
            if (Pump is null) return;
            Browser.Feed(this);
            Browser.Agenda.RunDue();
        }
    }

    private async ValueTask WriteAsync(Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Message when frame.Read is { } read:
                await WriteAsync(read);
                break;
            case FrameKind.Message:
                await _socket.SendAsync(frame.Bytes, WebSocketMessageType.Text, frame.EndsMessage, CancellationToken.None);
                break;
            case FrameKind.Close:
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, frame.Length == 0 ? null : System.Text.Encoding.UTF8.GetString(frame.Span), CancellationToken.None);
                break;
            case FrameKind.End:
                // As the kernel does it for a process that has died: all that was sent arrives, then the end.
                using (Browser.Agenda.Enter()) Browser.Forget(this);
                _ended.TrySetResult();
                break;
            default:
                using (Browser.Agenda.Enter()) Cut();
                break;
        }
    }

    /// <summary>In fragments of one message.</summary>
    private async ValueTask WriteAsync(ReadAnswer read)
    {
        var room = ArrayPool<byte>.Shared.Rent(read.MostPieceBytes);
        try
        {
            for (var isLast = false; !isLast;)
            {
                var length = read.Write(room, out isLast);
                await _socket.SendAsync(room.AsMemory(0, length), WebSocketMessageType.Text, isLast, CancellationToken.None);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    private void Clear()
    {
        while (_outbox.TryDequeue(out var frame)) frame.Release();
    }
}
