using System.IO.Compression;
using System.Text;

namespace Orchestrator.Tracing.Tests.Support;

/// <summary>Protobuf by hand, with nothing of the code under test: a message is a list of field numbers and values.</summary>
internal static class Proto
{
    /// <summary>Numbers become varints, doubles fixed64, strings, bytes and messages length-delimited.</summary>
    public static byte[] Message(params (int Field, object Value)[] fields)
    {
        var bytes = new List<byte>();
        foreach (var (field, value) in fields)
        {
            switch (value)
            {
                case byte[] content:
                    Varint(bytes, (ulong)field << 3 | 2);
                    Varint(bytes, (ulong)content.Length);
                    bytes.AddRange(content);
                    break;
                case string text:
                    bytes.AddRange(Message((field, Encoding.UTF8.GetBytes(text))));
                    break;
                case double number:
                    Varint(bytes, (ulong)field << 3 | 1);
                    bytes.AddRange(BitConverter.GetBytes(number));
                    break;
                default:
                    Varint(bytes, (ulong)field << 3);
                    Varint(bytes, unchecked((ulong)Convert.ToInt64(value)));
                    break;
            }
        }

        return [.. bytes];
    }

    public static byte[] Zlib(byte[] plain)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write(plain);
        return packed.ToArray();
    }

    public static byte[] Gzip(byte[] plain)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(plain);
        return packed.ToArray();
    }

    private static void Varint(List<byte> bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
    }

    /// <summary>The fields of a message, in order; numbers as <see cref="ulong"/>, fixed64 as <see cref="double"/>, the rest as bytes.</summary>
    public static List<(int Field, object Value)> Fields(ReadOnlySpan<byte> message)
    {
        var fields = new List<(int, object)>();
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint(message, ref at);
            object value;
            switch (tag & 7)
            {
                case 0:
                    value = Varint(message, ref at);
                    break;
                case 1:
                    value = BitConverter.ToDouble(message.Slice(at, 8));
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    value = message.Slice(at, length).ToArray();
                    at += length;
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7}");
            }

            fields.Add(((int)(tag >> 3), value));
        }

        return fields;
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
    }
}
