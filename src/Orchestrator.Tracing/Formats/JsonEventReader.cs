using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Orchestrator.Tracing.Formats;

/// <summary>
/// Takes a Chrome JSON trace apart into its events, one after another out of one buffer: the form
/// <c>{"traceEvents":[...], "metadata":{...}, ...}</c>, keys in any order, and the bare <c>[...]</c>.
/// </summary>
/// <remarks>Where it stops being JSON, the trace ends for this reader: what stands behind cannot be told apart any more.</remarks>
internal sealed class JsonEventReader
{
    /// <summary>A longer event is no event: the longest, screenshots and V8 sources, are around 1 MB.</summary>
    public const int MostEventBytes = 32 << 20;

    /// <summary>Of a trace's own <c>metadata</c>; Chromium writes some 50 KB.</summary>
    public const int MostMetadataBytes = 4 << 20;

    private readonly JsonWindow _window;
    private readonly Func<string?> _brokenGzip;
    private Place _place = Place.Start;
    private bool _isObject;
    private bool _hasList;
    private readonly JsonMarkList _marks = new();
    private int _nextMark;
    private bool _isCompact;

    private int _eventStart;
    private int _eventEnd;
    private byte[]? _repaired;
    private JsonEventFields _fields;

    private enum Place
    {
        Start,
        BetweenKeys,
        InList,
        Done,
    }

    public JsonEventReader(TraceInput input)
        : this(input.Plain, () => input.BrokenGzip)
    {
    }

    /// <param name="plain">May hand over its bytes in pieces of any size.</param>
    /// <param name="brokenGzip">Why decompression ended before its time; asked at the end.</param>
    public JsonEventReader(Stream plain, Func<string?> brokenGzip) => (_window, _brokenGzip) = (new JsonWindow(plain), brokenGzip);

    /// <summary>The event that was read last; until the next is read.</summary>
    public ReadOnlySpan<byte> Event => _repaired ?? _window.Bytes[_eventStart.._eventEnd];

    public ref readonly JsonEventFields Fields => ref _fields;

    /// <summary>Events read so far.</summary>
    public long Events { get; private set; }

    /// <summary>Bytes after decompression, read so far.</summary>
    public long ExpandedBytes => _window.BytesRead;

    /// <summary>How the trace breaks off, as <see cref="TraceSurvey.CutOff"/> tells it; null while, or when, all is well.</summary>
    public string? CutOff { get; private set; }

    /// <summary>The trace's own <c>metadata</c> as it stands there; null when it has none or an oversized one.</summary>
    public byte[]? Metadata { get; private set; }

    /// <summary>Other keys of the trace's object, whose values were passed over.</summary>
    public List<string> PassedOver { get; } = [];

    /// <summary>Goes to the next event; false at the trace's end, wherever that is.</summary>
    /// <exception cref="NotATraceException">It is no trace, or no JSON from its first event on.</exception>
    public bool Read()
    {
        while (_place != Place.Done)
        {
            switch (_place)
            {
                case Place.Start:
                    Begin();
                    break;
                case Place.BetweenKeys:
                    ReadKey();
                    break;
                default:
                    if (ReadEvent()) return true;
                    break;
            }
        }

        return false;
    }

    private void Begin()
    {
        var first = _window.Peek();
        _window.At++;
        _isObject = first == '{';
        if (_isObject) _place = Place.BetweenKeys;
        else if (first == '[') EnterList();
        else throw new NotATraceException("it is neither a JSON object nor a JSON list");
    }

    private void EnterList()
    {
        _hasList = true;
        FindMarks(compact: true);
        _place = Place.InList;
    }

