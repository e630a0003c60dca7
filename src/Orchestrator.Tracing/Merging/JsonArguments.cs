using System.Runtime.CompilerServices;
using Orchestrator.Tracing.Formats;

namespace Orchestrator.Tracing.Merging;

/// <summary>Walks over the texts, numbers and literals in an event's arguments, however deep they lie. The event is known to be JSON.</summary>
internal ref struct JsonArguments
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ReadOnlySpan<int> _marks;
    private int _mark;
    private JsonPiece _key;
    private int _depth;
    private int _last;

    /// <param name="marks">Is made to look at them; not to be used otherwise until the walk is over.</param>
    public JsonArguments(ReadOnlySpan<byte> bytes, JsonPiece arguments, JsonMarkList marks)
    {
        _bytes = bytes[..arguments.End];
        marks.Find(_bytes, arguments.Start);
        _marks = marks.Positions;
        _last = arguments.Start - 1;
    }

    /// <summary>Quotes included.</summary>
    public JsonPiece Value { get; private set; }

    /// <summary>How many brackets are open around it: 1 for the arguments' own fields.</summary>
    public int Depth { get; private set; }

    /// <summary>The key before it; of a list's elements the list's.</summary>
    public readonly ReadOnlySpan<byte> Key => _bytes[_key.Start.._key.End];

    /// <summary>The value of a field of the arguments themselves; empty when there is none that is no object and no list.</summary>
    public static JsonPiece Find(ReadOnlySpan<byte> bytes, JsonPiece arguments, ReadOnlySpan<byte> key, JsonMarkList marks)
    {
        var walk = new JsonArguments(bytes, arguments, marks);
        while (walk.Next())
        {
            if (walk.Depth == 1 && walk.Key.SequenceEqual(key)) return walk.Value;
        }

        return default;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Next()
    {
        while (_mark < _marks.Length)
        {
            var at = _marks[_mark++];
            Depth = _depth;
            if (_bytes[at] == '"')
            {
                // Arguments that are nothing but a text have no fields.
                if (_mark + 1 >= _marks.Length) return false;
                var close = _marks[_mark++];
                var behind = _marks[_mark++];
                Pass(behind);
                if (_bytes[behind] == ':')
                {
                    _key = new JsonPiece(at + 1, close);
                    continue;
                }

                Value = new JsonPiece(at, close + 1);
                return true;
            }

            var (start, end) = (_last + 1, at);
            Pass(at);
            while (start < end && _bytes[start] <= ' ') start++;
            while (start < end && _bytes[end - 1] <= ' ') end--;
            if (start == end) continue;
            Value = new JsonPiece(start, end);
            return true;
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Pass(int mark)
    {
        _last = mark;
        if (_bytes[mark] is (byte)'{' or (byte)'[') _depth++;
        else if (_bytes[mark] is (byte)'}' or (byte)']') _depth--;
    }
}
