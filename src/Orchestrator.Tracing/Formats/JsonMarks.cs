using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Orchestrator.Tracing.Formats;

/// <summary>
/// Finds the bytes that give JSON its shape: the quotes that begin and end strings, and <c>{ } [ ] : ,</c> outside of strings.
/// 64 bytes are looked at in one go, and what lies between is never touched
/// (the first stage of Langdale and Lemire, Parsing Gigabytes of JSON per Second, 2019).
/// </summary>
/// <remarks>A mutable struct: it belongs to one buffer, and begins anew when the buffer's bytes have been moved or added to.</remarks>
internal struct JsonMarks
{
    private const int BlockBytes = 64;

    private int _block;
    private ulong _marks;
    private ulong _insideString;
    private ulong _firstIsEscaped;
    private bool _blockHasNonAscii;

    /// <param name="from">Outside of any string.</param>
    public JsonMarks(int from)
    {
        _block = from - BlockBytes;
        FirstBadByte = int.MaxValue;
    }

    /// <summary>A control character inside a string, or an escape that JSON does not know; at most one block behind the last mark.</summary>
    public int FirstBadByte { get; private set; }

    /// <summary>Some byte since the last <see cref="ForgetNonAscii"/> was not ASCII; it may lie up to a block behind the last mark.</summary>
    public bool HasNonAscii { get; private set; }

    /// <summary>What the block that is being looked at holds is kept: some of it is still to come.</summary>
    public void ForgetNonAscii() => HasNonAscii = _blockHasNonAscii;

    /// <summary>The next mark's position; -1 when the bytes end before there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(ReadOnlySpan<byte> bytes)
    {
        if (_marks == 0 && !ReadBlocks(bytes)) return -1;
        var position = _block + BitOperations.TrailingZeroCount(_marks);
        _marks &= _marks - 1;
        return position;
    }

    private bool ReadBlocks(ReadOnlySpan<byte> bytes)
    {
        while (_block + 2 * BlockBytes <= bytes.Length)
        {
            _block += BlockBytes;
            ReadBlock(bytes, ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), _block), ulong.MaxValue);
            if (_marks != 0) return true;
        }

        return ReadLastBlock(bytes);
    }

    private bool ReadLastBlock(ReadOnlySpan<byte> bytes)
    {
        if (_block + BlockBytes >= bytes.Length) return false;
        _block += BlockBytes;
        Span<byte> last = stackalloc byte[BlockBytes];
        last.Clear();
        bytes[_block..].CopyTo(last);
        ReadBlock(bytes, ref MemoryMarshal.GetReference(last), (1UL << (bytes.Length - _block)) - 1);
        return _marks != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ReadBlock(ReadOnlySpan<byte> bytes, ref byte start, ulong present)
    {
        var low = Vector256.LoadUnsafe(ref start);
        var high = Vector256.LoadUnsafe(ref start, 32);
        _blockHasNonAscii = (low | high).ExtractMostSignificantBits() != 0;
        HasNonAscii |= _blockHasNonAscii;

        var quotes = Equal(low, high, (byte)'"');
        var backslashes = Equal(low, high, (byte)'\\') & present;
        if ((backslashes | _firstIsEscaped) != 0) quotes &= ~Escaped(bytes, backslashes);
        quotes &= present;

        // Each bit becomes the parity of the quotes up to it: 1 from an opening quote to the byte before the closing one.
        var inside = quotes;
        inside ^= inside << 1;
        inside ^= inside << 2;
        inside ^= inside << 4;
        inside ^= inside << 8;
        inside ^= inside << 16;
        inside ^= inside << 32;
        inside ^= _insideString;
        _insideString = (ulong)((long)inside >> 63);

        var control = (Vector256.Equals(Vector256.Min(low, Vector256.Create((byte)0x1f)), low).ExtractMostSignificantBits()
            | (ulong)Vector256.Equals(Vector256.Min(high, Vector256.Create((byte)0x1f)), high).ExtractMostSignificantBits() << 32) & inside & present;
        if (control != 0) FirstBadByte = Math.Min(FirstBadByte, _block + BitOperations.TrailingZeroCount(control));

        // [ and { differ in one bit only, and so do ] and }.
        var lowFolded = low | Vector256.Create((byte)0x20);
        var highFolded = high | Vector256.Create((byte)0x20);
        var brackets = Equal(lowFolded, highFolded, (byte)'{') | Equal(lowFolded, highFolded, (byte)'}');
        var separators = Equal(low, high, (byte)',') | Equal(low, high, (byte)':');
        _marks = (((brackets | separators) & ~inside) | quotes) & present;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Equal(Vector256<byte> low, Vector256<byte> high, byte wanted)
    {
        var all = Vector256.Create(wanted);
        return Vector256.Equals(low, all).ExtractMostSignificantBits() | (ulong)Vector256.Equals(high, all).ExtractMostSignificantBits() << 32;
    }

    /// <summary>The bits of the bytes that stand behind a backslash that is not itself escaped.</summary>
    private ulong Escaped(ReadOnlySpan<byte> bytes, ulong backslashes)
    {
        var escaped = _firstIsEscaped;
        backslashes &= ~_firstIsEscaped;
        _firstIsEscaped = 0;
        while (backslashes != 0)
        {
            var at = BitOperations.TrailingZeroCount(backslashes);
            if (!IsEscape(bytes[(_block + at + 1)..])) FirstBadByte = Math.Min(FirstBadByte, _block + at);
            if (at == BlockBytes - 1) _firstIsEscaped = 1;
            else escaped |= 2UL << at;
            backslashes &= ~(3UL << at);
        }

        return escaped;
    }

    /// <summary>Of bytes that end too early it is not known, and whoever asks meets the end as well.</summary>
    private static bool IsEscape(ReadOnlySpan<byte> behindBackslash) => behindBackslash switch
    {
        [] => true,
        [(byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t', ..] => true,
        [(byte)'u', .. var digits] => digits[..Math.Min(4, digits.Length)].IndexOfAnyExcept(HexDigits) < 0,
        _ => false,
    };

    private static readonly System.Buffers.SearchValues<byte> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF"u8);
}
