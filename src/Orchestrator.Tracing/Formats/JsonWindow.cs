using System.Buffers;
using System.Text;

namespace Orchestrator.Tracing.Formats;

/// <summary>The part of a trace that is in memory, and how far in it we are.</summary>
/// <param name="plain">May hand over its bytes in pieces of any size.</param>
internal sealed class JsonWindow(Stream plain)
{
    // A session may have thousands of small traces: only who has more than this pays for room to read quickly.
    private const int FirstBytes = 64 << 10;
    private const int UsualBytes = 1 << 20;

    private static readonly SearchValues<byte> Shape = SearchValues.Create("\"{}[],"u8);

    private byte[] _buffer = new byte[FirstBytes];
    private int _length;
    private long _before;

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>What has not been passed yet.</summary>
    public ReadOnlySpan<byte> Rest => _buffer.AsSpan(At, _length - At);

    /// <summary>The first byte of <see cref="Bytes"/> that has not been passed; those before it are given up by <see cref="More"/>.</summary>
    public int At { get; set; }

    /// <summary>The trace has no more bytes than these.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>From the trace's beginning.</summary>
    public long BytesRead => _before + _length;

    /// <inheritdoc cref="BytesRead"/>
    public long BytesPassed => _before + At;

    /// <summary>Reads until the buffer is full; false when there is nothing more. What was read to the end is given up, a full buffer grows.</summary>
    public bool More()
    {
        if (HasEnded) return false;
        var isLarger = _length == _buffer.Length && _buffer.Length < UsualBytes;
        if (At > 0)
        {
            _buffer.AsSpan(At, _length - At).CopyTo(_buffer);
            _before += At;
            _length -= At;
            At = 0;
        }

        if (isLarger) Array.Resize(ref _buffer, UsualBytes);
        else if (_length == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        var had = _length;
        while (_length < _buffer.Length)
        {
            var read = plain.Read(_buffer.AsSpan(_length));
            if (read == 0)
            {
                HasEnded = true;
                break;
            }

            _length += read;
        }

        return _length > had;
    }

    /// <summary>The next byte that is no blank; -1 at the end.</summary>
    public int Peek()
    {
        while (true)
        {
            while (At < _length)
            {
                var next = _buffer[At];
                if (next is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')) return next;
                At++;
            }

            if (!More()) return -1;
        }
    }

    /// <summary>A key of the trace's object; null when it is none.</summary>
    public string? ReadShortString()
    {
        const int mostKeyBytes = 256;
        while (_length - At < mostKeyBytes && More()) { }
        var rest = _buffer.AsSpan(At + 1, Math.Min(_length - At - 1, mostKeyBytes));
        var close = rest.IndexOf((byte)'"');
        if (close < 0)
        {
            if (rest.Length < mostKeyBytes - 1) At = _length;
            return null;
        }

        At += close + 2;
        return Encoding.UTF8.GetString(rest[..close]);
    }

    /// <summary>Passes over one value of any length; false when the trace ends inside of it.</summary>
    /// <param name="kept">Gets its bytes, up to some more than <paramref name="mostKept"/>.</param>
    public bool SkipValue(MemoryStream? kept, int mostKept)
    {
        var depth = 0;
        var inString = false;
        var isEscaped = false;
        while (true)
        {
            if (At == _length && !More()) return false;
            var rest = _buffer.AsSpan(At, _length - At);
            var read = 0;
            var isWhole = false;
            while (read < rest.Length && !isWhole)
            {
                if (isEscaped)
                {
                    isEscaped = false;
                    read++;
                    continue;
                }

                var step = inString ? rest[read..].IndexOfAny((byte)'"', (byte)'\\') : rest[read..].IndexOfAny(Shape);
                if (step < 0)
                {
                    read = rest.Length;
                    break;
                }

                read += step;
                var mark = rest[read];
                // A scalar's end belongs to what holds it.
                if (!inString && depth == 0 && mark is (byte)',' or (byte)'}' or (byte)']')
                {
                    isWhole = true;
                    break;
                }

                read++;
                if (mark == '\\') isEscaped = true;
                else if (mark == '"') inString = !inString;
                else if (mark is (byte)'{' or (byte)'[') depth++;
                else if (mark is (byte)'}' or (byte)']') depth--;
                isWhole = !inString && depth == 0 && mark != ',';
            }

            if (kept is not null && kept.Length <= mostKept) kept.Write(rest[..read]);
            At += read;
            if (isWhole) return true;
        }
    }
}
