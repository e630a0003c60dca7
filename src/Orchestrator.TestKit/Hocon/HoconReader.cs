namespace Orchestrator.TestKit.Hocon;

/// <summary>
/// Reads HOCON strictly and keeps the lines. Akka's own parser knows no lines, takes an unclosed bracket or a stray one
/// without a word, and does not come back from some mistakes; what people write by hand needs all three.
/// </summary>
/// <remarks>
/// <code>
/// file    = [ "{" ] members [ "}" ]
/// member  = key { "." key } ( ("=" | ":" | "+=") value | object )     one a line, or separated by commas
/// value   = part { part }                                             on one line
/// part    = object | list | "text" | """text""" | text | "${" path "}" | "${?" path "}"
/// </code>
/// <c>include</c> and the environment's variables are left out on purpose: the file alone says what it says.
/// </remarks>
internal sealed class HoconReader
{
    private const int DeepestNesting = 64;

    private readonly HoconCharacters _at;
    private int _depth;

    private HoconReader(string text) => _at = new HoconCharacters(text);

    /// <summary>The file's keys and values, references resolved.</summary>
    /// <exception cref="HoconException">It is no HOCON.</exception>
    public static HoconObject Read(string text) => HoconResolution.Resolve(new HoconReader(text).ReadFile());

    private HoconObject ReadFile()
    {
        _at.SkipToNext();
        if (_at.Current != '{') return ReadMembers(new HoconObject(_at.Line), closedBy: null);
        var root = ReadObject();
        _at.SkipToNext();
        return _at.IsEnd ? root : throw _at.Wrong($"after the closing '}}' comes nothing more, and here stands '{_at.Current}'");
    }

    private HoconObject ReadObject()
    {
        Enter();
        var block = new HoconObject(_at.Line);
        _at.Take();
        ReadMembers(block, closedBy: '}');
        _depth--;
        return block;
    }

    private HoconObject ReadMembers(HoconObject into, char? closedBy)
    {
        while (true)
        {
            _at.SkipToNext();
            if (_at.IsEnd) return closedBy is null ? into : throw new HoconException(into.Line, "this '{' is never closed");
            if (_at.Current == '}' && closedBy is null) throw _at.Wrong("this '}' closes no '{'");
            if (_at.Current == '}')
            {
                _at.Take();
                return into;
            }

            ReadMember(into);
            _at.SkipToNext();
            if (_at.Current == ',') _at.Take();
        }
    }

    private void ReadMember(HoconObject into)
    {
        var line = _at.Line;
        var path = ReadPath();
        var key = string.Join('.', path);
        _at.SkipBlanks();
        if (key == "include" && _at.Current is not ('=' or ':' or '{' or '+')) throw new HoconException(line, "include is not allowed: a scenario is one file");
        var isAppended = _at.TakeIf("+=");
        if (!isAppended && _at.Current is '=' or ':') _at.Take();
        else if (!isAppended && _at.Current != '{') throw new HoconException(line, $"after the key '{key}' comes '=', ':' or '{{'");
        _at.SkipBlanks();
        // What is enclosed may begin on the next line; a text there would be the next key.
        if (_at.IsEndOfLine && _at.NextAfterLines() is '{' or '[') _at.SkipToNext();
        var value = ReadValue() ?? throw new HoconException(line, $"the key '{key}' has no value");
        Put(into, path, new HoconMember(line, isAppended ? new HoconList(value.Line, [value]) : value), isAppended);
    }

    private static void Put(HoconObject into, IReadOnlyList<string> path, HoconMember member, bool isAppended)
    {
        var isThere = into.TryGet(path[0], out var before);
        if (path.Count == 1)
        {
            if (isAppended && isThere) into.Set(path[0], new HoconMember(member.Line, new HoconSequence(member.Line, [before!.Value, member.Value])));
            else Merge(into, path[0], member);
            return;
        }

        IReadOnlyList<string> rest = [.. path.Skip(1)];
        if (isThere && before!.Value is HoconObject inner)
        {
            Put(inner, rest, member, isAppended);
            return;
        }

        var block = new HoconObject(member.Line);
        Put(block, rest, member, isAppended);
        Merge(into, path[0], new HoconMember(member.Line, block));
    }

    /// <summary>Puts a member into a block: blocks of one name become one, anything else replaces what was there.</summary>
    internal static void Merge(HoconObject into, string key, HoconMember member)
    {
        if (!into.TryGet(key, out var before))
        {
            into.Set(key, member);
        }
        else if (before.Value is HoconObject below && member.Value is HoconObject above)
        {
            foreach (var (name, inner) in above.Members) Merge(below, name, inner);
        }
        else
        {
            var isKnown = before.Value is HoconText or HoconList or HoconObject && member.Value is HoconText or HoconList or HoconObject;
            into.Set(key, isKnown ? member : new HoconMember(member.Line, new HoconOverlay(member.Line, before.Value, member.Value)));
        }
    }

    /// <summary>A value, which ends with its line; null when there is none.</summary>
    private HoconNode? ReadValue()
    {
        var parts = new List<HoconNode>();
        while (true)
        {
            var blanks = _at.SkipBlanks();
            if (_at.IsEndOfLine || _at.Current is ',' or '}' or ']') break;
            if (blanks.Length > 0 && parts.Count > 0) parts.Add(new HoconText(_at.Line, blanks));
            parts.Add(ReadPart());
        }

        return parts switch
        {
            [] => null,
            [var one] => one,
            _ when parts.TrueForAll(part => part is HoconText) => new HoconText(parts[0].Line, string.Concat(parts.Select(part => ((HoconText)part).Text))),
            _ => new HoconSequence(parts[0].Line, parts),
        };
    }

    private HoconNode ReadPart()
    {
        var line = _at.Line;
        if (_at.Current == '{') return ReadObject();
        if (_at.Current == '[') return ReadList();
        if (_at.Current == '"') return new HoconText(line, _at.TakeQuoted());
        if (_at.TakeIf("${")) return ReadReference(line);
        var text = _at.TakeUnquoted(isKey: false);
        return text.Length > 0 ? new HoconText(line, text) : throw _at.NoPlaceForCurrent();
    }

    private HoconList ReadList()
    {
        Enter();
        var line = _at.Line;
        var items = new List<HoconNode>();
        _at.Take();
        while (true)
        {
            _at.SkipToNext();
            if (_at.IsEnd) throw new HoconException(line, "this '[' is never closed");
            if (_at.Current == ']') break;
            items.Add(ReadValue() ?? throw _at.NoPlaceForCurrent());
            _at.SkipToNext();
            if (_at.Current == ',') _at.Take();
        }

        _at.Take();
        _depth--;
        return new HoconList(line, items);
    }

    private HoconReference ReadReference(int line)
    {
        var isOptional = _at.TakeIf("?");
        _at.SkipBlanks();
        var path = ReadPath();
        _at.SkipBlanks();
        return _at.TakeIf("}") ? new HoconReference(line, path, isOptional) : throw new HoconException(line, "this '${' is never closed");
    }

    private List<string> ReadPath()
    {
        var path = new List<string>();
        do
        {
            var element = _at.Current == '"' ? _at.TakeQuoted() : _at.TakeUnquoted(isKey: true);
            if (element.Length == 0) throw _at.NoPlaceForCurrent();
            path.Add(element);
        }
        while (_at.TakeIf("."));
        return path.Count <= DeepestNesting ? path : throw TooDeep();
    }

    private void Enter()
    {
        if (++_depth > DeepestNesting) throw TooDeep();
    }

    private HoconException TooDeep() => _at.Wrong($"more than {DeepestNesting} blocks stand within each other");
}
