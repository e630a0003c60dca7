using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Orchestrator.Cdp.Traces;

/// <summary>
/// Turns the inside of JSON strings into UTF-8, with no string in between. A trace in JSON within a JSON string has an escape every
/// eight bytes or so: 32 bytes are looked at together, and what stands between two escapes is copied without counting how long it is,
/// which is why the destination must have room to spare.
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
    private const int Invalid = -1;

    private char _highSurrogate;

    /// <summary>What the second character of an escape of two stands for; 0: it is none.</summary>
    private static readonly byte[] s_short = CreateShort();

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
        var (read, wrote) = (0, 0);
        if (_highSurrogate != 0 && !source.StartsWith("\""u8))
        {
            var low = ReadUnicodeEscape(source);
            var isPair = low >= 0 && char.IsLowSurrogate((char)low);
            wrote = (isPair ? new Rune(_highSurrogate, (char)low) : Rune.ReplacementChar).EncodeToUtf8(destination);
            read = isPair ? 6 : 0;
            _highSurrogate = '\0';
        }

        var ended = DecodeBlocks(source, destination, ref read, ref wrote) || DecodeRest(source, destination, ref read, ref wrote);
        written = ended ? wrote : 0;
        return ended ? read : Invalid;
    }

    /// <summary>What is left when no string follows.</summary>
    /// <returns>Bytes written: 0 or 3.</returns>
    public int Finish(Span<byte> destination)
    {
        if (_highSurrogate == 0)
            return 0;
        _highSurrogate = '\0';
        return Rune.ReplacementChar.EncodeToUtf8(destination);
    }

    /// <summary>Goes on in blocks as long as two of them are left.</summary>
    /// <returns>Whether the closing quote was reached; else the rest has it, or what stops it.</returns>
    /// <remarks>
    /// No index is checked here. Reads: a block is entered with two blocks left, so a copy that begins within it and the second
    /// character of an escape lie within the source. Writes: never more than 3 bytes ahead of the reads (the half pair of the string
    /// before), and the destination is that and a block larger than the source.
    /// </remarks>
    private bool DecodeBlocks(ReadOnlySpan<byte> source, Span<byte> destination, ref int read, ref int wrote)
    {
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(destination);
        ref var shorts = ref MemoryMarshal.GetArrayDataReference(s_short);
        var (at, o) = (read, wrote);
        while (at + (2 * Block) <= source.Length)
        {
            var bytes = Vector256.LoadUnsafe(ref from, (nuint)at);
            var special = Vector256.Equals(bytes, Vector256.Create((byte)'"')) | Vector256.Equals(bytes, Vector256.Create((byte)'\\')) | Vector256.LessThan(bytes, Vector256.Create((byte)' '));
            var found = special.ExtractMostSignificantBits();
            var start = at; // of what is to be copied next
            while (found != 0)
            {
                var stop = at + BitOperations.TrailingZeroCount(found);
                Vector256.LoadUnsafe(ref from, (nuint)start).StoreUnsafe(ref to, (nuint)o);
                o += stop - start;
                var plain = Unsafe.Add(ref shorts, Unsafe.Add(ref from, stop + 1));
                if (Unsafe.Add(ref from, stop) == '\\' && plain != 0)
                {
                    Unsafe.Add(ref to, o++) = plain;
                    start = stop + 2;
                }
                else
                {
                    (read, wrote) = (stop, o);
                    if (source[stop] == '"')
                    {
                        read++;
                        return true;
                    }

                    if (!TryUnescape(source, destination, ref read, ref wrote))
                        return false;
                    (start, o) = (read, wrote);
                }

                // An escape covers what looks special within it, such as the quote of \".
                found = start - at < Block ? found & (uint.MaxValue << (start - at)) : 0;
            }

            if (start < at + Block)
            {
                Vector256.LoadUnsafe(ref from, (nuint)start).StoreUnsafe(ref to, (nuint)o);
                o += at + Block - start;
                start = at + Block;
            }

            at = start;
        }

        (read, wrote) = (at, o);
        return false;
    }

    /// <summary>Goes on byte by byte, and stops where <see cref="DecodeBlocks"/> stopped if that found something wrong.</summary>
    private bool DecodeRest(ReadOnlySpan<byte> source, Span<byte> destination, ref int read, ref int wrote)
    {
        while (read < source.Length)
        {
            var b = source[read];
            if (b == '"')
            {
                read++;
                return true;
            }

            if (b is not (byte)'\\' and >= (byte)' ')
            {
                destination[wrote++] = b;
                read++;
            }
            else if (!TryUnescape(source, destination, ref read, ref wrote))
            {
                return false; // also a control character, which JSON has only as an escape
            }
        }

        return false;
    }

    /// <summary>One escape, or the two of a pair.</summary>
    private bool TryUnescape(ReadOnlySpan<byte> source, Span<byte> destination, ref int read, ref int wrote)
    {
        var escape = source[read..];
        if (escape.Length >= 2 && escape[0] == '\\' && s_short[escape[1]] is var plain and not 0)
        {
            destination[wrote++] = plain;
            read += 2;
            return true;
        }

        var unit = ReadUnicodeEscape(escape);
        if (unit < 0)
            return false;
        read += 6;
        var rune = Rune.ReplacementChar;
        if (char.IsHighSurrogate((char)unit))
        {
            if (escape[6..].StartsWith("\""u8))
            {
                _highSurrogate = (char)unit;
                return true;
            }

            var low = ReadUnicodeEscape(escape[6..]);
            if (low >= 0 && char.IsLowSurrogate((char)low))
            {
                rune = new Rune((char)unit, (char)low);
                read += 6;
            }
        }
        else if (!char.IsLowSurrogate((char)unit))
        {
            rune = new Rune((char)unit);
        }

        wrote += rune.EncodeToUtf8(destination[wrote..]);
        return true;
    }

    /// <returns>The code unit of <c>\uXXXX</c>, or -1 if the source does not begin with one.</returns>
    private static int ReadUnicodeEscape(ReadOnlySpan<byte> source)
    {
        if (source.Length < 6 || source[0] != '\\' || source[1] != 'u')
            return Invalid;
        var unit = 0;
        foreach (var digit in source[2..6])
        {
            if (!char.IsAsciiHexDigit((char)digit))
                return Invalid;
            unit = (unit << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return unit;
    }

    private static byte[] CreateShort()
    {
        var plain = new byte[256];
        foreach (var (escape, character) in "\"\"\\\\//b\bf\fn\nr\rt\t".Chunk(2).Select(pair => (pair[0], pair[1])))
            plain[escape] = (byte)character;
        return plain;
    }
}
