using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Orchestrator.Tracing.Formats;

internal enum JsonEventEnd
{
    /// <summary>The event was read to its closing brace.</summary>
    Whole,

    /// <summary>The bytes end inside of it.</summary>
    Incomplete,

    /// <summary>It is not JSON.</summary>
    Malformed,
}

/// <summary>Reads one event: checks that it is JSON down to its last value, and notes where its own fields stand.</summary>
internal ref struct JsonEventParser
{
    // Chromium's arguments reach some 20 levels; whoever reads what we write has limits, too.
    private const int MostDepth = 256;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ReadOnlySpan<int> _marks;
    private int _mark;

    /// <summary>Where the mark stands that was read last.</summary>
    private int _at;

    private JsonEventParser(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> marks, int mark)
    {
        _bytes = bytes;
        _marks = marks;
        _mark = mark;
        _at = marks[mark];
    }

    /// <param name="marks">See <see cref="JsonMarkList"/>.</param>
    /// <param name="mark">Of the event's opening brace; then, when it is whole, of its closing one.</param>
    /// <param name="fields">Told from the opening brace.</param>
    public static JsonEventEnd Read(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> marks, ref int mark, out JsonEventFields fields)
    {
        var parser = new JsonEventParser(bytes, marks, mark);
        fields = default;
        var result = parser.Event(ref fields);
        fields.NoteAnything();
        mark = parser._mark;
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private JsonEventEnd Event(ref JsonEventFields fields)
    {
        var start = _at;
        if (!Next()) return JsonEventEnd.Incomplete;
        if (_bytes[_at] == '}') return IsBlankFrom(start) ? JsonEventEnd.Whole : JsonEventEnd.Malformed;
        var last = start;
        while (true)
        {
            var end = Key(last, out var key);
            if (end != JsonEventEnd.Whole) return end;
            end = Value(0, out var value);
            if (end != JsonEventEnd.Whole) return end;
            fields.Set(_bytes[key.Start..key.End], new JsonPiece(value.Start - start, value.End - start));
            if (_bytes[_at] == '}') return JsonEventEnd.Whole;
            if (_bytes[_at] != ',') return JsonEventEnd.Malformed;
            last = _at;
            if (!Next()) return JsonEventEnd.Incomplete;
        }
    }

    /// <summary>From a container's opening bracket to its closing one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private JsonEventEnd Container(int depth)
    {
        if (depth == MostDepth) return JsonEventEnd.Malformed;
        var last = _at;
        var isObject = _bytes[last] == '{';
        var closer = isObject ? (byte)'}' : (byte)']';
        if (isObject)
        {
            if (!Next()) return JsonEventEnd.Incomplete;
            if (_bytes[_at] == '}') return IsBlankFrom(last) ? JsonEventEnd.Whole : JsonEventEnd.Malformed;
        }

        var isFirst = true;
        while (true)
        {
            if (isObject)
            {
                if (Key(last, out _) is var keyEnd && keyEnd != JsonEventEnd.Whole) return keyEnd;
            }

            last = _at;
            var end = Value(depth, out _);
            if (end != JsonEventEnd.Whole)
            {
                // An empty list has no value, either.
                var isEmpty = end == JsonEventEnd.Malformed && isFirst && !isObject && _bytes[_at] == ']' && IsBlankFrom(last);
                return isEmpty ? JsonEventEnd.Whole : end;
            }

            if (_bytes[_at] == closer) return JsonEventEnd.Whole;
            if (_bytes[_at] != ',') return JsonEventEnd.Malformed;
            isFirst = false;
            last = _at;
            if (isObject && !Next()) return JsonEventEnd.Incomplete;
        }
    }

    /// <summary>From a key's opening quote to the colon behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private JsonEventEnd Key(int last, out JsonPiece key)
    {
        key = default;
        var open = _at;
        if (_bytes[open] != '"' || !IsBlankFrom(last)) return JsonEventEnd.Malformed;
        if (!Next()) return JsonEventEnd.Incomplete;
        var close = _at;
        key = new JsonPiece(open + 1, close);
        if (!Next()) return JsonEventEnd.Incomplete;
        return _bytes[_at] == ':' && IsBlankFrom(close) ? JsonEventEnd.Whole : JsonEventEnd.Malformed;
    }

    /// <summary>From the mark before a value to the mark behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private JsonEventEnd Value(int depth, out JsonPiece value)
    {
        value = default;
        var last = _at;
        if (!Next()) return JsonEventEnd.Incomplete;
        var open = _at;
        switch (_bytes[open])
        {
            case (byte)'"':
                if (!IsBlankFrom(last)) return JsonEventEnd.Malformed;
                if (!Next()) return JsonEventEnd.Incomplete;
                break;
            case (byte)'{' or (byte)'[':
                if (!IsBlankFrom(last)) return JsonEventEnd.Malformed;
                var end = Container(depth + 1);
                if (end != JsonEventEnd.Whole) return end;
                break;
            default:
                if (IsPlainNumber(_bytes, last + 1, open))
                {
                    value = new JsonPiece(last + 1, open);
                    return JsonEventEnd.Whole;
                }

                var text = Trim(_bytes[(last + 1)..open], out var blanks);
                value = new JsonPiece(last + 1 + blanks, last + 1 + blanks + text.Length);
                return IsScalar(text) ? JsonEventEnd.Whole : JsonEventEnd.Malformed;
        }

        var close = _at;
        value = new JsonPiece(open, close + 1);
        if (!Next()) return JsonEventEnd.Incomplete;
        return IsBlankFrom(close) ? JsonEventEnd.Whole : JsonEventEnd.Malformed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Next()
    {
        if (++_mark >= _marks.Length) return false;
        _at = _marks[_mark];
        return true;
    }

    /// <summary>Nothing but blanks between that mark and the one read last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool IsBlankFrom(int last) => _at == last + 1 || IsBlank(_bytes[(last + 1).._at]);

    public static bool IsBlank(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept(" \t\r\n"u8) < 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text, out int before)
    {
        before = 0;
        if (text.IsEmpty || (text[0] > ' ' && text[^1] > ' ')) return text;
        var trimmed = text.TrimStart(" \t\r\n"u8);
        before = text.Length - trimmed.Length;
        return trimmed.TrimEnd(" \t\r\n"u8);
    }

    /// <summary>Without blanks around it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsNumberOrLiteral(ReadOnlySpan<byte> bytes, int from, int until) =>
        IsPlainNumber(bytes, from, until) || IsScalar(bytes[from..until]);

    /// <summary>Nothing but up to 16 digits, as nearly all numbers are: looked at in one go.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsPlainNumber(ReadOnlySpan<byte> bytes, int from, int until)
    {
        var length = until - from;
        if (length is < 1 or > 16 || from + 16 > bytes.Length || (bytes[from] == '0' && length > 1)) return false;
        var digits = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(bytes), (nuint)from) - Vector128.Create((byte)'0');
        var others = ~Vector128.Equals(Vector128.Min(digits, Vector128.Create((byte)9)), digits).ExtractMostSignificantBits();
        return (others & ((1u << length) - 1)) == 0;
    }

    /// <summary>A number, <c>true</c>, <c>false</c> or <c>null</c> (RFC 8259, 3 and 6).</summary>
    private static bool IsScalar(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return false;
        var at = text[0] == '-' ? 1 : 0;
        var begin = at;
        if (!Digits(text, ref at)) return text.SequenceEqual("true"u8) || text.SequenceEqual("false"u8) || text.SequenceEqual("null"u8);
        if (text[begin] == '0' && at > begin + 1) return false;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            if (!Digits(text, ref at)) return false;
        }

        if (at < text.Length && text[at] is (byte)'e' or (byte)'E')
        {
            at++;
            if (at < text.Length && text[at] is (byte)'+' or (byte)'-') at++;
            if (!Digits(text, ref at)) return false;
        }

        return at == text.Length;
    }

    private static bool Digits(ReadOnlySpan<byte> text, ref int at)
    {
        var begin = at;
        while (at < text.Length && (uint)(text[at] - '0') <= 9) at++;
        return at > begin;
    }
}
