namespace Orchestrator.Cdp;

/// <summary>Read, write and close of whole messages: the only thing that a fake has to implement.</summary>
/// <remarks>
/// <see cref="CdpConnection"/> never sends two messages at once and never reads twice at once; it does read while it sends.
/// <see cref="IAsyncDisposable.DisposeAsync"/> may come at any time, also while a read or a send is under way, which then ends with any exception.
/// </remarks>
public interface ICdpTransport : IAsyncDisposable
{
    /// <summary>Sends one message as one unfragmented text frame (Chromium refuses fragmented messages of a client).</summary>
    /// <param name="message">UTF-8 JSON; the caller leaves it unchanged until the task has completed.</param>
    /// <param name="cancellationToken">Cancelled only when the connection is broken: half a message cannot be taken back.</param>
    ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>Reads the next bytes of the current message.</summary>
    /// <exception cref="InvalidDataException">What the peer sent is not the transport's protocol: the connection breaks as <see cref="CdpBreakKind.Garbage"/>. Any other exception breaks it as <see cref="CdpBreakKind.Closed"/>.</exception>
    ValueTask<CdpReceived> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken);
}

/// <summary>What one read brought.</summary>
/// <param name="Count">Bytes written to the buffer; may be 0 where a message ends just here.</param>
/// <param name="EndOfMessage">The message is whole with these bytes.</param>
/// <param name="Closed">The peer closed in an orderly way: nothing more comes, <paramref name="Count"/> is 0.</param>
/// <param name="CloseReason">What the peer gave as a reason, if it closed and gave one.</param>
public readonly record struct CdpReceived(int Count, bool EndOfMessage, bool Closed = false, string? CloseReason = null);
