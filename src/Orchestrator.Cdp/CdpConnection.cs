using System.Buffers;
using System.Text.Json;

namespace Orchestrator.Cdp;

/// <summary>One connection to a browser or a page.</summary>
/// <remarks>
/// One loop reads (CdpConnection.Reading.cs), one map knows who waits (<see cref="PendingCalls"/>), and everything that ends the
/// connection goes through <see cref="Break"/>, whoever notices it: the loop, a sender, a handler, the owner.
/// All members may be used from any thread.
/// </remarks>
public sealed partial class CdpConnection : IAsyncDisposable
{
    private readonly ICdpTransport _transport;
    private readonly TimeProvider _time;
    private readonly CdpConnectionOptions _options;
    private readonly PendingCalls _pending = new();
    private readonly EventHandlers _handlers = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _lifetime = new();
    private readonly TaskCompletionSource<CdpBreak> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private CdpBreak? _firstBreak;
    private Task _reading = Task.CompletedTask;
    private Task _closing = Task.CompletedTask;
    private bool _started;
    private long _bytesReceived;
    private long _lateAnswers;

    /// <summary>Takes over the transport; reads nothing before <see cref="Start"/>.</summary>
    public CdpConnection(ICdpTransport transport, TimeProvider time, CdpConnectionOptions? options = null)
    {
        _transport = transport;
        _time = time;
        _options = options ?? CdpConnectionOptions.Default;
    }

    /// <summary>Completes with the first reason when the connection is broken; never faults.</summary>
    public Task<CdpBreak> Broken => _broken.Task;

    /// <summary>Bytes of messages received.</summary>
    public long BytesReceived => Interlocked.Read(ref _bytesReceived);

    /// <summary>Answers that came after their call had been given up, or a second time: they are dropped.</summary>
    public long LateAnswers => Interlocked.Read(ref _lateAnswers);

    /// <summary>Whom we talk to, as errors call it.</summary>
    public string Name => _options.Name ?? "the browser";

    /// <summary>Connects and starts the read loop.</summary>
    /// <exception cref="CdpEndpointException">Nobody is there, or no DevTools endpoint.</exception>
    public static async Task<CdpConnection> ConnectAsync(Uri url, TimeProvider time, CdpConnectionOptions? options, CancellationToken ct)
    {
        options ??= CdpConnectionOptions.Default;
        var transport = await WebSocketTransport.ConnectAsync(url, ct);
        var connection = new CdpConnection(transport, time, options with { Name = options.Name ?? url.OriginalString });
        connection.Start();
        return connection;
    }

