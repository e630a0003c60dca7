using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Tracing.Formats;

/// <summary>
/// Finds out which frames live in which processes. A recording through a page says so itself (TracingStartedInBrowser); one through the
/// browser has to be read between the lines: nearly every event of a renderer's DevTools categories carries its frame's id.
/// </summary>
internal sealed class JsonFrames
{
    private readonly Dictionary<(UInt128 Frame, long ProcessId), Seen> _seen = [];
    private (UInt128, long) _latestKey;
    private Seen? _latest;

    /// <summary>Looks at one event.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Look(ReadOnlySpan<byte> bytes, in JsonEventFields fields)
    {
        if (!fields.MayNameFrame || fields.Arguments.End - fields.Arguments.Start < 44) return;
        var arguments = fields.Arguments.Of(bytes);
        var at = arguments.IndexOf("\"frame\":\""u8);
        if (at < 0)
        {
            // Only the list of them bears another key.
            if (fields.IsNamed(bytes, "TracingStartedInBrowser"u8)) ReadStart(arguments);
            return;
        }

        if (fields.IsNamed(bytes, "TracingStartedInBrowser"u8))
        {
            ReadStart(arguments);
            return;
        }

        var isCommitInBrowser = fields.IsNamed(bytes, "FrameCommittedInBrowser"u8);
        if (isCommitInBrowser || fields.IsNamed(bytes, "CommitLoad"u8) || fields.IsNamed(bytes, "navigationStart"u8))
        {
            ReadData(bytes, fields, arguments, isCommitInBrowser);
            return;
        }

        if (!TryReadToken(arguments[(at + 9)..], out var frame) || !TryReadNumber(fields.ProcessId, bytes, out var process)) return;
        if (Find(frame, process) is not { } seen) return;
        seen.Events++;
        if (!seen.IsMain && arguments.IndexOf("\"isOutermostMainFrame\":true"u8) >= 0) seen.IsMain = true;
    }

    public IReadOnlyList<TraceFrame> ToList() =>
    [
        .. _seen.Select(entry => new TraceFrame(FrameToken.ToText(entry.Key.Frame), entry.Key.ProcessId)
        {
            Url = entry.Value.Url,
            Name = entry.Value.Name,
            Parent = entry.Value.Parent,
            IsMain = entry.Value.IsMain,
            WasThereAtStart = entry.Value.WasThereAtStart,
            Events = entry.Value.Events,
        }),
    ];

    private void ReadStart(ReadOnlySpan<byte> arguments)
    {
        if (ParseObject(arguments) is not { } document) return;
        using (document)
        {
            if (!TryGet(document.RootElement, "data", out var data) || !TryGet(data, "frames", out var frames) || frames.ValueKind != JsonValueKind.Array) return;
            foreach (var frame in frames.EnumerateArray())
            {
                if (Note(frame, process: null) is not { } seen) continue;
                seen.WasThereAtStart = true;
                seen.IsMain |= seen.Parent is null && !IsFalse(frame, "isOutermostMainFrame") && !IsFalse(frame, "isInPrimaryMainFrame");
            }
        }
    }

    private void ReadData(ReadOnlySpan<byte> bytes, in JsonEventFields fields, ReadOnlySpan<byte> arguments, bool isInBrowser)
    {
        if (ParseObject(arguments) is not { } document) return;
        using (document)
        {
            var root = document.RootElement;
            if (!TryGet(root, "data", out var data)) return;
            long? process = isInBrowser || !TryReadNumber(fields.ProcessId, bytes, out var own) ? null : own;
            // navigationStart has its frame beside its data.
            if ((Note(data, process) ?? NoteAt(root, process)) is not { } seen) return;
            seen.Events++;
            if (Text(data, "documentLoaderURL") is { Length: > 0 } url) seen.Url = url;
            seen.IsMain |= TryGet(data, "isOutermostMainFrame", out var main) && main.ValueKind == JsonValueKind.True;
        }
    }

    private Seen? NoteAt(JsonElement frame, long? process) =>
        Text(frame, "frame") is { } token && FrameToken.TryParse(Encoding.UTF8.GetBytes(token), out var id) && (process ?? Number(frame, "processId")) is { } at ? Find(id, at) : null;

    private Seen? Note(JsonElement frame, long? process)
    {
        if (NoteAt(frame, process) is not { } seen) return null;
        if (Text(frame, "url") is { Length: > 0 } url) seen.Url = url;
        seen.Name = Text(frame, "name") ?? seen.Name;
        seen.Parent = Text(frame, "parent") ?? seen.Parent;
        return seen;
    }

    private Seen? Find(UInt128 frame, long process)
    {
        if (_latest is not null && _latestKey == (frame, process)) return _latest;
        if (!_seen.TryGetValue((frame, process), out var seen))
        {
            if (_seen.Count == JsonTraceSurvey.MostFrames) return null;
            _seen.Add((frame, process), seen = new Seen());
        }

        (_latestKey, _latest) = ((frame, process), seen);
        return seen;
    }

    private static bool TryReadToken(ReadOnlySpan<byte> behindQuote, out UInt128 token)
    {
        token = default;
        return behindQuote.Length > FrameToken.Digits && behindQuote[FrameToken.Digits] == '"' && FrameToken.TryParse(behindQuote[..FrameToken.Digits], out token);
    }

    internal static bool TryReadNumber(JsonPiece piece, ReadOnlySpan<byte> bytes, out long number)
    {
        number = 0;
        return !piece.IsEmpty && Utf8Parser.TryParse(piece.Of(bytes), out number, out var read) && read == piece.End - piece.Start;
    }

    private static JsonDocument? ParseObject(ReadOnlySpan<byte> arguments)
    {
        try
        {
            var reader = new Utf8JsonReader(arguments);
            return JsonDocument.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool TryGet(JsonElement element, string name, out JsonElement value)
    {
        value = default;
        return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out value);
    }

    private static string? Text(JsonElement element, string name) =>
        TryGet(element, name, out var value) && value.ValueKind == JsonValueKind.String && IsText(value) ? value.GetString() : null;

    /// <summary>Half a surrogate pair is JSON, but no text.</summary>
    private static bool IsText(JsonElement value)
    {
        try
        {
            return value.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static long? Number(JsonElement element, string name) =>
        TryGet(element, name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static bool IsFalse(JsonElement element, string name) => TryGet(element, name, out var value) && value.ValueKind == JsonValueKind.False;

    private sealed class Seen
    {
        public string? Url, Name, Parent;
        public bool IsMain, WasThereAtStart;
        public long Events;
    }
}

/// <summary>Chromium's unguessable tokens, by which frames, loaders and workers are named: 32 upper-case hex digits.</summary>
internal static class FrameToken
{
    public const int Digits = 32;

    private const int HalfDigits = Digits / 2;

    public static bool TryParse(ReadOnlySpan<byte> text, out UInt128 token)
    {
        token = default;
        if (text.Length != Digits || !TryParseHalf(text[..HalfDigits], out var high) || !TryParseHalf(text[HalfDigits..], out var low)) return false;
        token = new UInt128(high, low);
        return true;
    }

    private static bool TryParseHalf(ReadOnlySpan<byte> text, out ulong half)
    {
        half = 0;
        foreach (var digit in text)
        {
            if (!char.IsAsciiHexDigitUpper((char)digit)) return false;
            half = half << 4 | (uint)(digit <= '9' ? digit - '0' : digit - 'A' + 10);
        }

        return true;
    }

    public static string ToText(UInt128 token) => token.ToString("X32", CultureInfo.InvariantCulture);
}
