using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Orchestrator.Cdp.Traces;

/// <summary>
/// Turns the inside of JSON strings into UTF-8, with no string in between. A trace in JSON within a JSON string has an escape every
/// eight bytes or so; what stands between two is copied in blocks of 32 bytes, which is why the destination must have room to spare.
/// </summary>
/// <remarks>
/// A stream comes as many strings, and a character outside the basic plane is two escapes (<c>\uD83D\uDE00</c>) that could be split
/// between two of them, so half a pair is kept for the next string. (Chromium cuts a text stream between characters; that is its
/// choice, not the protocol's.) Half a pair that stays alone becomes U+FFFD, as everywhere in UTF-8.
/// Bytes of a character that stand in the string as they are need no such care: they are copied.
/// </remarks>
internal struct JsonStringDecoder
{
    private const int Block = 32;

    private char _highSurrogate;

    /// <summary>The largest output for a string of so many bytes, with the room that the block copies need.</summary>
    public static int MaxDecodedBytes(int sourceBytes) => sourceBytes + 3 + Block;

    /// <summary>Decodes up to the closing quote.</summary>
    /// <param name="source">From behind the opening quote on.</param>
    /// <param name="destination">At least <see cref="MaxDecodedBytes"/>.</param>
    /// <param name="written">Bytes of the result.</param>
    /// <returns>Bytes read, the closing quote included; or -1 if this is no JSON string.</returns>
    public int Decode(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, MaxDecodedBytes(source.Length));
        int read = 0, wrote = 0;
        if (_highSurrogate != 0 && !source.StartsWith("\""u8))
        {
            var low = ReadUnicodeEscape(source);
            if (char.IsLowSurrogate((char)Math.Max(low, 0)))
                read = 6;
            wrote += Encode(read > 0 ? new Rune(_highSurrogate, (char)low) : Rune.ReplacementChar, destination);
            _highSurrogate = '\0';
        }

        while (true)
        {
            var plain = CopyPlain(source, read, destination, wrote);
            if (plain < 0)
                break;
            read += plain;
            wrote += plain;

            if (source[read] == '"')
            {
                written = wrote;
                return read + 1;
            }

            var escape = Unescape(source[read..], destination[wrote..], out var bytes);
            if (escape < 0)
                break;
            read += escape;
            wrote += bytes;
        }

        written = 0;
        return -1;
    }

    /// <summary>What is left when no string follows.</summary>
    /// <returns>Bytes written: 0 or 3.</returns>
    public int Finish(Span<byte> destination)
    {
        if (_highSurrogate == 0)
            return 0;
        _highSurrogate = '\0';
        return Encode(Rune.ReplacementChar, destination);
    }

    /// <summary>Copies up to the next quote or backslash.</summary>
    /// <returns>Bytes copied, or -1 if there is neither or a control character comes first, which JSON has only as an escape.</returns>
    private static int CopyPlain(ReadOnlySpan<byte> source, int read, Span<byte> destination, int wrote)
    {
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(destination);
        var at = read;

        // Whole blocks are written even if only a part of one belongs to the result: the next write covers the rest. The destination has a block to spare.
        for (; at + Block <= source.Length; at += Block)
        {
            var bytes = Vector256.LoadUnsafe(ref from, (nuint)at);
            bytes.StoreUnsafe(ref to, (nuint)(wrote + at - read));
            var special = Vector256.Equals(bytes, Vector256.Create((byte)'"')) | Vector256.Equals(bytes, Vector256.Create((byte)'\\')) | Vector256.LessThan(bytes, Vector256.Create((byte)' '));
            if (special == Vector256<byte>.Zero)
                continue;
            at += BitOperations.TrailingZeroCount(special.ExtractMostSignificantBits());
            return source[at] < ' ' ? -1 : at - read;
        }

        for (; at < source.Length; at++)
        {
            var b = source[at];
            if (b is (byte)'"' or (byte)'\\')
                return at - read;
            if (b < ' ')
                return -1;
            destination[wrote + at - read] = b;
        }

        return -1;
    }

    /// <summary>One escape, or the two of a pair.</summary>
    /// <param name="source">Begins with a backslash.</param>
    /// <returns>Bytes read, or -1 if it is none.</returns>
    private int Unescape(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        written = 1;
        if (source.Length < 2)
            return -1;

        switch (source[1])
        {
            case (byte)'"' or (byte)'\\' or (byte)'/':
                destination[0] = source[1];
                return 2;
            case (byte)'n':
                destination[0] = (byte)'\n';
                return 2;
            case (byte)'t':
                destination[0] = (byte)'\t';
                return 2;
            case (byte)'r':
                destination[0] = (byte)'\r';
                return 2;
            case (byte)'b':
                destination[0] = (byte)'\b';
                return 2;
            case (byte)'f':
                destination[0] = (byte)'\f';
                return 2;
            case (byte)'u':
                break;
            default:
                return -1;
        }

        var unit = ReadUnicodeEscape(source);
        if (unit < 0)
            return -1;
        if (unit < 0x80)
        {
            destination[0] = (byte)unit;
            return 6;
        }

        var rune = Rune.ReplacementChar;
        var read = 6;
        if (char.IsHighSurrogate((char)unit))
        {
            if (source[6..].StartsWith("\""u8))
            {
                _highSurrogate = (char)unit;
                written = 0;
                return read;
            }

            var low = ReadUnicodeEscape(source[6..]);
            if (low >= 0 && char.IsLowSurrogate((char)low))
            {
                rune = new Rune((char)unit, (char)low);
                read = 12;
            }
        }
        else if (!char.IsLowSurrogate((char)unit))
        {
            rune = new Rune((char)unit);
        }

        written = Encode(rune, destination);
        return read;
    }

    /// <returns>The code unit of <c>\uXXXX</c>, or -1 if the source does not begin with one.</returns>
    private static int ReadUnicodeEscape(ReadOnlySpan<byte> source)
    {
        if (source.Length < 6 || source[0] != '\\' || source[1] != 'u')
            return -1;
        var unit = 0;
        foreach (var digit in source[2..6])
        {
            var value = HexValue(digit);
            if (value < 0)
                return -1;
            unit = (unit << 4) | value;
        }

        return unit;
    }

    private static int HexValue(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };

    private static int Encode(Rune rune, Span<byte> destination) => rune.EncodeToUtf8(destination);
}
