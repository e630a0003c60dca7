using System.Buffers;
using System.Buffers.Text;
using Orchestrator.TestKit.Browsers.Traces;

namespace Orchestrator.TestKit.Browsers;

/// <summary>
/// An answer of <c>IO.read</c>: it is encoded piece by piece while it is sent, so that hundreds of
/// connections with reads in flight need no megabytes each, and a piece never leaves the processor's cache.
/// </summary>
internal sealed class ReadAnswer(byte[] head, ArraySegment<byte> data, bool isRented, bool isBinary, byte[] tail)
{
    private const int MostAroundData = 1 << 10;

    /// <summary>Of data, a multiple of three, which base64 makes four of: with what stands around them 64 KiB, as pools have them.</summary>
    private const int PieceBytes = ((64 << 10) - MostAroundData) / 4 * 3;

    private int _next = -1;

    /// <summary>Room for one piece.</summary>
    public int MostPieceBytes => (isBinary ? PieceBytes / 3 * 4 : 6 * PieceBytes) + MostAroundData;

    /// <summary>The next piece of the message; <paramref name="isLast"/> tells whether it ends with it.</summary>
    /// <returns>Bytes written, at most <see cref="MostPieceBytes"/>.</returns>
    public int Write(Span<byte> room, out bool isLast)
    {
        var written = 0;
        if (_next < 0)
        {
            head.CopyTo(room);
            (written, _next) = (head.Length, 0);
        }

        var piece = data.AsSpan(_next, Math.Min(PieceBytes, data.Count - _next));
        _next += piece.Length;
        if (isBinary)
        {
            Base64.EncodeToUtf8(piece, room[written..], out _, out var encoded);
            written += encoded;
        }
        else
        {
            written += JsonText.Escape(piece, room[written..]);
        }

        isLast = _next == data.Count;
        if (!isLast) return written;
        tail.CopyTo(room[written..]);
        return written + tail.Length;
    }

    /// <summary>Gives back what is rented, when the message has left or never will.</summary>
    public void Release()
    {
        if (isRented) ArrayPool<byte>.Shared.Return(data.Array!);
    }

    /// <summary>All of it at once.</summary>
    public Frame Whole()
    {
        var room = ArrayPool<byte>.Shared.Rent(head.Length + tail.Length + (isBinary ? Base64.GetMaxEncodedToUtf8Length(data.Count) : JsonText.MostBytes(data)));
        head.CopyTo(room, 0);
        var length = head.Length;
        if (isBinary)
        {
            Base64.EncodeToUtf8(data, room.AsSpan(length), out _, out var encoded);
            length += encoded;
        }
        else
        {
            length += JsonText.Escape(data, room.AsSpan(length));
        }

        tail.CopyTo(room, length);
        return Frame.Rented(room, length + tail.Length);
    }
}
