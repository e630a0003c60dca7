using System.Buffers;

namespace Orchestrator.Cdp;

/// <summary>
/// Gathers one message at a time. Whoever wants a large message takes the buffer itself instead of a copy, and the next message
/// starts in another one of a fitting size.
/// </summary>
internal sealed class ReceiveBuffer(ArrayPool<byte> pool, int initialBytes, int maxBytes) : IDisposable
{
    private byte[]? _bytes = pool.Rent(initialBytes);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Message => _bytes.AsSpan(0, Length);

    /// <summary>Where the next bytes go: never empty, and never more than one byte past the largest message, so that too large a one is noticed.</summary>
    public Memory<byte> Free()
    {
        if (Length == _bytes!.Length)
        {
            var larger = pool.Rent((int)Math.Min((long)maxBytes + 1, Length * 2L));
            Message.CopyTo(larger);
            pool.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsMemory(Length, Math.Min(_bytes.Length, maxBytes + 1) - Length);
    }

    /// <returns>False when the message is larger than it may be.</returns>
    public bool Advance(int count) => (Length += count) <= maxBytes;

    /// <summary>Forgets the message. A buffer that a single large message blew up is not kept for the small ones that follow.</summary>
    public void Clear()
    {
        if (_bytes!.Length > 16 * (long)Math.Max(initialBytes, Length))
        {
            pool.Return(_bytes);
            _bytes = pool.Rent(Math.Max(initialBytes, Length));
        }

        Length = 0;
    }

    /// <summary>Gives the buffer away: the taker returns it to the pool. Large messages come in rows, so the next buffer is as large.</summary>
    public byte[] Take()
    {
        var next = pool.Rent(Math.Max(initialBytes, Length));
        var taken = _bytes!;
        (_bytes, Length) = (next, 0);
        return taken;
    }

    public void Dispose()
    {
        if (_bytes is { } bytes)
            pool.Return(bytes);
        _bytes = null;
        Length = 0;
    }
}
