using Orchestrator.Tracing.Formats;

namespace Orchestrator.Tracing.Merging;

/// <summary>Walks over the texts, numbers and literals in an event's arguments, however deep they lie. The event is known to be JSON.</summary>
internal ref struct JsonArguments
{
    private readonly ReadOnlySpan<byte> _bytes;
    private JsonMarks _marks;
    private JsonPiece _key;
    private int _depth;
    private int _last;

    public JsonArguments(ReadOnlySpan<byte> bytes, JsonPiece arguments)
    {
        _bytes = bytes[..arguments.End];
        _marks = new JsonMarks(arguments.Start);
        _last = arguments.Start - 1;
    }

    /// <summary>Quotes included.</summary>
    public JsonPiece Value { get; private set; }

    /// <summary>How many brackets are open around it: 1 for the arguments' own fields.</summary>
    public int Depth { get; private set; }

    /// <summary>The key before it; of a list's elements the list's.</summary>
    public readonly ReadOnlySpan<byte> Key => _bytes[_key.Start.._key.End];

    /// <summary>The value of a field of the arguments themselves; empty when there is none that is no object and no list.</summary>
    public static JsonPiece Find(ReadOnlySpan<byte> bytes, JsonPiece arguments, ReadOnlySpan<byte> key)
    {
        var walk = new JsonArguments(bytes, arguments);
        while (walk.Next())
        {
            if (walk.Depth == 1 && walk.Key.SequenceEqual(key)) return walk.Value;
        }

        return default;
    }

    public bool Next()
    {
        while (true)
        {
            var at = _marks.Next(_bytes);
            if (at < 0) return false;
            Depth = _depth;
            if (_bytes[at] == '"')
            {
                var close = _marks.Next(_bytes);
                var behind = _marks.Next(_bytes);
                if (behind < 0) return false;
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
    }

    private void Pass(int mark)
    {
        _last = mark;
        if (_bytes[mark] is (byte)'{' or (byte)'[') _depth++;
        else if (_bytes[mark] is (byte)'}' or (byte)']') _depth--;
    }
}
