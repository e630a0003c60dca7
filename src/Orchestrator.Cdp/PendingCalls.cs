using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Orchestrator.Cdp;

/// <summary>The calls that wait for their answer, by id; the only owner of that map.</summary>
internal sealed class PendingCalls
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, PendingCall> _calls = [];
    private int _lastId;
    private bool _closed;

    /// <summary>Ids are never used twice, so that an answer can come late and be known as late.</summary>
    public int NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>An answer to any other id answers a question that nobody asked.</summary>
    public bool WasIssued(int id) => id > 0 && id <= Volatile.Read(ref _lastId);

    /// <returns>False when the connection is broken.</returns>
    public bool TryAdd(PendingCall call)
    {
        lock (_gate)
        {
            if (!_closed)
                _calls.Add(call.Id, call);
            return !_closed;
        }
    }

    public bool TryTake(int id, [NotNullWhen(true)] out PendingCall? call)
    {
        lock (_gate)
            return _calls.Remove(id, out call);
    }

    public bool Contains(PendingCall call)
    {
        lock (_gate)
            return _calls.ContainsKey(call.Id);
    }

    /// <summary>Lets no more in and gives those that waited.</summary>
    public IReadOnlyCollection<PendingCall> Close()
    {
        lock (_gate)
        {
            _closed = true;
            PendingCall[] left = [.. _calls.Values];
            _calls.Clear();
            return left;
        }
    }
}

/// <summary>One call that waits. Whoever takes it out of the map completes it.</summary>
internal abstract class PendingCall(int id, string method)
{
    private long _sentAt;

    public int Id { get; } = id;

    public string Method { get; } = method;

    /// <summary>Written by the sender, read by the read loop.</summary>
    public long SentAt
    {
        get => Volatile.Read(ref _sentAt);
        set => Volatile.Write(ref _sentAt, value);
    }

    /// <summary>The answer is taken as it is, with the buffer that it stands in, and looked into by whoever waits for it.</summary>
    public virtual bool TakesBuffer => false;

    /// <exception cref="CdpFatalException">The answer is not of the command's form; the call is not completed then.</exception>
    public abstract void Answer(ReadOnlySpan<byte> message, CdpEnvelope envelope, long answeredAt);

    public virtual void Answer(byte[] buffer, int length) => throw new NotSupportedException();

    public abstract void Fail(Exception exception);

    public abstract void Cancel(CancellationToken token);
}

/// <summary>A call whose answer becomes an object.</summary>
internal sealed class PendingCall<T>(int id, string method, JsonTypeInfo<T> resultType) : PendingCall(id, method)
{
    private readonly TaskCompletionSource<CdpReply<T>> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<CdpReply<T>> Reply => _reply.Task;

    public override void Answer(ReadOnlySpan<byte> message, CdpEnvelope envelope, long answeredAt)
    {
        if (envelope.Error is not null)
        {
            _reply.TrySetException(envelope.ToError(message, Method));
            return;
        }

        if (envelope.Result is not { } range)
            throw CdpFatalException.Garbage($"the answer to {Method} has neither a result nor an error: {CdpEnvelope.Excerpt(message)}");

        try
        {
            var result = JsonSerializer.Deserialize(message[range], resultType)
                ?? throw CdpFatalException.Garbage($"the result of {Method} is null: {CdpEnvelope.Excerpt(message)}");
            _reply.TrySetResult(new CdpReply<T>(result, SentAt, answeredAt));
        }
        catch (JsonException e)
        {
            throw CdpFatalException.Garbage($"the result of {Method} is not of its form ({e.Message}): {CdpEnvelope.Excerpt(message)}", e);
        }
    }

    public override void Fail(Exception exception)
    {
        // A call that was given up is waited for by nobody: an exception that is never looked at would be reported as unobserved.
        if (_reply.TrySetException(exception))
            _ = _reply.Task.Exception;
    }

    public override void Cancel(CancellationToken token) => _reply.TrySetCanceled(token);
}

/// <summary>An <c>IO.read</c>, whose answer is handed over unread, buffer and all.</summary>
internal sealed class PendingRead(int id, string method, ArrayPool<byte> pool) : PendingCall(id, method)
{
    private readonly TaskCompletionSource<TakenMessage> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TakenMessage> Reply => _reply.Task;

    public override bool TakesBuffer => true;

    public override void Answer(ReadOnlySpan<byte> message, CdpEnvelope envelope, long answeredAt) => throw new NotSupportedException();

    public override void Answer(byte[] buffer, int length)
    {
        var taken = new TakenMessage(pool, buffer, length);
        if (!_reply.TrySetResult(taken))
            taken.Dispose();
    }

    public override void Fail(Exception exception)
    {
        if (_reply.TrySetException(exception))
            _ = _reply.Task.Exception;
    }

    public override void Cancel(CancellationToken token) => _reply.TrySetCanceled(token);
}

/// <summary>A whole message with its buffer, which goes back to the pool on dispose.</summary>
internal sealed class TakenMessage(ArrayPool<byte> pool, byte[] buffer, int length) : IDisposable
{
    private byte[]? _buffer = buffer;

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, length);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } own)
            pool.Return(own);
    }
}
