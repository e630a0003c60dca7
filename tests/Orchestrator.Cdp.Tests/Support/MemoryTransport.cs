using System.Threading.Channels;

namespace Orchestrator.Cdp.Tests.Support;

/// <summary>A transport with a test on its other side.</summary>
internal sealed class MemoryTransport : ICdpTransport
{
    private readonly Channel<Part> _incoming = Channel.CreateUnbounded<Part>();
    private readonly Channel<byte[]> _sent = Channel.CreateUnbounded<byte[]>();
    private Part _current;

    private readonly record struct Part(ReadOnlyMemory<byte> Bytes, bool End, bool Closed = false, string? Reason = null, Exception? Error = null);

    /// <summary>Awaited before each send.</summary>
    public Func<CancellationToken, Task>? OnSend { get; set; }

    /// <summary>Answers a frame at once, on the sender's thread.</summary>
    public Action<byte[]>? OnSent { get; set; }

    public bool Disposed { get; private set; }

    public int Receives { get; private set; }

    public ValueTask<byte[]> NextSentAsync() => _sent.Reader.ReadAsync();

    public void Deliver(ReadOnlyMemory<byte> bytes, bool end = true) => _incoming.Writer.TryWrite(new Part(bytes, end));

    public void DeliverClose(string? reason) => _incoming.Writer.TryWrite(new Part(default, false, Closed: true, Reason: reason));

    public void DeliverError(Exception error) => _incoming.Writer.TryWrite(new Part(default, false, Error: error));

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Disposed, this);
        if (OnSend is { } wait)
            await wait(cancellationToken);
        var frame = message.ToArray();
        _sent.Writer.TryWrite(frame);
        OnSent?.Invoke(frame);
    }

    public async ValueTask<CdpReceived> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Receives++;
        if (_current.Bytes.IsEmpty)
            _current = await _incoming.Reader.ReadAsync(cancellationToken);
        if (_current.Error is { } error)
            throw error;
        if (_current.Closed)
            return new CdpReceived(0, false, Closed: true, _current.Reason);

        var count = Math.Min(buffer.Length, _current.Bytes.Length);
        _current.Bytes[..count].CopyTo(buffer);
        _current = _current with { Bytes = _current.Bytes[count..] };
        return new CdpReceived(count, _current.Bytes.IsEmpty && _current.End);
    }

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        _incoming.Writer.TryComplete(new ObjectDisposedException(nameof(MemoryTransport)));
        return ValueTask.CompletedTask;
    }
}
