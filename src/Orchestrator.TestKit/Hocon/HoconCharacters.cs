using System.Globalization;
using System.Text;

namespace Orchestrator.TestKit.Hocon;

/// <summary>The characters of a HOCON text, one after the other, and the line of the one that is next.</summary>
internal sealed class HoconCharacters(string text)
{
    // The specification: none of these stands in a text without quotes.
    private const string Reserved = "$\"{}[]:=,+#`^?!@*&\\";

    private int _next;

    /// <summary>From 1.</summary>
    public int Line { get; private set; } = 1;

    public bool IsEnd => _next >= text.Length;

    /// <summary>The next one; NUL at the end.</summary>
    public char Current => IsEnd ? '\0' : text[_next];

    /// <summary>Nothing but a comment is left on this line.</summary>
    public bool IsEndOfLine => IsEnd || Current == '\n' || IsComment;

    private bool IsComment => Current == '#' || IsNext("//");

    private static bool IsBlank(char one) => one is '\uFEFF' || (one != '\n' && char.IsWhiteSpace(one));

    public void Take()
    {
        if (text[_next++] == '\n') Line++;
    }

    public bool TakeIf(string expected)
    {
        if (!IsNext(expected)) return false;
        _next += expected.Length;
        return true;
    }

    /// <summary>Skips blanks on this line, and tells them.</summary>
    public string SkipBlanks()
    {
        var from = _next;
        while (!IsEnd && IsBlank(Current)) _next++;
        return text[from.._next];
    }

    /// <summary>Skips blanks, comments and lines.</summary>
    public void SkipToNext()
    {
        while (true)
        {
            SkipBlanks();
            if (IsEnd || !IsEndOfLine) return;
            if (IsComment) while (!IsEnd && Current != '\n') _next++;
            else Take();
        }
    }

    /// <summary>What <see cref="SkipToNext"/> would find.</summary>
    public char NextAfterLines()
    {
        var (next, line) = (_next, Line);
        SkipToNext();
        var found = Current;
        (_next, Line) = (next, line);
        return found;
    }

    /// <summary>A text without quotes, up to a blank or a character that it may not have; empty when there is none.</summary>
    /// <param name="isKey">It ends at a dot.</param>
    public string TakeUnquoted(bool isKey)
    {
        var from = _next;
        while (!IsEnd && !char.IsWhiteSpace(Current) && !char.IsControl(Current) && Current != '\uFEFF' && !Reserved.Contains(Current, StringComparison.Ordinal)
            && !IsNext("//") && !(isKey && Current == '.')) _next++;
        return text[from.._next];
    }

    /// <summary>A text in quotes, or in three on each side.</summary>
    public string TakeQuoted()
    {
        var line = Line;
        if (TakeIf("\"\"\"")) return TakeUpToThreeQuotes(line);
        _next++;
        var value = new StringBuilder();
        while (!IsEnd && Current is not ('"' or '\n'))
        {
            var one = Current;
            _next++;
            value.Append(one == '\\' ? TakeEscaped() : one);
        }

        return TakeIf("\"") ? value.ToString() : throw new HoconException(line, "a quote is never closed on its line");
    }

    public HoconException Wrong(string problem) => new(Line, problem);

    public HoconException NoPlaceForCurrent() => Wrong(
        IsEnd ? "the file ends in the middle of something"
        : Current == '\n' ? "the line ends in the middle of something"
        : char.IsControl(Current) || char.IsSurrogate(Current) ? string.Create(CultureInfo.InvariantCulture, $"the character U+{(int)Current:X4} has no place here")
        : $"'{Current}' has no place here; a text that has one stands in quotes");

    private bool IsNext(string expected) => string.CompareOrdinal(text, _next, expected, 0, expected.Length) == 0;

    private string TakeUpToThreeQuotes(int line)
    {
        var end = text.IndexOf("\"\"\"", _next, StringComparison.Ordinal);
        if (end < 0) throw new HoconException(line, "three quotes are never closed");
        // Quotes beyond the third belong to the text.
        while (end + 3 < text.Length && text[end + 3] == '"') end++;
        var value = text[_next..end];
        Line += value.Count(one => one == '\n');
        _next = end + 3;
        return value;
    }

    private char TakeEscaped()
    {
        if (IsEnd) throw Wrong("the file ends in the middle of something");
        var escaped = Current;
        if (escaped == 'u')
        {
            if (_next + 5 > text.Length || !ushort.TryParse(text.AsSpan(_next + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                throw Wrong("after '\\u' come four hexadecimal digits");
            _next += 5;
            return (char)code;
        }

        var meant = "\"\\/bfnrt".IndexOf(escaped, StringComparison.Ordinal);
        if (meant < 0) throw Wrong("after a '\\' within quotes comes one of \" \\ / b f n r t u");
        _next++;
        return "\"\\/\b\f\n\r\t"[meant];
    }
}
