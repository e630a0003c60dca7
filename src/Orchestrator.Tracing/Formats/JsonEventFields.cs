using System.Runtime.CompilerServices;

namespace Orchestrator.Tracing.Formats;

/// <summary>Where a value stands in an event's bytes, quotes and brackets included; empty when the event has no such field.</summary>
internal readonly record struct JsonPiece(int Start, int End)
{
    public bool IsEmpty => End == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> bytes) => bytes[Start..End];
}

/// <summary>
/// The fields of one trace event, by where they stand
/// (Trace Event Format, https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU).
/// A field that stands twice is told where it stands last, as JSON parsers have it.
/// </summary>
internal struct JsonEventFields
{
    // Of keys that DevTools and people read: pid, processId, requestId, child_process_id.
    private const uint LengthsOfProcessKeys = 1u << 3 | 1u << 9 | 1u << 16;

    private const int TokenBytes = FrameToken.Digits + 2;

    public JsonPiece Name, Category, Phase, Timestamp, Duration, ProcessId, Id, Id2, BindId, Arguments;

    /// <summary>Whether the arguments may hold a key of this kind, at any depth: when not, nobody need look for it.</summary>
    public bool MayNameProcess, MayNameFrame, MayHoldToken;

    /// <summary>Nothing is known of what is in the arguments.</summary>
    public void NoteAnything() => MayNameProcess = MayNameFrame = MayHoldToken = true;

    /// <summary>A key in the arguments, without its quotes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void NoteKey(ReadOnlySpan<byte> bytes, int start, int end)
    {
        var length = end - start;
        if (length == 5) MayNameFrame |= bytes[start] == 'f';
        else if (length <= 16 && (LengthsOfProcessKeys >> length & 1) != 0) MayNameProcess |= bytes[end - 1] == 'd';
    }

    /// <summary>A text in the arguments, so long with its quotes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void NoteText(int length) => MayHoldToken |= length == TokenBytes;

    /// <summary>The phase's letter; 0 when there is none.</summary>
    public readonly byte PhaseOf(ReadOnlySpan<byte> bytes) => Phase.End - Phase.Start == 3 ? bytes[Phase.Start + 1] : (byte)0;

    /// <summary>Whether the event's name is this; names with escapes are no name that anything depends on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsNamed(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name) =>
        Name.End - Name.Start == name.Length + 2 && bytes.Slice(Name.Start + 1, name.Length).SequenceEqual(name);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(ReadOnlySpan<byte> key, JsonPiece value)
    {
        switch (key.Length)
        {
            case 2:
                if (key.SequenceEqual("ts"u8)) Timestamp = value;
                else if (key.SequenceEqual("ph"u8)) Phase = value;
                else if (key.SequenceEqual("id"u8)) Id = value;
                break;
            case 3:
                if (key.SequenceEqual("pid"u8)) ProcessId = value;
                else if (key.SequenceEqual("cat"u8)) Category = value;
                else if (key.SequenceEqual("dur"u8)) Duration = value;
                else if (key.SequenceEqual("id2"u8)) Id2 = value;
                break;
            case 4:
                if (key.SequenceEqual("name"u8)) Name = value;
                else if (key.SequenceEqual("args"u8)) Arguments = value;
                break;
            case 7:
                if (key.SequenceEqual("bind_id"u8)) BindId = value;
                break;
        }
    }
}
