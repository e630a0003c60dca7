using System.Text.Json;

namespace Orchestrator.Cdp.Traces;

/// <summary>
/// Walks the outside of a message and stops in front of the values, so that one of ten megabytes is read once, by whoever decodes it.
/// (Utf8JsonReader would look for the end of the string first, and validate each of its escapes on the way.)
/// </summary>
internal ref struct JsonCursor(ReadOnlySpan<byte> json)
{
    private ReadOnlySpan<byte> _rest = json;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public bool AtEnd
    {
        get
        {
            SkipWhitespace();
            return _rest.IsEmpty;
        }
    }

    public void Advance(int bytes) => _rest = _rest[bytes..];

    public bool TryConsume(byte token)
    {
        SkipWhitespace();
        if (_rest.IsEmpty || _rest[0] != token)
            return false;
        _rest = _rest[1..];
        return true;
    }

    /// <summary>A property's name and the colon behind it. Names with escapes are none that we look for; they come back as they stand.</summary>
    public bool TryReadName(out ReadOnlySpan<byte> name)
    {
        name = default;
        if (!TryConsume((byte)'"'))
            return false;
        var end = 0;
        while (end < _rest.Length && _rest[end] != '"')
            end += _rest[end] == '\\' ? 2 : 1;
        if (end >= _rest.Length)
            return false;
        name = _rest[..end];
        _rest = _rest[(end + 1)..];
        return TryConsume((byte)':');
    }

    public bool TryReadBoolean(out bool value)
    {
        SkipWhitespace();
        value = _rest.StartsWith("true"u8);
        if (!value && !_rest.StartsWith("false"u8))
            return false;
        _rest = _rest[(value ? 4 : 5)..];
        return true;
    }

    /// <exception cref="JsonException">It is no value.</exception>
    public bool TrySkipValue()
    {
        var reader = new Utf8JsonReader(_rest, isFinalBlock: false, default);
        if (!reader.Read() || !reader.TrySkip())
            return false;
        _rest = _rest[(int)reader.BytesConsumed..];
        return true;
    }

    private void SkipWhitespace()
    {
        var blank = _rest.IndexOfAnyExcept(" \t\r\n"u8);
        _rest = blank < 0 ? default : _rest[blank..];
    }
}
