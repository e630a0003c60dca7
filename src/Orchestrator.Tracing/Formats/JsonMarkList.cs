using System.Buffers;
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
internal sealed class JsonMarkList
{
    private const int BlockBytes = 64;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    private int[] _positions = new int[1 << 12];
    private int _count;

    // All ones when the block before ended inside a string; 1 when it ended with a backslash that escapes.
    private ulong _insideString;
    private ulong _firstIsEscaped;

    /// <summary>Where they stand, in order.</summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, _count);

    /// <summary>The first control character inside a string, or escape that JSON does not know; the largest number when there is none.</summary>
    public int FirstBadByte { get; private set; }

    /// <summary>Some byte is not ASCII.</summary>
    public bool HasNonAscii { get; private set; }

    /// <summary>Looks at these bytes, and forgets what was before.</summary>
    /// <param name="from">Outside of any string.</param>
    public void Find(ReadOnlySpan<byte> bytes, int from)
    {
        (_count, _insideString, _firstIsEscaped, FirstBadByte, HasNonAscii) = (0, 0, 0, int.MaxValue, false);
        var block = from;
        for (; block + BlockBytes <= bytes.Length; block += BlockBytes)
            Add(block, MarksOf(bytes, block, ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), block), ulong.MaxValue));
        if (block >= bytes.Length) return;
        Span<byte> last = stackalloc byte[BlockBytes];
        last.Clear();
        bytes[block..].CopyTo(last);
        Add(block, MarksOf(bytes, block, ref MemoryMarshal.GetReference(last), (1UL << (bytes.Length - block)) - 1));
    }

    private void Add(int block, ulong marks)
    {
        if (_positions.Length - _count < BlockBytes) Array.Resize(ref _positions, 2 * _positions.Length);
        ref var to = ref MemoryMarshal.GetArrayDataReference(_positions);
        var count = _count;
        for (; marks != 0; marks &= marks - 1) Unsafe.Add(ref to, count++) = block + BitOperations.TrailingZeroCount(marks);
        _count = count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong MarksOf(ReadOnlySpan<byte> bytes, int block, ref byte start, ulong present)
    {
        var low = Vector256.LoadUnsafe(ref start);
        var high = Vector256.LoadUnsafe(ref start, 32);
        HasNonAscii |= (low | high).ExtractMostSignificantBits() != 0;

        var quotes = Equal(low, high, (byte)'"');
        var backslashes = Equal(low, high, (byte)'\\') & present;
        if ((backslashes | _firstIsEscaped) != 0) quotes &= ~Escaped(bytes, block, backslashes);
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

        var lastControl = Vector256.Create((byte)0x1f);
        var control = Vector256.Equals(Vector256.Min(low, lastControl), low).ExtractMostSignificantBits()
            | (ulong)Vector256.Equals(Vector256.Min(high, lastControl), high).ExtractMostSignificantBits() << 32;
        control &= inside & present;
        if (control != 0) FirstBadByte = Math.Min(FirstBadByte, block + BitOperations.TrailingZeroCount(control));

        // [ and { differ in one bit only, and so do ] and }.
        var lowFolded = low | Vector256.Create((byte)0x20);
        var highFolded = high | Vector256.Create((byte)0x20);
        var brackets = Equal(lowFolded, highFolded, (byte)'{') | Equal(lowFolded, highFolded, (byte)'}');
        var separators = Equal(low, high, (byte)',') | Equal(low, high, (byte)':');
        return (((brackets | separators) & ~inside) | quotes) & present;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Equal(Vector256<byte> low, Vector256<byte> high, byte wanted)
    {
        var all = Vector256.Create(wanted);
        return Vector256.Equals(low, all).ExtractMostSignificantBits() | (ulong)Vector256.Equals(high, all).ExtractMostSignificantBits() << 32;
    }

    /// <summary>The bits of the bytes that stand behind a backslash that is not itself escaped.</summary>
    private ulong Escaped(ReadOnlySpan<byte> bytes, int block, ulong backslashes)
    {
        var escaped = _firstIsEscaped;
        backslashes &= ~_firstIsEscaped;
        _firstIsEscaped = 0;
        while (backslashes != 0)
        {
            var at = BitOperations.TrailingZeroCount(backslashes);
            if (!IsEscape(bytes[(block + at + 1)..])) FirstBadByte = Math.Min(FirstBadByte, block + at);
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
}
