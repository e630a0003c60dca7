using System.Buffers;
using System.Text;

namespace Orchestrator.TestKit.Browsers;

internal enum FrameKind
{
    /// <summary>Bytes of a message.</summary>
    Message,

    /// <summary>The WebSocket is closed with a handshake, the bytes are the reason.</summary>
    Close,

    /// <summary>The process is gone, and its end of the connection with it.</summary>
    End,

    /// <summary>The connection is reset.</summary>
    Reset,
}

/// <summary>Something on its way along a wire.</summary>
/// <param name="IsPooled">The array goes back to the shared pool when the bytes have been taken.</param>
/// <param name="Sent">Told when it has left.</param>
internal readonly record struct Frame(FrameKind Kind, byte[]? Array, int Start, int Length, bool IsPooled, bool EndsMessage, TaskCompletionSource? Sent)
{
    public ReadOnlyMemory<byte> Bytes => Array.AsMemory(Start, Length);

    public ReadOnlySpan<byte> Span => Array.AsSpan(Start, Length);

    /// <summary>What the bytes are made of, while they are not.</summary>
    public ReadAnswer? Read { get; init; }

    /// <summary>With its bytes, whatever they were made of.</summary>
    public Frame Rendered() => Read is { } read ? read.Whole() with { Sent = Sent } : this;

    public static Frame Of(FrameKind kind) => new(kind, null, 0, 0, false, true, null);

    /// <summary>A whole message that owns a rented array.</summary>
    public static Frame Rented(byte[] array, int length) => new(FrameKind.Message, array, 0, length, true, true, null);

    /// <summary>A copy in a rented array.</summary>
    public static Frame Copy(ReadOnlySpan<byte> bytes)
    {
        var array = ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length, 1));
        bytes.CopyTo(array);
        return Rented(array, bytes.Length);
    }

    public static Frame Text(string text)
    {
        var array = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        return Rented(array, Encoding.UTF8.GetBytes(text, array));
    }

    /// <summary>Done with it: the array goes back, whoever waits for its sending is told.</summary>
    public void Release()
    {
        if (IsPooled && Array is not null) ArrayPool<byte>.Shared.Return(Array);
        Read?.Release();
        Sent?.TrySetResult();
    }
}
