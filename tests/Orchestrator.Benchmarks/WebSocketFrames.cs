using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.Benchmarks;

/// <summary>The little of RFC 6455 that a server needs which sends whole messages and gets short ones.</summary>
internal static partial class WebSocketFrames
{
    public const int MaxHeader = 10;

    public static string HandshakeAnswer(string request)
    {
        var key = KeyHeader().Match(request).Groups[1].Value;
#pragma warning disable CA5350 // The handshake is defined with SHA-1; it protects nothing.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        return $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n";
    }

    /// <summary>Writes the header of an unmasked final frame; returns its length.</summary>
    public static int WriteHeader(Span<byte> header, int opcode, int payload)
    {
        header[0] = (byte)(0x80 | opcode);
        switch (payload)
        {
            case < 126:
                header[1] = (byte)payload;
                return 2;
            case <= ushort.MaxValue:
                header[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)payload);
                return 4;
            default:
                header[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(header[2..], (ulong)payload);
                return 10;
        }
    }

    /// <summary>Takes one whole frame from the front of <paramref name="bytes"/> and unmasks it in place; 0 if there is none yet.</summary>
    public static int TryTake(Span<byte> bytes, out int opcode, out Span<byte> payload)
    {
        opcode = 0;
        payload = default;
        if (bytes.Length < 2)
            return 0;
        var length = bytes[1] & 0x7F;
        var lengthBytes = length switch { 126 => 2, 127 => 8, _ => 0 };
        var start = 2 + lengthBytes + 4;
        if (bytes.Length < start)
            return 0;
        length = lengthBytes switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            8 => checked((int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..])),
            _ => length,
        };
        if (bytes.Length < start + length)
            return 0;
        opcode = bytes[0] & 0x0F;
        payload = bytes.Slice(start, length);
        var mask = bytes.Slice(start - 4, 4);
        for (var i = 0; i < payload.Length; i++)
            payload[i] ^= mask[i & 3];
        return start + length;
    }

    public static void SendAll(this Socket socket, ReadOnlyMemory<byte> bytes)
    {
        for (var rest = bytes.Span; !rest.IsEmpty;)
            rest = rest[socket.Send(rest)..];
    }

    [GeneratedRegex(@"Sec-WebSocket-Key:\s*(\S+)", RegexOptions.IgnoreCase)]
    private static partial Regex KeyHeader();
}
