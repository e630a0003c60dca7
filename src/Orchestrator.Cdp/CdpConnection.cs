namespace Orchestrator.Cdp;

/// <summary>One connection to a browser or a page.</summary>
public sealed class CdpConnection : IAsyncDisposable
{
    /// <summary>Takes over the transport; reads nothing before <see cref="Start"/>.</summary>
    public CdpConnection(ICdpTransport transport, TimeProvider time, CdpConnectionOptions? options = null) => throw new NotImplementedException();

    /// <summary>Connects and starts the read loop.</summary>
    /// <exception cref="CdpEndpointException">Nobody is there, or no DevTools endpoint.</exception>
    public static Task<CdpConnection> ConnectAsync(Uri url, TimeProvider time, CdpConnectionOptions? options, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Starts the read loop; a second call does nothing.</summary>
    public void Start() => throw new NotImplementedException();

    /// <summary>Sends a command and waits for its answer.</summary>
    /// <param name="ct">Gives up waiting: the late answer is dropped, the connection lives on. The browser may still carry the command out.</param>
    /// <exception cref="CdpErrorException">The browser answered an error.</exception>
    /// <exception cref="CdpBrokenException">The connection broke before the answer, or was broken before.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public Task<CdpReply<TResult>> CallAsync<TParams, TResult>(CdpCommand<TParams, TResult> command, TParams parameters, string? sessionId = null, CancellationToken ct = default) => throw new NotImplementedException();

    /// <summary>Sends a command that has no parameters.</summary>
    /// <inheritdoc cref="CallAsync{TParams,TResult}(CdpCommand{TParams,TResult},TParams,string?,CancellationToken)"/>
    public Task<CdpReply<TResult>> CallAsync<TResult>(CdpCommand<CdpNothing, TResult> command, string? sessionId = null, CancellationToken ct = default) => throw new NotImplementedException();

    /// <summary>A frame that is encoded now and sent later, once.</summary>
    public CdpPreparedCall<TResult> Prepare<TParams, TResult>(CdpCommand<TParams, TResult> command, TParams parameters, string? sessionId = null) => throw new NotImplementedException();

    /// <summary>A frame with no parameters that is encoded now and sent later, once.</summary>
    public CdpPreparedCall<TResult> Prepare<TResult>(CdpCommand<CdpNothing, TResult> command, string? sessionId = null) => throw new NotImplementedException();

    /// <summary>Calls the handler for each event, in the read loop: it must be quick. If it throws, the connection breaks as <see cref="CdpBreakKind.Faulted"/>.</summary>
    /// <param name="sessionId">The session whose events are wanted; null: those that bear none, the endpoint's own.</param>
    /// <returns>Dispose it to hear no more.</returns>
    public IDisposable On<T>(CdpEvent<T> ev, Action<T> handler, string? sessionId = null) => throw new NotImplementedException();

    /// <summary>Hands the events of <c>Tracing.dataCollected</c> over; without a sink they are dropped. One sink for each session.</summary>
    /// <inheritdoc cref="On{T}"/>
    /// <exception cref="InvalidOperationException">The session has a sink already.</exception>
    public IDisposable OnDataCollected(ITraceEventSink sink, string? sessionId = null) => throw new NotImplementedException();

    /// <summary>Breaks the connection: keeps the first reason, fails every call that waits with <see cref="CdpBrokenException"/>, closes the transport. Idempotent.</summary>
    public void Break(CdpBreak reason) => throw new NotImplementedException();

    /// <summary>Completes with the first reason when the connection is broken; never faults.</summary>
    public Task<CdpBreak> Broken => throw new NotImplementedException();

    /// <summary>Bytes of messages received.</summary>
    public long BytesReceived => throw new NotImplementedException();

    /// <summary>Answers that came after their call had been given up, or a second time: they are dropped.</summary>
    public long LateAnswers => throw new NotImplementedException();

    /// <summary>Whom we talk to, as errors call it.</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>Breaks the connection as <see cref="CdpBreakKind.Disposed"/> and waits until the read loop has ended and the socket is closed. Not to be waited for in a handler.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
