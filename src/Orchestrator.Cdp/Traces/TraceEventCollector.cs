using System.Threading.Channels;

namespace Orchestrator.Cdp.Traces;

/// <summary>Writes <c>{"traceEvents":[ ... ]}</c> from the raw slices of <c>Tracing.dataCollected</c>; to be made before <c>Tracing.end</c> is sent.</summary>
/// <remarks>
/// The read loop hands messages over with their buffers and goes on; when <see cref="QueueBytes"/> wait for the disk it stops, then the
/// socket fills, then the browser waits: that is the back pressure, and the reason why memory does not grow with the trace.
/// </remarks>
public sealed class TraceEventCollector : IAsyncDisposable
{
    /// <summary>What may wait for the sink, in bytes of buffers.</summary>
    internal const long QueueBytes = 8 << 20;

    private readonly CdpConnection _connection;
    private readonly ITraceSink _sink;
    private readonly Queue _queue = new();
    private readonly IDisposable _subscription;
    private readonly CancellationTokenSource _stop = new(); // without a timer or a wait handle there is nothing in it to dispose
    private readonly Task<CdpBreak?> _writing;
    private long _bytesWritten;

    /// <param name="sink">If it throws, the connection breaks as <see cref="CdpBreakKind.Faulted"/>, the exception its cause.</param>
    /// <param name="sessionId">The session that records; null: the endpoint's own.</param>
    public TraceEventCollector(CdpConnection connection, ITraceSink sink, string? sessionId = null)
    {
        _connection = connection;
        _sink = sink;
        _subscription = connection.OnDataCollected(_queue, sessionId);
        _writing = Apart.Run(WriteAsync);
    }

    /// <summary>Bytes written to the sink so far.</summary>
    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    /// <summary>The reading stands still until the sink has caught up.</summary>
    internal bool HoldsReading => _queue.IsFull;

    /// <summary>After <c>tracingComplete</c>: writes what is queued and the tail. A connection that broke after that does not matter.</summary>
    /// <returns>Bytes written.</returns>
    /// <exception cref="CdpBrokenException">The sink failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed before.</exception>
    public async Task<long> CompleteAsync(CancellationToken ct = default)
    {
        _subscription.Dispose();
        _queue.Complete();
        var failure = await _writing.WaitAsync(ct);
        if (failure is not null)
            throw new CdpBrokenException(TraceEventMessage.Method, _connection.Name, failure);
        ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
        return BytesWritten;
    }

    /// <summary>Stops listening; what is queued is dropped, what has been written stays.</summary>
    public async ValueTask DisposeAsync()
    {
        _subscription.Dispose();
        _stop.Cancel();
        await _writing;
    }

    /// <summary>Never throws.</summary>
    /// <returns>Null, or why the sink failed.</returns>
    private async Task<CdpBreak?> WriteAsync()
    {
        try
        {
            var any = false;
            while (await _queue.Reader.WaitToReadAsync(_stop.Token))
            {
                while (!_stop.IsCancellationRequested && _queue.Reader.TryRead(out var events))
                {
                    try
                    {
                        if (events.Bytes.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0)
                            continue;
                        if (!any)
                            await WriteAsync("{\"traceEvents\":["u8.ToArray());
                        await WriteAsync(any ? events.WithLeadingComma() : events.Bytes);
                        any = true;
                    }
                    finally
                    {
                        events.Dispose();
                        _queue.Release(events.BufferBytes);
                    }
                }
            }

            _stop.Token.ThrowIfCancellationRequested();
            await WriteAsync(any ? "]}"u8.ToArray() : "{\"traceEvents\":[]}"u8.ToArray());
            return null;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e)
        {
            var failure = new CdpBreak(CdpBreakKind.Faulted, $"the trace could not be written: {e.Message}", e);
            _connection.Break(failure);
            return failure;
        }
        finally
        {
            _queue.Drop();
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await _sink.WriteAsync(bytes, _stop.Token);
        Interlocked.Add(ref _bytesWritten, bytes.Length);
    }

    /// <summary>The hand-over: a channel for the order, a count of bytes for the bound.</summary>
    private sealed class Queue : ITraceEventSink
    {
        private readonly Channel<TraceEventSlice> _slices = Channel.CreateUnbounded<TraceEventSlice>(new UnboundedChannelOptions { SingleWriter = true });
        private readonly Lock _gate = new();
        private long _bytes;
        private TaskCompletionSource? _room;

        public ChannelReader<TraceEventSlice> Reader => _slices.Reader;

        public bool IsFull
        {
            get
            {
                lock (_gate)
                    return _room is not null;
            }
        }

        /// <summary>Takes the slice at once and then waits for room, so that one that is larger than the bound gets through as well.</summary>
        public ValueTask AcceptAsync(TraceEventSlice events, CancellationToken cancellationToken)
        {
            TaskCompletionSource? room = null;
            lock (_gate)
            {
                if (!_slices.Writer.TryWrite(events))
                {
                    events.Dispose(); // nobody wants it any more
                    return ValueTask.CompletedTask;
                }

                _bytes += events.BufferBytes;
                if (_bytes > QueueBytes)
                    room = _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return room is null ? ValueTask.CompletedTask : WaitForAsync(room, cancellationToken);
        }

        private static async ValueTask WaitForAsync(TaskCompletionSource room, CancellationToken cancellationToken)
        {
            await using var givingUp = cancellationToken.UnsafeRegister(static (room, token) => ((TaskCompletionSource)room!).TrySetCanceled(token), room);
            await room.Task;
        }

        public void Release(int bytes)
        {
            TaskCompletionSource? room = null;
            lock (_gate)
            {
                _bytes -= bytes;
                // Not at once: going on at half of the bound spares a switch of threads for each message.
                if (_bytes <= QueueBytes / 2)
                    (room, _room) = (_room, null);
            }

            room?.TrySetResult();
        }

        public void Complete() => _slices.Writer.TryComplete();

        /// <summary>Takes no more and gives back the buffers of what is left.</summary>
        public void Drop()
        {
            Complete();
            while (_slices.Reader.TryRead(out var left))
            {
                left.Dispose();
                Release(left.BufferBytes);
            }
        }
    }
}
