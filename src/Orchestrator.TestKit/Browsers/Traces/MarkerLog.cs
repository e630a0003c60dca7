using System.Text;

namespace Orchestrator.TestKit.Browsers.Traces;

/// <summary>The clock sync markers of a recording: thousands of browsers have hundreds each, so their ids stand in one array.</summary>
internal sealed class MarkerLog
{
    // What a marker's packet has beside its id.
    private const int PacketBytes = 26;

    private readonly List<(long TrueNanos, int End)> _markers = [];
    private byte[] _ids = [];

    public int Count => _markers.Count;

    /// <summary>Bytes of a trace's buffer.</summary>
    public long Bytes => End(Count - 1) + (long)Count * PacketBytes;

    public void Add(long trueNanos, string syncId)
    {
        var start = End(Count - 1);
        var length = Encoding.UTF8.GetByteCount(syncId);
        if (_ids.Length < start + length) Array.Resize(ref _ids, Math.Max(start + length, 2 * _ids.Length));
        Encoding.UTF8.GetBytes(syncId, _ids.AsSpan(start));
        _markers.Add((trueNanos, start + length));
    }

    public long TrueNanos(int index) => _markers[index].TrueNanos;

    public ReadOnlySpan<byte> SyncId(int index) => _ids.AsSpan(End(index - 1), End(index) - End(index - 1));

    /// <summary>Bytes of a trace's buffer that were filled until then.</summary>
    public long BytesUntil(long trueNanos)
    {
        var count = 0;
        while (count < Count && _markers[count].TrueNanos <= trueNanos) count++;
        return End(count - 1) + (long)count * PacketBytes;
    }

    private int End(int index) => index < 0 ? 0 : _markers[index].End;
}
