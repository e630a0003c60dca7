namespace Orchestrator.Cdp.Traces;

/// <summary>How a stream is read.</summary>
public sealed record TraceStreamOptions
{
    public static TraceStreamOptions Default { get; } = new();

    /// <summary>Bytes asked for in one <c>IO.read</c>, 1 KiB to 64 MiB; default 1 MiB.</summary>
    public int ReadSize
    {
        get;
        init => field = value is >= 1 << 10 and <= 64 << 20
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ReadSize), value, "ReadSize is 1 KiB to 64 MiB.");
    } = 1 << 20;

    /// <summary>Reads that are asked for before the first is answered, 1 to 64; default 4. Memory is about this many answers and one more.</summary>
    public int ReadsInFlight
    {
        get;
        init => field = value is >= 1 and <= 64
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ReadsInFlight), value, "ReadsInFlight is 1 to 64.");
    } = 4;

    /// <summary>The session that recorded; null: the endpoint's own.</summary>
    public string? SessionId { get; init; }
}

/// <summary>Reads the browser's streams.</summary>
public static class TraceStream
{
    /// <summary>Reads a stream to its end, in order, then closes it. What has come before a failure is in the sink already.</summary>
    /// <param name="handle">The stream of <c>Tracing.tracingComplete</c>.</param>
    /// <param name="options">Null: <see cref="TraceStreamOptions.Default"/>.</param>
    /// <param name="progress">Told the bytes written so far, after each write; must be quick.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="CdpErrorException">The browser refused a read: the handle is not one of its streams.</exception>
    /// <exception cref="CdpBrokenException">The connection broke.</exception>
    public static Task<long> CopyToAsync(CdpConnection connection, string handle, ITraceSink sink, TraceStreamOptions? options = null, Action<long>? progress = null, CancellationToken ct = default) => throw new NotImplementedException();
}
