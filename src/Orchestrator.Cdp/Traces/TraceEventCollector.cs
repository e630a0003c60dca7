namespace Orchestrator.Cdp.Traces;

/// <summary>Writes <c>{"traceEvents":[ ... ]}</c> from the raw slices of <c>Tracing.dataCollected</c>; to be made before <c>Tracing.end</c> is sent.</summary>
public sealed class TraceEventCollector : IAsyncDisposable
{
    /// <param name="sink">If it throws, the connection breaks as <see cref="CdpBreakKind.Faulted"/>, the exception its cause.</param>
    public TraceEventCollector(CdpConnection connection, ITraceSink sink, string? sessionId = null) => throw new NotImplementedException();

    /// <summary>Bytes written to the sink so far.</summary>
    public long BytesWritten => throw new NotImplementedException();

    /// <summary>After <c>tracingComplete</c>: writes what is queued and the tail.</summary>
    /// <returns>Bytes written.</returns>
    /// <exception cref="CdpBrokenException">The sink failed.</exception>
    public Task<long> CompleteAsync(CancellationToken ct = default) => throw new NotImplementedException();

    /// <summary>Stops listening; what is queued is dropped, what has been written stays.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
