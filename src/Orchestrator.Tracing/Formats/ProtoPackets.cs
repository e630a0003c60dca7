using System.Globalization;
using System.IO.Compression;

namespace Orchestrator.Tracing.Formats;

/// <summary>
/// The packets of a Perfetto trace, one after another, from a stream that may deliver its bytes in any portions. Packets that were
/// packed into a compressed one come out as if they stood there themselves.
/// </summary>
internal sealed class ProtoPackets(Stream source)
{
    /// <summary>Perfetto's own packets stay far below a mebibyte; screenshots and heap graphs come to a few.</summary>
    public const int MostPacketBytes = 64 << 20;

    // As for gzip (TraceInput): what is small may expand as it likes, what is not shrinks to a fortieth in earnest.
    private const long HarmlessBytes = 256L << 20;
    private const long MostExpansion = 400;

    private const uint PacketTag = (1 << 3) | ProtoWire.Bytes;
    private const int MostHeaderBytes = 2 * ProtoWire.MostVarintBytes;

    private readonly ByteWindow _outer = new();
    private readonly ByteWindow _inner = new();
    private long _inflated;

    /// <summary>Bytes of the stream that have been read.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Up to here the stream is whole packets.</summary>
    public long WholeBytes { get; private set; }

    /// <summary>Packets so far.</summary>
    public long Count { get; private set; }

    /// <summary>How the trace breaks off: <c>in the middle of a packet</c>; null while, or when, all is well.</summary>
    public string? BrokenOff { get; private set; }

    /// <summary>Called with each portion that is read.</summary>
    public Action? Refilled { get; init; }

    /// <summary>The next packet; its spans hold until the next call. False: the end, or where the trace breaks off.</summary>
    /// <exception cref="NotATraceException">Compressed packets that expand without end.</exception>
    public bool Next(out ProtoPacket packet)
    {
        packet = default;
        while (BrokenOff is null)
        {
            var fromInner = _inner.Length > 0;
            if (!(fromInner ? TryFrame(_inner, isAll: true, out var framed, out var headerBytes) : TryFrameOuter(out framed, out headerBytes))) return false;
            if (framed.Length == headerBytes) continue;
            if (!ProtoPacket.TryRead(framed[headerBytes..], out packet))
            {
                BrokenOff = "at a packet whose bytes are no fields";
                return false;
            }

            if (!fromInner) WholeBytes = BytesRead - _outer.Length;
            if (packet.IsZstd || (fromInner && !packet.Compressed.IsEmpty))
            {
                BrokenOff = packet.IsZstd ? "at packets that are compressed with zstd, which is not read here" : "at a compressed packet within another";
                return false;
            }

            if (!packet.Compressed.IsEmpty)
            {
                Inflate(packet.Compressed);
                continue;
            }

            Count++;
            packet.Framed = framed;
            return true;
        }

        return false;
    }

    private bool TryFrameOuter(out ReadOnlySpan<byte> framed, out int headerBytes)
    {
        while (true)
        {
            if (TryFrame(_outer, isAll: false, out framed, out headerBytes)) return true;
            if (BrokenOff is not null) return false;
            var portion = _outer.Room();
            var read = source.Read(portion);
            BytesRead += read;
            Refilled?.Invoke();
            if (read == 0)
            {
                if (_outer.Length > 0) BrokenOff = "in the middle of a packet";
                return false;
            }

            _outer.Filled(read);
        }
    }

    /// <summary>Takes one packet off the window; nothing but a header for fields that are no packet. False: more bytes are needed, or it is broken.</summary>
    private bool TryFrame(ByteWindow window, bool isAll, out ReadOnlySpan<byte> framed, out int headerBytes)
    {
        framed = default;
        headerBytes = 0;
        var bytes = window.Span;
        var at = 0;
        if (!ProtoWire.TryVarint(bytes, ref at, out var tag)) return NeedsMore(bytes.Length, isAll);
        if (tag == PacketTag)
        {
            if (!ProtoWire.TryVarint(bytes, ref at, out var length)) return NeedsMore(bytes.Length, isAll);
            if (length > MostPacketBytes)
            {
                BrokenOff = string.Create(CultureInfo.InvariantCulture, $"at a packet that claims to be {length:N0} bytes long");
                return false;
            }

            if (length > (ulong)(bytes.Length - at)) return isAll ? NeedsMore(int.MaxValue, isAll) : false;
            headerBytes = at;
            framed = bytes[..(at + (int)length)];
            window.Take(framed.Length);
            return true;
        }

        // Perfetto skips what is no packet. As long as it fits into the window, so do we.
        if (tag >> 3 == 0 || (tag & 7) is not (ProtoWire.Varint or ProtoWire.Bytes or ProtoWire.Fixed32 or ProtoWire.Fixed64))
        {
            BrokenOff = "at bytes that are no packet";
            return false;
        }

        var isWhole = ProtoWire.TryValue(bytes, ref at, tag, out var size, out _);
        if (!isWhole) return (tag & 7) == ProtoWire.Bytes && size > MostPacketBytes ? NeedsMore(int.MaxValue, isAll) : NeedsMore(Math.Min(bytes.Length, MostHeaderBytes - 1), isAll);
        window.Take(at);
        return true;
    }

    private bool NeedsMore(int had, bool isAll)
    {
        if (isAll || had >= MostHeaderBytes) BrokenOff = "at bytes that are no packet";
        return false;
    }

    private void Inflate(ReadOnlySpan<byte> compressed)
    {
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(compressed.ToArray(), writable: false), CompressionMode.Decompress);
            while (zlib.Read(_inner.Room()) is var read and > 0)
            {
                _inner.Filled(read);
                _inflated += read;
                if (_inner.Length > MostPacketBytes || (_inflated > HarmlessBytes && _inflated / MostExpansion > BytesRead))
                    throw new NotATraceException($"its compressed packets expand to more than {_inflated >> 20} MiB; no trace does that, so it is not read on");
            }
        }
        // The framework's own exception for what zlib refuses is internal; it is an IOException.
        catch (Exception damaged) when (damaged is InvalidDataException or IOException)
        {
            BrokenOff = "at compressed packets that cannot be decompressed";
        }
    }
}
