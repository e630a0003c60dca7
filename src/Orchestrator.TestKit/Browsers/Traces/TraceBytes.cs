using System.Buffers;
using System.IO.Compression;

namespace Orchestrator.TestKit.Browsers.Traces;

/// <summary>A trace's bytes, read from any position.</summary>
internal abstract class TraceBytes
{
    public long Position { get; protected set; }

    /// <summary>How many there are; may have to be counted.</summary>
    public abstract long Length { get; }

    /// <summary>All of it in memory; empty when it is made while it is read.</summary>
    public virtual ReadOnlyMemory<byte> Whole => default;

    /// <returns>0 only at the end.</returns>
    public abstract int Read(Span<byte> room);

    public abstract void Seek(long position);
}

/// <summary>Bytes that are there, shared by all who replay them.</summary>
internal sealed class ReplayedBytes(ReadOnlyMemory<byte> bytes) : TraceBytes
{
    public override long Length => bytes.Length;

    public override ReadOnlyMemory<byte> Whole => bytes;

    public override int Read(Span<byte> room)
    {
        var part = bytes.Span[(int)Position..];
        part = part[..Math.Min(part.Length, room.Length)];
        part.CopyTo(room);
        Position += part.Length;
        return part.Length;
    }

    public override void Seek(long position) => Position = Math.Clamp(position, 0, bytes.Length);
}

/// <summary>Bytes that are made piece by piece while they are read; the same each time that they are made.</summary>
internal sealed class PulledBytes(Func<IEnumerable<ReadOnlyMemory<byte>>> make) : TraceBytes
{
    private IEnumerator<ReadOnlyMemory<byte>>? _pieces;
    private ReadOnlyMemory<byte> _rest;
    private long? _length;

    public override long Length => _length ??= make().Sum(piece => (long)piece.Length);

    public override int Read(Span<byte> room)
    {
        var read = 0;
        while (read < room.Length && HasMore())
        {
            var count = Math.Min(_rest.Length, room.Length - read);
            _rest.Span[..count].CopyTo(room[read..]);
            _rest = _rest[count..];
            read += count;
        }

        Position += read;
        return read;
    }

    public override void Seek(long position)
    {
        if (position < Position)
        {
            _pieces?.Dispose();
            (_pieces, _rest, Position) = (null, default, 0);
        }

        while (Position < position && HasMore())
        {
            var count = (int)Math.Min(_rest.Length, position - Position);
            _rest = _rest[count..];
            Position += count;
        }
    }

    private bool HasMore()
    {
        _pieces ??= make().GetEnumerator();
        while (_rest.IsEmpty)
        {
            if (!_pieces.MoveNext()) return false;
            _rest = _pieces.Current;
        }

        return true;
    }
}

/// <summary>Compresses pieces while they are made.</summary>
internal static class GzippedPieces
{
    private const int PieceBytes = 32 << 10;

    public static IEnumerable<ReadOnlyMemory<byte>> Gzipped(this IEnumerable<ReadOnlyMemory<byte>> plain)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            // A packet or an event is a few dozen bytes: too few for a call of the compressor.
            var gathered = new ArrayBufferWriter<byte>(PieceBytes);
            foreach (var piece in plain)
            {
                gathered.Write(piece.Span);
                if (gathered.WrittenCount < PieceBytes) continue;
                gzip.Write(gathered.WrittenSpan);
                gathered.ResetWrittenCount();
                if (packed.Length == 0) continue;
                yield return packed.GetBuffer().AsMemory(0, (int)packed.Length);
                packed.SetLength(0);
            }

            gzip.Write(gathered.WrittenSpan);
        }

        yield return packed.GetBuffer().AsMemory(0, (int)packed.Length);
    }
}