    /// <summary>Starts the read loop; a second call does nothing.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_started || _firstBreak is not null)
                return;
            _started = true;
            _reading = Apart.Run(ReadAsync);
        }
    }

    /// <summary>Sends a command and waits for its answer.</summary>
    /// <param name="ct">Gives up waiting: the late answer is dropped, the connection lives on. The browser may still carry the command out.</param>
    /// <exception cref="CdpErrorException">The browser answered an error.</exception>
    /// <exception cref="CdpBrokenException">The connection broke before the answer, or was broken before.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public Task<CdpReply<TResult>> CallAsync<TParams, TResult>(CdpCommand<TParams, TResult> command, TParams parameters, string? sessionId = null, CancellationToken ct = default) =>
        Prepare(command, parameters, sessionId).SendAsync(ct);

    /// <summary>Sends a command that has no parameters.</summary>
    /// <inheritdoc cref="CallAsync{TParams,TResult}(CdpCommand{TParams,TResult},TParams,string?,CancellationToken)"/>
    public Task<CdpReply<TResult>> CallAsync<TResult>(CdpCommand<CdpNothing, TResult> command, string? sessionId = null, CancellationToken ct = default) =>
        CallAsync(command, CdpNothing.Value, sessionId, ct);

    /// <summary>A frame that is encoded now and sent later, once.</summary>
    public CdpPreparedCall<TResult> Prepare<TParams, TResult>(CdpCommand<TParams, TResult> command, TParams parameters, string? sessionId = null)
    {
        var call = new PendingCall<TResult>(_pending.NextId(), command.Method, command.Result);
        return new CdpPreparedCall<TResult>(this, call, Encode(call.Id, command, parameters, sessionId));
    }

    /// <summary>A frame with no parameters that is encoded now and sent later, once.</summary>
    public CdpPreparedCall<TResult> Prepare<TResult>(CdpCommand<CdpNothing, TResult> command, string? sessionId = null) =>
        Prepare(command, CdpNothing.Value, sessionId);

    /// <summary>Calls the handler for each event, in the read loop: it must be quick. If it throws, the connection breaks as <see cref="CdpBreakKind.Faulted"/>.</summary>
    /// <param name="sessionId">The session whose events are wanted; null: those that bear none, the endpoint's own.</param>
    /// <returns>Dispose it to hear no more.</returns>
    public IDisposable On<T>(CdpEvent<T> ev, Action<T> handler, string? sessionId = null) => _handlers.Add(ev, handler, sessionId);

    /// <summary>Hands the events of <c>Tracing.dataCollected</c> over; without a sink they are dropped. One sink for each session.</summary>
    /// <inheritdoc cref="On{T}"/>
    /// <exception cref="InvalidOperationException">The session has a sink already.</exception>
    public IDisposable OnDataCollected(ITraceEventSink sink, string? sessionId = null) => _handlers.Add(sink, sessionId);

    /// <summary>Breaks the connection: keeps the first reason, fails every call that waits with <see cref="CdpBrokenException"/>, closes the transport. Idempotent.</summary>
    public void Break(CdpBreak reason)
    {
        lock (_gate)
        {
            if (_firstBreak is not null)
                return;
            Volatile.Write(ref _firstBreak, reason);
            // Whatever holds on to the connection (a receive, a send that is stuck, a handler) runs its own code when it is cancelled: not on our stack.
            _closing = Apart.Run(CloseAsync);
        }

        foreach (var call in _pending.Close())
            call.Fail(BrokenWhile(call.Method));
        _broken.TrySetResult(reason);
    }

    /// <summary>Breaks the connection as <see cref="CdpBreakKind.Disposed"/> and waits until the read loop has ended and the socket is closed. Not to be waited for in a handler.</summary>
    public async ValueTask DisposeAsync()
    {
        Break(new CdpBreak(CdpBreakKind.Disposed, "we closed it"));
        await _closing;
        await _reading;
        // The semaphore and the token's source are left to the collector: neither holds anything but memory, and a send may still look at them.
    }

    /// <summary>Asks for a part of a stream; the answer comes unread, in its buffer.</summary>
    internal Task<TakenMessage> ReadStreamAsync(Protocol.IOReadParams parameters, string? sessionId, CancellationToken ct)
    {
        var call = new PendingRead(_pending.NextId(), Protocol.IODomain.Read.Method, Pool);
        return SendAsync(call, Encode(call.Id, Protocol.IODomain.Read, parameters, sessionId), call.Reply, ct);
    }

    /// <summary>Sends a frame and waits for its answer. Everything up to the socket happens before this returns, unless another send is under way.</summary>
    internal async Task<TReply> SendAsync<TReply>(PendingCall call, ReadOnlyMemory<byte> frame, Task<TReply> reply, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!_pending.TryAdd(call))
            throw BrokenWhile(call.Method);

        // Not awaited: a caller that gives up must not wait for a socket that is stuck, nor may it tear a frame that is half sent.
        _ = SendFrameAsync(call, frame);

        await using var registration = ct.UnsafeRegister(
            (_, token) =>
            {
                if (_pending.TryTake(call.Id, out var given))
                    given.Cancel(token);
            },
            null);
        return await reply;
    }

    internal ArrayPool<byte> Pool => _options.Pool;

    internal CdpBrokenException BrokenWhile(string what) => new(what, Name, _firstBreak!);

    private static ReadOnlyMemory<byte> Encode<TParams, TResult>(int id, CdpCommand<TParams, TResult> command, TParams parameters, string? sessionId)
    {
        var frame = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(frame))
        {
            writer.WriteStartObject();
            writer.WriteNumber("id"u8, id);
            writer.WriteString("method"u8, command.Method);
            writer.WritePropertyName("params"u8);
            JsonSerializer.Serialize(writer, parameters, command.Params);
            if (sessionId is not null)
                writer.WriteString("sessionId"u8, sessionId);
            writer.WriteEndObject();
        }

        return frame.WrittenMemory;
    }

    /// <summary>Never throws: a failure breaks the connection, and that fails the call.</summary>
    private async Task SendFrameAsync(PendingCall call, ReadOnlyMemory<byte> frame)
    {
        try
        {
            await _sending.WaitAsync(_lifetime.Token);
            try
            {
                if (!_pending.Contains(call))
                    return; // given up while it waited for its turn
                call.SentAt = _time.GetTimestamp();
                await _transport.SendAsync(frame, _lifetime.Token);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception e)
        {
            Break(new CdpBreak(CdpBreakKind.Closed, $"{call.Method} could not be sent: {e.Message}", e));
        }
    }

    private async Task CloseAsync()
    {
        try
        {
            _lifetime.Cancel();
        }
        catch (AggregateException)
        {
            // A handler that does not like to be cancelled changes nothing: the first reason is known, the transport is closed next.
        }

        try
        {
            await _transport.DisposeAsync();
        }
        catch (Exception)
        {
            // It is gone either way, and the reason for that is known already.
        }
    }
}
