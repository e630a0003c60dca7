using System.Buffers;
using System.Text;
using Orchestrator.TestKit.Browsers.Traces;

namespace Orchestrator.TestKit.Browsers;

/// <summary>A recording's events on their way out, one <c>Tracing.dataCollected</c> of about 65 KB after the other.</summary>
internal sealed class EventPump(Recording recording, Func<IEnumerable<ReadOnlyMemory<byte>>> events, double? breaksAt, string? complete)
{
    private const int MessageBytes = 65_000;

    private readonly IEnumerator<ReadOnlyMemory<byte>> _events = events().GetEnumerator();
    private readonly long _breaksAt = breaksAt is { } share ? (long)(share * events().Sum(one => (long)one.Length)) : long.MaxValue;
    private long _sent;

    public string? SessionId => recording.SessionId;

    /// <summary>The parameters of <c>tracingComplete</c>; null: it never comes.</summary>
    public string? Complete => complete;

    /// <summary>The connection goes, for so much has been sent.</summary>
    public bool IsToBreak => _sent >= _breaksAt;

    /// <summary>False: that was all.</summary>
    public bool TryNext(out Frame frame)
    {
        frame = default;
        if (!_events.MoveNext()) return false;
        var tail = recording.SessionId is null ? "]}}"u8 : Encoding.UTF8.GetBytes($"]}},\"sessionId\":\"{recording.SessionId}\"}}");
        var room = ArrayPool<byte>.Shared.Rent(MessageBytes + (16 << 10));
        var length = Append(ref room, 0, "{\"method\":\"Tracing.dataCollected\",\"params\":{\"value\":["u8);
        length = Append(ref room, length, _events.Current.Span);
        _sent += _events.Current.Length;
        while (length < MessageBytes && _sent < _breaksAt && _events.MoveNext())
        {
            length = Append(ref room, length, ","u8);
            length = Append(ref room, length, _events.Current.Span);
            _sent += _events.Current.Length;
        }

        length = Append(ref room, length, tail);
        frame = Frame.Rented(room, length);
        return true;
    }

    private static int Append(ref byte[] room, int length, ReadOnlySpan<byte> bytes)
    {
        if (room.Length < length + bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(2 * (length + bytes.Length));
            room.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(room);
            room = larger;
        }

        bytes.CopyTo(room.AsSpan(length));
        return length + bytes.Length;
    }
}
