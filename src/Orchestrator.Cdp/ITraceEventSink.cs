using System.Buffers;

namespace Orchestrator.Cdp;

/// <summary>Takes the events of <c>Tracing.dataCollected</c> as they stand in the message.</summary>
public interface ITraceEventSink
{
    /// <summary>
    /// Called in the read loop, in order; nothing else is read until the task completes: that is the back pressure.
    /// An exception breaks the connection as <see cref="CdpBreakKind.Faulted"/>.
    /// </summary>
    /// <param name="events">Owned by the callee from here on, who disposes it.</param>
    /// <param name="cancellationToken">Cancelled when the connection breaks.</param>
    ValueTask AcceptAsync(TraceEventSlice events, CancellationToken cancellationToken);
}

/// <summary>The inside of one message's <c>value</c> array: JSON objects with commas between them, without the brackets; a window into the message's buffer.</summary>
public sealed class TraceEventSlice : IDisposable
{
    private readonly ArrayPool<byte> _pool;
    private readonly int _offset;
    private readonly int _length;
    private byte[]? _buffer;

    internal TraceEventSlice(ArrayPool<byte> pool, byte[] buffer, int offset, int length)
    {
        (_pool, _buffer, _offset, _length) = (pool, buffer, offset, length);
        BufferBytes = buffer.Length;
    }

    /// <summary>Valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(_offset, _length);

    /// <summary>What it keeps in memory: the whole message's buffer.</summary>
    public int BufferBytes { get; }

    /// <summary>Gives the buffer back; a second time does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } own)
            _pool.Return(own);
    }

    /// <summary>The bytes with a comma in front: it takes the place of the array's bracket in the message.</summary>
    internal ReadOnlyMemory<byte> WithLeadingComma()
    {
        _buffer![_offset - 1] = (byte)',';
        return _buffer.AsMemory(_offset - 1, _length + 1);
    }
}
