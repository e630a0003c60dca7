using System.Runtime.CompilerServices;

namespace Orchestrator.Tracing.Formats;

/// <summary>
/// Reads one event as <see cref="JsonEventParser"/> does, from fewer marks: those of <see cref="JsonMarkList.FindCompact"/>. These have
/// checked what may stand beside what; so each mark's byte tells, with its container's kind, what lies before it and behind it. What is
/// found to be malformed here may still be JSON, with blanks say: the other one decides.
/// </summary>
internal static class JsonCompactEvent
{
    // A bit for each level.
    private const int MostDepth = 64;

    // From what stands before a key to its colon: where it is less, bytes are misplaced, which is looked at only when the event is read.
    private const int ShortestKey = 3;

    /// <inheritdoc cref="JsonEventParser.Read"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static JsonEventEnd Read(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> marks, ref int mark, out JsonEventFields fields)
    {
        fields = default;
        var start = marks[mark];
        var last = start;
        var at = mark + 1;
        while (true)
        {
            if (at >= marks.Length) return JsonEventEnd.Incomplete;
            var colon = marks[at];
            if (bytes[colon] != ':')
            {
                mark = at;
                return last == start && bytes[colon] == '}' && colon == last + 1 ? JsonEventEnd.Whole : JsonEventEnd.Malformed;
            }

            if (colon < last + ShortestKey) return JsonEventEnd.Malformed;
            if (at + 1 == marks.Length) return JsonEventEnd.Incomplete;
            var open = colon + 1;
            var end = marks[++at];
            if (bytes[open] is (byte)'{' or (byte)'[')
            {
                var result = Container(bytes, marks, ref at, ref fields);
                if (result != JsonEventEnd.Whole) return result;
                if (at + 1 >= marks.Length) return JsonEventEnd.Incomplete;
                end = marks[++at];
            }
            else if (bytes[open] != '"' && !JsonEventParser.IsNumberOrLiteral(bytes, open, end))
            {
                return JsonEventEnd.Malformed;
            }

            fields.Set(bytes[(last + 2)..(colon - 1)], new JsonPiece(open - start, end - start));
            if (bytes[end] == '}')
            {
                mark = at;
                return JsonEventEnd.Whole;
            }

            if (bytes[end] != ',') return JsonEventEnd.Malformed;
            last = end;
            at++;
        }
    }

    /// <param name="at">Of the opening bracket's mark; then, when it is whole, of the closing one's.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static JsonEventEnd Container(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> marks, ref int at, ref JsonEventFields fields)
    {
        var next = at;
        var last = marks[next];
        var isObject = bytes[last] == '{';
        // The kinds of the containers around this one, the innermost in the lowest bit: 1 for an object.
        var around = 0UL;
        var depth = 1;
        while (true)
        {
            // Behind an opening bracket or a comma.
            if (++next >= marks.Length) return JsonEventEnd.Incomplete;
            var end = marks[next];
            // A comma in that place is misplaced.
            var isEmpty = end == last + 1 && bytes[end] == (isObject ? '}' : ']');
            if (!isEmpty)
            {
                var open = last + 1;
                if (isObject)
                {
                    if (bytes[end] != ':' || end < last + ShortestKey) return JsonEventEnd.Malformed;
                    fields.NoteKey(bytes, last + 2, end - 1);
                    open = end + 1;
                    if (++next >= marks.Length) return JsonEventEnd.Incomplete;
                    end = marks[next];
                }

                if (bytes[open] is (byte)'{' or (byte)'[')
                {
                    if (++depth > MostDepth) return JsonEventEnd.Malformed;
                    around = around << 1 | (isObject ? 1UL : 0);
                    isObject = bytes[open] == '{';
                    last = open;
                    continue;
                }

                if (bytes[open] == '"') fields.NoteText(end - open);
                else if (!JsonEventParser.IsNumberOrLiteral(bytes, open, end)) return JsonEventEnd.Malformed;
            }

            // Behind a value, or what is an empty container's end.
            while (bytes[end] == (isObject ? '}' : ']'))
            {
                if (--depth == 0)
                {
                    at = next;
                    return JsonEventEnd.Whole;
                }

                isObject = (around & 1) != 0;
                around >>= 1;
                if (++next >= marks.Length) return JsonEventEnd.Incomplete;
                end = marks[next];
            }

            if (bytes[end] != ',') return JsonEventEnd.Malformed;
            last = end;
        }
    }
}
