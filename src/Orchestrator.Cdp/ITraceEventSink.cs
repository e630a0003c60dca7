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
public readonly struct TraceEventSlice : IDisposable, IEquatable<TraceEventSlice>
{
    private readonly ArrayPool<byte>? _pool;
    private readonly byte[]? _buffer;
    private readonly int _offset;
    private readonly int _length;

    internal TraceEventSlice(ArrayPool<byte> pool, byte[] buffer, int offset, int length) => (_pool, _buffer, _offset, _length) = (pool, buffer, offset, length);

    /// <summary>Valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(_offset, _length);

    /// <summary>What it keeps in memory: the whole message's buffer.</summary>
    public int BufferBytes => _buffer?.Length ?? 0;

    /// <summary>The bytes with a comma in front: it takes the place of the array's bracket in the message.</summary>
    internal ReadOnlyMemory<byte> WithLeadingComma()
    {
        _buffer![_offset - 1] = (byte)',';
        return _buffer.AsMemory(_offset - 1, _length + 1);
    }

    public void Dispose()
    {
        if (_buffer is not null)
            _pool!.Return(_buffer);
    }

    public bool Equals(TraceEventSlice other) => _buffer == other._buffer && _offset == other._offset && _length == other._length;

    public override bool Equals(object? obj) => obj is TraceEventSlice other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_buffer, _offset, _length);

    public static bool operator ==(TraceEventSlice left, TraceEventSlice right) => left.Equals(right);

    public static bool operator !=(TraceEventSlice left, TraceEventSlice right) => !left.Equals(right);
}