    /// <summary>The marks of what is in the buffer, from where we are.</summary>
    /// <param name="compact">Taking it for JSON without blanks, as Chromium writes it.</param>
    private void FindMarks(bool compact)
    {
        var bytes = _window.Bytes;
        if (compact) _marks.FindCompact(bytes, _window.At);
        else _marks.Find(bytes, _window.At);
        _isCompact = compact;
        _nextMark = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool ReadEvent()
    {
        while (true)
        {
            var bytes = _window.Bytes;
            var marks = _marks.Positions;
            var at = _nextMark;
            var behind = _window.At;
            // Chrome's own format allows a comma behind the last event, and older versions wrote one.
            if (at < marks.Length && bytes[marks[at]] == ',' && IsBlank(bytes, behind, marks[at])) behind = marks[at++] + 1;
            if (at < marks.Length)
            {
                var start = marks[at];
                if (!IsBlank(bytes, behind, start)) return StopsBeingJson();
                if (bytes[start] == ']')
                {
                    _window.At = start + 1;
                    if (_isObject) _place = Place.BetweenKeys;
                    else EndOfTrace();
                    return false;
                }

                if (bytes[start] != '{') return StopsBeingJson();
                var end = _isCompact ? JsonCompactEvent.Read(bytes, marks, ref at, out _fields) : JsonEventParser.Read(bytes, marks, ref at, out _fields);
                if (_isCompact && !IsSure(end, marks[at]))
                {
                    FindMarks(compact: false);
                    continue;
                }

                if (end == JsonEventEnd.Whole && marks[at] < _marks.FirstBadByte)
                {
                    _eventStart = start;
                    _window.At = _eventEnd = marks[at] + 1;
                    _nextMark = at + 1;
                    Events++;
                    _repaired = null;
                    if (_marks.HasNonAscii) RepairText();
                    return true;
                }

                // What is not JSON and does not end either would be waited for without end.
                if (end != JsonEventEnd.Incomplete || _marks.FirstBadByte < int.MaxValue) return StopsBeingJson();
            }

            if (_window.Rest.Length > MostEventBytes) return Breaks($"holds an event of more than {MostEventBytes >> 20} MiB");
            if (!_window.More())
            {
                var isBetween = JsonEventParser.IsBlank(_window.Rest.TrimStart((byte)','));
                return Breaks(isBetween ? "before the end of its list of events" : "in the middle of an event");
            }

            FindMarks(compact: true);
        }
    }

    /// <summary>Nothing is what Chromium writes there, or one line feed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsBlank(ReadOnlySpan<byte> bytes, int from, int until) =>
        from == until || (until == from + 1 && bytes[from] == '\n') || JsonEventParser.IsBlank(bytes[from..until]);

    /// <summary>Whether what was read as compact JSON is just that.</summary>
    private bool IsSure(JsonEventEnd end, int until) => end switch
    {
        JsonEventEnd.Whole => until < _marks.FirstMisplaced,
        JsonEventEnd.Incomplete => _marks.FirstMisplaced == int.MaxValue,
        _ => false,
    };

    /// <summary>Text that is no UTF-8 (long strings are cut between any two bytes) is no JSON: what is broken becomes U+FFFD.</summary>
    private void RepairText()
    {
        if (Utf8.IsValid(Event)) return;
        _repaired = WithValidText(Event.ToArray());
        var marks = new JsonMarkList();
        marks.Find(_repaired, 0);
        var first = 0;
        JsonEventParser.Read(_repaired, marks.Positions, ref first, out _fields);
    }

    private static byte[] WithValidText(byte[] bytes) => Utf8.IsValid(bytes) ? bytes : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes));

    private void ReadKey()
    {
        var next = _window.Peek();
        if (next == ',')
        {
            _window.At++;
            next = _window.Peek();
        }

        if (next == '}')
        {
            _window.At++;
            EndOfTrace();
            return;
        }

        if (next < 0)
        {
            Breaks("before its end");
            return;
        }

        var key = next == '"' ? _window.ReadShortString() : null;
        if (key is null || _window.Peek() != ':')
        {
            if (next == '"' && _window.HasEnded && _window.Peek() < 0) Breaks("in the middle of a key");
            else StopsBeingJson();
            return;
        }

        _window.At++;
        var value = _window.Peek();
        if (key == "traceEvents")
        {
            if (value != '[')
            {
                StopsBeingJson();
                return;
            }

            _window.At++;
            EnterList();
            return;
        }

        using var kept = key == "metadata" ? new MemoryStream() : null;
        if (kept is null) PassedOver.Add(key);
        if (!_window.SkipValue(kept, MostMetadataBytes)) Breaks($"in the middle of its \"{key}\"");
        else if (kept is { Length: > 0 and <= MostMetadataBytes }) Metadata = WithValidText(kept.ToArray());
    }

    private void EndOfTrace()
    {
        if (!_hasList) throw new NotATraceException("it is JSON, but it has no \"traceEvents\"");
        if (_window.Peek() >= 0) StopsBeingJson();
        _place = Place.Done;
        if (CutOff is null && _brokenGzip() is { } broken) CutOff = string.Create(CultureInfo.InvariantCulture, $"is whole after {_window.BytesPassed:N0} bytes, but its gzip is broken there: {broken}");
    }

    private bool StopsBeingJson()
    {
        if (Events == 0) throw new NotATraceException(string.Create(CultureInfo.InvariantCulture, $"it is no longer JSON after {_window.BytesPassed:N0} bytes, before its first event"));
        CutOff = string.Create(CultureInfo.InvariantCulture, $"is no longer JSON after {_window.BytesPassed:N0} bytes, behind event {Events:N0}");
        _place = Place.Done;
        return false;
    }

    private bool Breaks(string how)
    {
        if (!_hasList) throw new NotATraceException("it breaks off before its first event");
        var gzip = _brokenGzip() is { } broken ? $" (its gzip is broken: {broken})" : "";
        CutOff = string.Create(CultureInfo.InvariantCulture, $"breaks off after {_window.BytesRead:N0} bytes, {how}{gzip}");
        _place = Place.Done;
        return false;
    }
}
