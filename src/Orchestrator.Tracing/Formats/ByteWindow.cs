namespace Orchestrator.Tracing.Formats;

/// <summary>Bytes that have been read and not yet been used, in one piece. Grows only when what is in it is all needed.</summary>
internal sealed class ByteWindow
{
    // A session may have thousands of small traces: only who has more than this pays for room to read quickly.
    private const int FirstBytes = 32 << 10;
    private const int UsualBytes = 256 << 10;

    private byte[] _bytes = [];
    private int _start;
    private int _end;

    public int Length => _end - _start;

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Drops bytes from the front.</summary>
    public void Take(int count) => _start += count;

    /// <summary>Where to put more; <see cref="Filled"/> tells how much came.</summary>
    public Span<byte> Room()
    {
        if (_start == _end) _start = _end = 0;
        if (_end == _bytes.Length)
        {
            var needed = _bytes.Length == 0 ? FirstBytes : _bytes.Length < UsualBytes ? UsualBytes : _bytes.Length;
            if (2 * Length >= needed) needed = 2 * needed;
            var bytes = needed > _bytes.Length ? new byte[needed] : _bytes;
            Span.CopyTo(bytes);
            (_bytes, _end, _start) = (bytes, Length, 0);
        }

        return _bytes.AsSpan(_end);
    }

    public void Filled(int count) => _end += count;
}
