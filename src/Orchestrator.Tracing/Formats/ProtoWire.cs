using System.Runtime.CompilerServices;

namespace Orchestrator.Tracing.Formats;

/// <summary>The protobuf wire format: a message is a run of fields, each a tag (number and wire type) and a value (protobuf.dev, "Encoding").</summary>
internal static class ProtoWire
{
    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Bytes = 2;
    public const int Fixed32 = 5;

    /// <summary>The longest varint: 64 bits in sevens.</summary>
    public const int MostVarintBytes = 10;

    public static uint Tag(int field, int wireType) => (uint)((field << 3) | wireType);

    /// <summary>False: it runs past the end, or is longer than a varint can be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryVarint(ReadOnlySpan<byte> bytes, scoped ref int at, scoped out ulong value)
    {
        if ((uint)at < (uint)bytes.Length && bytes[at] < 0x80)
        {
            value = bytes[at++];
            return true;
        }

        // No reference to the position leaves this method, so that where it is inlined the position lives in a register.
        (at, value) = LongVarint(bytes, at);
        return at >= 0;
    }

    private static (int At, ulong Value) LongVarint(ReadOnlySpan<byte> bytes, int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 7 * MostVarintBytes && (uint)at < (uint)bytes.Length; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return (at, value);
        }

        return (-1, value);
    }

    /// <summary>Moves behind a field's value; tells where a length-delimited one lies. False: it is cut off, or of a wire type that Perfetto does not use (groups).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryValue(ReadOnlySpan<byte> bytes, scoped ref int at, ulong tag, scoped out ulong number, out ReadOnlySpan<byte> content)
    {
        content = default;
        switch ((int)(tag & 7))
        {
            case Varint:
                return TryVarint(bytes, ref at, out number);
            case Bytes:
                if (!TryVarint(bytes, ref at, out number) || number > (ulong)(bytes.Length - at)) return false;
                content = bytes.Slice(at, (int)number);
                at += (int)number;
                return true;
            case Fixed64:
                number = 0;
                return (at += 8) <= bytes.Length;
            case Fixed32:
                number = 0;
                return (at += 4) <= bytes.Length;
            default:
                number = 0;
                return false;
        }
    }
}

/// <summary>Walks the fields of a message. What is malformed ends the walk (<see cref="IsMalformed"/>); nothing throws.</summary>
internal ref struct ProtoFields(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> _message = message;
    private int _at;
    private ulong _number;
    private ReadOnlySpan<byte> _content;

    /// <summary>Field number and wire type (<see cref="ProtoWire.Tag"/>).</summary>
    public ulong Tag { get; private set; }

    /// <summary>A varint's value.</summary>
    public readonly ulong Number => _number;

    /// <summary>A length-delimited value.</summary>
    public readonly ReadOnlySpan<byte> Content => _content;

    /// <summary>The field's bytes: where its tag begins, and where its value ends.</summary>
    public int Start { get; private set; }

    public readonly int End => _at;

    public bool IsMalformed { get; private set; }

    public bool MoveNext()
    {
        Start = _at;
        if (_at == _message.Length) return false;
        if (ProtoWire.TryVarint(_message, ref _at, out var tag) && tag >> 3 != 0 && ProtoWire.TryValue(_message, ref _at, tag, out _number, out _content))
        {
            Tag = tag;
            return true;
        }

        IsMalformed = true;
        return false;
    }
}
