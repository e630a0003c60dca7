using Orchestrator.Cdp.Protocol;

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
    /// <exception cref="CdpBrokenException">The connection broke, also because an answer was none.</exception>
    /// <remarks>An exception of the sink comes out as it is; the connection lives on.</remarks>
    public static async Task<long> CopyToAsync(CdpConnection connection, string handle, ITraceSink sink, TraceStreamOptions? options = null, Action<long>? progress = null, CancellationToken ct = default)
    {
        options ??= TraceStreamOptions.Default;
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var copy = new Copy(connection, handle, sink, options, progress, reading);
        try
        {
            await copy.ReadToEndAsync(ct);
            await copy.CloseAsync(ct);
            return copy.Written;
        }
        catch
        {
            await copy.AbandonAsync();
            throw;
        }
    }

    /// <summary>One stream on its way. The browser answers reads in the order in which they were sent, so they are awaited in that order.</summary>
    private sealed class Copy(CdpConnection connection, string handle, ITraceSink sink, TraceStreamOptions options, Action<long>? progress, CancellationTokenSource reading)
    {
        private readonly IOReadParams _read = new(handle, Size: options.ReadSize);
        private readonly Queue<Task<TakenMessage>> _reads = new(options.ReadsInFlight);

        public long Written { get; private set; }

        public async Task ReadToEndAsync(CancellationToken ct)
        {
            using var decoder = new StreamChunkDecoder(connection.Pool);
            while (_reads.Count < options.ReadsInFlight)
                Ask();
            for (var eof = false; !eof;)
            {
                (var bytes, eof) = await NextAsync(decoder);
                // Asked for before this part is written, so that the browser works while the disk does.
                if (!eof)
                    Ask();
                await WriteAsync(bytes, ct);
            }

            await WriteAsync(decoder.Finish(), ct);
        }

        /// <summary>Takes what the reads behind the end brought (empty ends or errors), and closes the stream.</summary>
        /// <remarks>The trace is whole by now: that the browser dies, or that the caller loses patience, takes nothing away from it.</remarks>
        public async Task CloseAsync(CancellationToken ct)
        {
            using var decoder = new StreamChunkDecoder(connection.Pool);
            try
            {
                while (_reads.Count > 0)
                {
                    try
                    {
                        if (!(await NextAsync(decoder)).Data.IsEmpty)
                            throw Break(CdpFatalException.Garbage("IO.read brought data behind the end of the stream"));
                    }
                    catch (CdpErrorException)
                    {
                        // A browser may also refuse to read behind the end.
                    }
                }

                await connection.CallAsync(IODomain.Close, new IOCloseParams(handle), options.SessionId, ct);
            }
            catch (CdpErrorException)
            {
                // It is closed, then.
            }
            catch (Exception e) when (e is OperationCanceledException or CdpBrokenException { Break.Kind: not CdpBreakKind.Garbage })
            {
                await ForgetReadsAsync();
            }
        }

        /// <summary>Gives up: nothing more is waited for, the browser is told to drop the stream, if it can still be told.</summary>
        public async Task AbandonAsync()
        {
            await ForgetReadsAsync();
            _ = CloseQuietlyAsync();

            async Task CloseQuietlyAsync()
            {
                try
                {
                    await connection.CallAsync(IODomain.Close, new IOCloseParams(handle), options.SessionId);
                }
                catch (CdpException)
                {
                    // The stream goes with the connection, if not before.
                }
            }
        }

        /// <summary>Cancelled reads end at once, so this waits for nobody; afterwards all buffers are back.</summary>
        private async Task ForgetReadsAsync()
        {
            reading.Cancel();
            while (_reads.TryDequeue(out var read))
            {
                try
                {
                    (await read).Dispose();
                }
                catch (Exception e) when (e is OperationCanceledException or CdpException)
                {
                    // Nobody waits for it any more.
                }
            }
        }

        private void Ask() => _reads.Enqueue(connection.ReadStreamAsync(_read, options.SessionId, reading.Token));

        private async Task<(ReadOnlyMemory<byte> Data, bool Eof)> NextAsync(StreamChunkDecoder decoder)
        {
            using var message = await _reads.Dequeue();
            try
            {
                return (decoder.Decode(message.Bytes, out var eof), eof);
            }
            catch (CdpFatalException e)
            {
                throw Break(e);
            }
        }

        private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
        {
            if (bytes.IsEmpty)
                return;
            await sink.WriteAsync(bytes, ct);
            Written += bytes.Length;
            progress?.Invoke(Written);
        }

        private CdpBrokenException Break(CdpFatalException e)
        {
            connection.Break(e.Break);
            return connection.BrokenWhile(IODomain.Read.Method);
        }
    }
}
