namespace Orchestrator.Cdp;

/// <summary>A frame that is ready: encoded when it was prepared, sent when <see cref="SendAsync"/> is called. For a fan-out at one instant.</summary>
public sealed class CdpPreparedCall<TResult>
{
    private readonly CdpConnection _connection;
    private readonly PendingCall<TResult> _call;
    private readonly ReadOnlyMemory<byte> _frame;
    private int _sent;

    internal CdpPreparedCall(CdpConnection connection, PendingCall<TResult> call, ReadOnlyMemory<byte> frame) =>
        (_connection, _call, _frame) = (connection, call, frame);

    /// <summary>The command's name.</summary>
    public string Method => _call.Method;

    /// <summary>Sends the frame and waits for the answer. Can be called once.</summary>
    /// <param name="ct">Gives up waiting: the late answer is dropped, the connection lives on. The browser may still carry the command out.</param>
    /// <exception cref="CdpErrorException">The browser answered an error.</exception>
    /// <exception cref="CdpBrokenException">The connection broke before the answer, or was broken before.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    /// <exception cref="InvalidOperationException">It has been sent before.</exception>
    public Task<CdpReply<TResult>> SendAsync(CancellationToken ct = default) =>
        Interlocked.Exchange(ref _sent, 1) == 0
            ? _connection.SendAsync(_call, _frame, _call.Reply, ct)
            : throw new InvalidOperationException($"{Method} has been sent already.");
}
