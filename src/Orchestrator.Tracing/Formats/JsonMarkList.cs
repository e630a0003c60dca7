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

    /// <summary>See <see cref="FindCompact"/>; the largest number when there is none.</summary>
    public int FirstMisplaced { get; private set; }

    /// <summary>Looks at these bytes, and forgets what was before.</summary>
    /// <param name="from">Outside of any string.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Find(ReadOnlySpan<byte> bytes, int from)
    {
        Forget();
        var block = from;
        for (; block + BlockBytes <= bytes.Length; block += BlockBytes)
        {
            var shape = ShapeOf(bytes, block, ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), block), ulong.MaxValue);
            Add(block, MarksOf(shape) | shape.OpeningQuotes | shape.ClosingQuotes);
        }

        if (block >= bytes.Length) return;
        Span<byte> last = stackalloc byte[BlockBytes];
        var present = Fill(last, bytes[block..]);
        var lastShape = ShapeOf(bytes, block, ref MemoryMarshal.GetReference(last), present);
        Add(block, MarksOf(lastShape) | lastShape.OpeningQuotes | lastShape.ClosingQuotes);
    }

    /// <summary>
    /// Leaves out the quotes, and checks instead that the bytes outside of strings stand beside each other as in JSON without blanks, up to
    /// <see cref="FirstMisplaced"/>.
    /// </summary>
    /// <inheritdoc cref="Find"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void FindCompact(ReadOnlySpan<byte> bytes, int from)
    {
        Forget();
        var neighbours = JsonNeighbours.None;
        var block = from;
        for (; block + BlockBytes <= bytes.Length; block += BlockBytes)
        {
            var shape = ShapeOf(bytes, block, ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), block), ulong.MaxValue);
            Add(block, MarksOf(shape));
            if (neighbours.Misplaced(shape) is var misplaced and not 0) NoteMisplaced(block, misplaced);
        }

        if (block >= bytes.Length) return;
        Span<byte> last = stackalloc byte[BlockBytes];
        var present = Fill(last, bytes[block..]);
        var lastShape = ShapeOf(bytes, block, ref MemoryMarshal.GetReference(last), present);
        Add(block, MarksOf(lastShape));
        if (neighbours.Misplaced(lastShape) is var lastMisplaced and not 0) NoteMisplaced(block, lastMisplaced);
    }

    private void Forget() => (_count, _insideString, _firstIsEscaped, FirstBadByte, FirstMisplaced, HasNonAscii) = (0, 0, 0, int.MaxValue, int.MaxValue, false);

    /// <returns>The bits of the bytes that there are.</returns>
    private static ulong Fill(Span<byte> block, ReadOnlySpan<byte> rest)
    {
        block.Clear();
        rest.CopyTo(block);
        return (1UL << rest.Length) - 1;
    }

    private void NoteMisplaced(int block, ulong misplaced) => FirstMisplaced = Math.Min(FirstMisplaced, block + BitOperations.TrailingZeroCount(misplaced));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(int block, ulong marks)
    {
        if (_positions.Length - _count < BlockBytes) Array.Resize(ref _positions, 2 * _positions.Length);
        ref var to = ref MemoryMarshal.GetArrayDataReference(_positions);
        var count = _count;
        for (; marks != 0; marks &= marks - 1) Unsafe.Add(ref to, count++) = block + BitOperations.TrailingZeroCount(marks);
        _count = count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MarksOf(in JsonShape shape) => shape.OpeningBrackets | shape.ClosingBrackets | shape.Colons | shape.Commas;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private JsonShape ShapeOf(ReadOnlySpan<byte> bytes, int block, ref byte start, ulong present)
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
        control &= present;
        if ((control & inside) is var bad and not 0) FirstBadByte = Math.Min(FirstBadByte, block + BitOperations.TrailingZeroCount(bad));

        // [ and { differ in one bit only, and so do ] and }.
        var outside = present & ~inside & ~quotes;
        var lowFolded = low | Vector256.Create((byte)0x20);
        var highFolded = high | Vector256.Create((byte)0x20);
        var opening = Equal(lowFolded, highFolded, (byte)'{') & outside;
        var closing = Equal(lowFolded, highFolded, (byte)'}') & outside;
        var colons = Equal(low, high, (byte)':') & outside;
        var commas = Equal(low, high, (byte)',') & outside;
        // Hardly ever more than one in a block: the other control characters count as rest.
        var lineFeeds = (control & outside) == 0 ? 0 : Equal(low, high, (byte)'\n') & outside;
        return new JsonShape(quotes & inside, quotes & ~inside, opening, closing, colons, commas, lineFeeds, outside & ~(opening | closing | colons | commas | lineFeeds));
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
