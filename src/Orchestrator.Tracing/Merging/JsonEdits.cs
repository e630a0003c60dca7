using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using Orchestrator.Tracing.Formats;

namespace Orchestrator.Tracing.Merging;

/// <summary>The changes to one event's bytes, gathered in any order and made while it is copied. Reused from event to event.</summary>
internal sealed class JsonEdits
{
    private const int MostTextBytes = 64;

    private Edit[] _edits = new Edit[16];
    private byte[] _texts = new byte[1024];
    private int _count;
    private int _textLength;

    private readonly record struct Edit(int Start, int End, int Text, int TextLength);

    public void Clear() => _count = _textLength = 0;

    public void ReplaceWithMicros(JsonPiece piece, long nanos) => Add(piece, JsonTime.WriteMicros(nanos, Room()));

    public void ReplaceWithSeconds(JsonPiece piece, long nanos) => Add(piece, JsonTime.WriteSeconds(nanos, Room()));

    public void ReplaceWithNumber(JsonPiece piece, long number)
    {
        Utf8Formatter.TryFormat(number, Room(), out var length);
        Add(piece, length);
    }

    /// <summary>As <c>"0x1f"</c>, quotes included.</summary>
    public void ReplaceWithHexText(JsonPiece piece, ulong number)
    {
        var room = Room();
        "\"0x"u8.CopyTo(room);
        Utf8Formatter.TryFormat(number, room[3..], out var length, 'x');
        room[3 + length] = (byte)'"';
        Add(piece, length + 4);
    }

    /// <summary>As a text, quotes included.</summary>
    public void ReplaceWithToken(JsonPiece piece, UInt128 token)
    {
        var room = Room();
        room[0] = (byte)'"';
        System.Text.Encoding.ASCII.GetBytes(FrameToken.ToText(token), room[1..]);
        room[FrameToken.Digits + 1] = (byte)'"';
        Add(piece, FrameToken.Digits + 2);
    }

    public void Insert(int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        Add(new JsonPiece(at, at), text.Length);
    }

    /// <summary>A field of the event that it lacks.</summary>
    public void AddField(ReadOnlySpan<byte> key, long micros)
    {
        var room = Room();
        room[0] = (byte)'"';
        key.CopyTo(room[1..]);
        "\":"u8.CopyTo(room[(key.Length + 1)..]);
        var length = key.Length + 3 + JsonTime.WriteMicros(micros, room[(key.Length + 3)..]);
        room[length++] = (byte)',';
        // Behind the event's opening brace; a metadata event has other fields.
        Add(new JsonPiece(1, 1), length);
    }

    /// <summary>Writes the event with all changes made, in one span with what stands before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(ReadOnlySpan<byte> before, ReadOnlySpan<byte> bytes, IBufferWriter<byte> to)
    {
        var span = to.GetSpan(before.Length + bytes.Length + _textLength);
        before.CopyTo(span);
        var written = before.Length;
        var at = 0;
        for (var i = 0; i < _count; i++)
        {
            var edit = _edits[i];
            var untouched = bytes[at..edit.Start];
            untouched.CopyTo(span[written..]);
            written += untouched.Length;
            _texts.AsSpan(edit.Text, edit.TextLength).CopyTo(span[written..]);
            written += edit.TextLength;
            at = edit.End;
        }

        bytes[at..].CopyTo(span[written..]);
        to.Advance(written + bytes.Length - at);
    }

    private Span<byte> Room(int length = MostTextBytes)
    {
        if (_texts.Length - _textLength < length) Array.Resize(ref _texts, Math.Max(2 * _texts.Length, _textLength + length));
        return _texts.AsSpan(_textLength);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(JsonPiece piece, int textLength)
    {
        if (_count == _edits.Length) Array.Resize(ref _edits, 2 * _count);
        // Nearly always in order already, and never many.
        var place = _count++;
        for (; place > 0 && _edits[place - 1].Start > piece.Start; place--) _edits[place] = _edits[place - 1];
        _edits[place] = new Edit(piece.Start, piece.End, _textLength, textLength);
        _textLength += textLength;
    }
}
