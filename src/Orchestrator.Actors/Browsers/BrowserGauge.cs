namespace Orchestrator.Actors.Browsers;

/// <summary>What a browser is doing right now, for whoever wants to look: written by its actor and its reader, read by the node.</summary>
public sealed class BrowserGauge
{
    private long _bytes;
    private long _fill = BitConverter.DoubleToInt64Bits(double.NaN);
    private int _markers;
    private volatile string _state = "connecting";

    public string State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>How full the browser's buffer was last, 0 to 1; null when it has not said.</summary>
    public double? BufferFill
    {
        get => BitConverter.Int64BitsToDouble(Interlocked.Read(ref _fill)) is var fill && double.IsNaN(fill) ? null : fill;
        set => Interlocked.Exchange(ref _fill, BitConverter.DoubleToInt64Bits(value ?? double.NaN));
    }

    public long Bytes
    {
        get => Interlocked.Read(ref _bytes);
        set => Interlocked.Exchange(ref _bytes, value);
    }

    public int Markers
    {
        get => Volatile.Read(ref _markers);
        set => Volatile.Write(ref _markers, value);
    }
}
