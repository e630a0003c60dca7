namespace Orchestrator.Cdp;

/// <summary>A real WebSocket.</summary>
public sealed class WebSocketTransport : ICdpTransport
{
    private WebSocketTransport()
    {
    }

    /// <summary>Connects with no Origin header (Chromium answers a foreign one with 403), no compression and no keep-alive pings.</summary>
    /// <exception cref="CdpEndpointException">Nobody is there, or no DevTools endpoint.</exception>
    public static Task<WebSocketTransport> ConnectAsync(Uri url, CancellationToken ct) => throw new NotImplementedException();

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask<CdpReceived> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
