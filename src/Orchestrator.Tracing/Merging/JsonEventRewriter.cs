using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Tracing.Formats;

namespace Orchestrator.Tracing.Merging;

/// <summary>Rewrites one browser's events, one at a time: what need not change is copied byte by byte.</summary>
internal sealed class JsonEventRewriter
{
    // Perfetto reads a profile's begin as a whole number of microseconds.
    private const long NanosPerMicro = 1000;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);

    private readonly JsonRewriting _rewriting;
    private readonly byte[] _namePrefix;
    private readonly byte[] _idPrefix;
    private readonly JsonEdits _edits = new();
    private readonly JsonMarkList _marks = new();

    // Null where the distance changes along the trace.
    private readonly long? _distance;

    public JsonEventRewriter(JsonRewriting rewriting)
    {
        _rewriting = rewriting;
        _namePrefix = rewriting.Name is null ? [] : [.. JsonEncodedText.Encode(rewriting.Name).EncodedUtf8Bytes, (byte)' '];
        _idPrefix = [.. JsonEncodedText.Encode(rewriting.Name ?? rewriting.IdKey.ToString("x", CultureInfo.InvariantCulture)).EncodedUtf8Bytes, (byte)':'];
        if (rewriting.Clock.Stretches is [{ Rate: 0 } only]) _distance = only.OffsetNanos + rewriting.ShiftNanos;
    }

    /// <summary>Writes the event as it stands in the merge.</summary>
    /// <param name="before">What parts it from the event before; stays in one span with it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(ReadOnlySpan<byte> before, ReadOnlySpan<byte> bytes, in JsonEventFields fields, IBufferWriter<byte> to)
    {
        _edits.Clear();
        var phase = fields.PhaseOf(bytes);
        EditTime(bytes, fields, phase);
        if (!_rewriting.ProcessIds.IsSame) EditProcessId(bytes, fields.ProcessId);
        if (_rewriting.IdKey != 0 && IsKnownToAll(phase))
        {
            EditId(bytes, fields.Id);
            EditId(bytes, fields.BindId);
            if (!fields.Id2.IsEmpty) EditId(bytes, JsonArguments.Find(bytes, fields.Id2, "global"u8, _marks));
        }

        if (!fields.Arguments.IsEmpty)
        {
            if (phase == 'M') EditMetadata(bytes, fields);
            else EditArguments(bytes, fields);
        }

        _edits.Write(before, bytes, to);
    }

    /// <summary>Objects (created, seen, deleted) are numbered for each process.</summary>
    private static bool IsKnownToAll(byte phase) => phase is not ((byte)'N' or (byte)'O' or (byte)'D');

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EditTime(ReadOnlySpan<byte> bytes, in JsonEventFields fields, byte phase)
    {
        if (phase == 'M' && _rewriting.MetadataNanos is { } metadataNanos)
        {
            if (fields.Timestamp.IsEmpty) _edits.AddField("ts"u8, metadataNanos);
            else if (JsonTime.TryReadMicros(fields.Timestamp.Of(bytes), out var none) && none == 0) _edits.ReplaceWithMicros(fields.Timestamp, metadataNanos);
            else if (_distance != 0) _edits.ReplaceWithMicros(fields.Timestamp, Math.Max(metadataNanos, _rewriting.Map(none)));
            return;
        }

        if (_distance == 0 || fields.Timestamp.IsEmpty || !JsonTime.TryReadMicros(fields.Timestamp.Of(bytes), out var begin)) return;
        if (_distance is { } distance)
        {
            _edits.ReplaceWithMicros(fields.Timestamp, begin + distance);
            return;
        }

        // The end is mapped, and not the duration, so that what is nested stays nested.
        var mapped = _rewriting.Map(begin);
        _edits.ReplaceWithMicros(fields.Timestamp, mapped);
        if (!fields.Duration.IsEmpty && JsonTime.TryReadMicros(fields.Duration.Of(bytes), out var duration))
            _edits.ReplaceWithMicros(fields.Duration, _rewriting.Map(begin + duration) - mapped);
    }

    private void EditProcessId(ReadOnlySpan<byte> bytes, JsonPiece piece)
    {
        if (JsonFrames.TryReadNumber(piece, bytes, out var id) && _rewriting.ProcessIds.Of(id) is var moved && moved != id)
            _edits.ReplaceWithNumber(piece, moved);
    }

    /// <summary>
    /// A number stays a number to whoever reads it, but is written in hex, as Chromium itself writes ids: a JSON number of 64 bits would
    /// not survive a JavaScript reader. Any other text gets a prefix.
    /// </summary>
    private void EditId(ReadOnlySpan<byte> bytes, JsonPiece piece)
    {
        if (piece.IsEmpty) return;
        var text = piece.Of(bytes);
        if (text is [(byte)'"', (byte)'0', (byte)'x', .. var hex, (byte)'"'])
        {
            var isCanonical = hex.Length is > 0 and <= 16 && hex.IndexOfAnyExcept(HexDigits) < 0 && (hex[0] != '0' || hex.Length == 1);
            if (isCanonical && Utf8Parser.TryParse(hex, out ulong id, out _, 'x'))
            {
                _edits.ReplaceWithHexText(piece, id ^ _rewriting.IdKey);
                return;
            }
        }

        if (text[0] == '"') _edits.Insert(piece.Start + 1, _idPrefix);
        else if (Utf8Parser.TryParse(text, out ulong number, out var read) && read == text.Length) _edits.ReplaceWithHexText(piece, number ^ _rewriting.IdKey);
        else if (Utf8Parser.TryParse(text, out long negative, out read) && read == text.Length) _edits.ReplaceWithHexText(piece, unchecked((ulong)negative) ^ _rewriting.IdKey);
    }

    private void EditMetadata(ReadOnlySpan<byte> bytes, in JsonEventFields fields)
    {
        if (_rewriting.Name is not null && fields.IsNamed(bytes, "process_name"u8))
        {
            var name = JsonArguments.Find(bytes, fields.Arguments, "name"u8, _marks);
            if (!name.IsEmpty && bytes[name.Start] == '"') _edits.Insert(name.Start + 1, _namePrefix);
        }
        else if (_rewriting.SortIndex is { } around && fields.IsNamed(bytes, "process_sort_index"u8))
        {
            var index = JsonArguments.Find(bytes, fields.Arguments, "sort_index"u8, _marks);
            if (JsonFrames.TryReadNumber(index, bytes, out var own))
                _edits.ReplaceWithNumber(index, around + Math.Clamp(own, -MergedProcesses.SortRoom, MergedProcesses.SortRoom));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EditArguments(ReadOnlySpan<byte> bytes, in JsonEventFields fields)
    {
        var instants = _distance == 0 ? default : JsonInstants.Of(bytes, fields);
        var movesProcess = fields.MayNameProcess && !_rewriting.ProcessIds.IsSame;
        if (instants.IsEmpty && !movesProcess && !(fields.MayHoldToken && _rewriting.TokenKey != 0)) return;
        var arguments = new JsonArguments(bytes, fields.Arguments, _marks);
        while (arguments.Next())
        {
            var value = arguments.Value;
            if (value.Of(bytes) is [(byte)'"', .. var text, (byte)'"'])
            {
                if (_rewriting.TokenKey != 0 && FrameToken.TryParse(text, out var token)) _edits.ReplaceWithToken(value, token ^ _rewriting.TokenKey);
                else if (!_rewriting.ProcessIds.IsSame && arguments.Key.SequenceEqual("requestId"u8)) EditRequestId(value, text);
                continue;
            }

            if (!_rewriting.ProcessIds.IsSame && IsProcessId(arguments.Key)) EditProcessId(bytes, value);
            foreach (var instant in instants)
            {
                if (instant.Depth == arguments.Depth && arguments.Key.SequenceEqual(instant.Key)) EditInstant(bytes, value, instant.Unit);
            }
        }
    }

    /// <summary>What DevTools and people read; <c>child_process_id</c> is Chromium's name for it where it describes a process.</summary>
    private static bool IsProcessId(ReadOnlySpan<byte> key) =>
        key.SequenceEqual("pid"u8) || key.SequenceEqual("processId"u8) || key.SequenceEqual("child_process_id"u8);

    /// <summary>Of a subresource: its process's id, a dot, a number (Blink's IdentifiersFactory::RequestId).</summary>
    private void EditRequestId(JsonPiece value, ReadOnlySpan<byte> text)
    {
        if (!Utf8Parser.TryParse(text, out long process, out var read) || read == text.Length || text[read] != '.') return;
        var moved = _rewriting.ProcessIds.Of(process);
        if (moved != process) _edits.ReplaceWithNumber(new JsonPiece(value.Start + 1, value.Start + 1 + read), moved);
    }

    private void EditInstant(ReadOnlySpan<byte> bytes, JsonPiece value, JsonInstantUnit unit)
    {
        var text = value.Of(bytes);
        // 0 and -1 say that there is none.
        if (unit == JsonInstantUnit.Seconds)
        {
            if (JsonTime.TryReadSeconds(text, out var nanos) && nanos > 0) _edits.ReplaceWithSeconds(value, _rewriting.Map(nanos));
        }
        else if (JsonTime.TryReadMicros(text, out var nanos) && nanos > 0)
        {
            var mapped = _rewriting.Map(nanos);
            if (unit == JsonInstantUnit.WholeMicros) mapped -= mapped % NanosPerMicro;
            _edits.ReplaceWithMicros(value, mapped);
        }
    }
}
