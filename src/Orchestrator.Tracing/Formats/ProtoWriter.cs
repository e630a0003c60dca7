using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Orchestrator.Tracing.Formats;

/// <summary>Writes protobuf messages, one field after another.</summary>
internal sealed class ProtoWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.WrittenMemory;

    public void Reset() => _bytes.ResetWrittenCount();

    /// <summary>A number of any varint type; a negative one is written as Protobuf's int64 is.</summary>
    public void Number(int field, long value)
    {
        Varint(ProtoWire.Tag(field, ProtoWire.Varint));
        Varint(unchecked((ulong)value));
    }

    public void Double(int field, double value)
    {
        Varint(ProtoWire.Tag(field, ProtoWire.Fixed64));
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
    }

    public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(ProtoWire.Tag(field, ProtoWire.Bytes));
        Varint((ulong)value.Length);
        _bytes.Write(value);
    }

    /// <summary>A message within the message.</summary>
    public void Message(int field, Action<ProtoWriter> write)
    {
        var inner = new ProtoWriter();
        write(inner);
        Bytes(field, inner.Written);
    }

    /// <summary>Fields that have been encoded elsewhere.</summary>
    public void Raw(ReadOnlySpan<byte> fields) => _bytes.Write(fields);

    private void Varint(ulong value)
    {
        var room = _bytes.GetSpan(ProtoWire.MostVarintBytes);
        var length = 0;
        for (; value >= 0x80; value >>= 7) room[length++] = (byte)(value | 0x80);
        room[length++] = (byte)value;
        _bytes.Advance(length);
    }
}
