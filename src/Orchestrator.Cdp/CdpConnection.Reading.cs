namespace Orchestrator.Cdp;

/// <summary>The read loop: bytes to messages, messages to whoever waits for them.</summary>
public sealed partial class CdpConnection
{
    /// <summary>The policy around the bare loop: whatever ends it breaks the connection with its own reason. Never throws.</summary>
    private async Task ReadAsync()
    {
        try
        {
            using var buffer = new ReceiveBuffer(Pool, _options.ReceiveBufferBytes, _options.MaxMessageBytes);
            while (true)
            {
                await ReceiveMessageAsync(buffer);
                await DispatchAsync(buffer, _time.GetTimestamp());
                buffer.Clear();
            }
        }
        catch (CdpFatalException e)
        {
            Break(e.Break);
        }
        catch (Exception e)
        {
            Break(new CdpBreak(CdpBreakKind.Faulted, $"reading failed: {e.Message}", e));
        }
    }

    private async ValueTask ReceiveMessageAsync(ReceiveBuffer buffer)
    {
        CdpReceived received;
        do
        {
            try
            {
                received = await _transport.ReceiveAsync(buffer.Free(), _lifetime.Token);
            }
            catch (InvalidDataException e)
            {
                throw CdpFatalException.Garbage(e.Message, e);
            }
            catch (Exception e)
            {
                throw new CdpFatalException(new CdpBreak(CdpBreakKind.Closed, $"the peer is gone: {e.Message}", e));
            }

            if (received.Closed)
            {
                var reason = string.IsNullOrEmpty(received.CloseReason) ? "the peer closed it" : $"the peer closed it: {received.CloseReason}";
                throw new CdpFatalException(new CdpBreak(CdpBreakKind.Closed, reason));
            }

            Interlocked.Add(ref _bytesReceived, received.Count);
            if (!buffer.Advance(received.Count))
                throw new CdpFatalException(new CdpBreak(CdpBreakKind.Oversized, $"a message is larger than {_options.MaxMessageBytes} bytes: {CdpEnvelope.Excerpt(buffer.Message)}"));
        }
        while (!received.EndOfMessage);
    }

    private ValueTask DispatchAsync(ReceiveBuffer buffer, long at)
    {
        var message = buffer.Message;
        if (CdpEnvelope.TryReadLeadingId(message, out var id))
        {
            if (TakeAnswered(id, message) is { } call)
                Answer(call, buffer, at, null);
            return ValueTask.CompletedTask;
        }

        if (_handlers.HasTraceEventSinks && TraceEventMessage.TryRead(message, out var events, out var session))
            return DeliverTraceEventsAsync(buffer, events, session);

        var envelope = CdpEnvelope.Parse(message);
        if (envelope.Id is { } other)
        {
            if (TakeAnswered(other, message) is { } call)
                Answer(call, buffer, at, envelope);
        }
        else if (envelope.Method == TraceEventMessage.Method && _handlers.HasTraceEventSinks)
        {
            return DeliverTraceEventsAsync(buffer, TraceEventMessage.Find(message, envelope.Params), envelope.SessionId);
        }
        else if (envelope.Method is { } method)
        {
            _handlers.Deliver(method, envelope.SessionId, envelope.Params is { } range ? message[range] : "{}"u8);
        }
        else
        {
            // Chromium answers so what it cannot read as a command, without saying which one it was.
            throw CdpFatalException.Garbage($"the peer could not read what we sent: {envelope.ToError(message, "a command").Message}");
        }

        return ValueTask.CompletedTask;
    }

    /// <returns>Null for an answer that comes late, which is dropped.</returns>
    private PendingCall? TakeAnswered(int id, ReadOnlySpan<byte> message)
    {
        if (_pending.TryTake(id, out var call))
            return call;
        if (!_pending.WasIssued(id))
            throw CdpFatalException.Garbage($"an answer to a command that was never sent: {CdpEnvelope.Excerpt(message)}");
        Interlocked.Increment(ref _lateAnswers);
        return null;
    }

    private void Answer(PendingCall call, ReceiveBuffer buffer, long at, CdpEnvelope? envelope)
    {
        try
        {
            if (call.TakesBuffer)
            {
                var length = buffer.Length;
                call.Answer(buffer.Take(), length);
            }
            else
            {
                call.Answer(buffer.Message, envelope ?? CdpEnvelope.Parse(buffer.Message), at);
            }
        }
        catch (Exception e)
        {
            // The call is out of the map already, so the break does not reach it.
            Break(e is CdpFatalException fatal ? fatal.Break : new CdpBreak(CdpBreakKind.Faulted, $"the answer to {call.Method} could not be read: {e.Message}", e));
            call.Fail(BrokenWhile(call.Method));
            throw;
        }
    }

    private async ValueTask DeliverTraceEventsAsync(ReceiveBuffer buffer, Range events, string? session)
    {
        if (_handlers.FindSink(session) is not { } sink)
            return;

        var (offset, length) = events.GetOffsetAndLength(buffer.Length);
        var slice = new TraceEventSlice(Pool, buffer.Take(), offset, length);
        try
        {
            await sink.AcceptAsync(slice, _lifetime.Token);
        }
        catch (Exception e)
        {
            throw CdpFatalException.Faulted($"the sink of Tracing.dataCollected failed: {e.Message}", e);
        }
    }
}
