using System.Net;
using System.Net.WebSockets;
using System.Text;

namespace Orchestrator.Cdp;

/// <summary>A real WebSocket.</summary>
public sealed class WebSocketTransport : ICdpTransport
{
    private readonly ClientWebSocket _socket;

    private WebSocketTransport(ClientWebSocket socket) => _socket = socket;

    /// <summary>Connects with no Origin header (Chromium answers a foreign one with 403), no compression, no keep-alive pings and no proxy.</summary>
    /// <exception cref="CdpEndpointException">Nobody is there, or no DevTools endpoint.</exception>
    public static async Task<WebSocketTransport> ConnectAsync(Uri url, CancellationToken ct)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.KeepAliveInterval = TimeSpan.Zero;
            socket.Options.Proxy = null;
            socket.Options.CollectHttpResponseDetails = true;
            await socket.ConnectAsync(url, ct);
            return new WebSocketTransport(socket);
        }
        catch (WebSocketException e)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            throw new CdpEndpointException(Explain(url, status, e), e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
        _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    public async ValueTask<CdpReceived> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            var received = await _socket.ReceiveAsync(buffer, cancellationToken);
            return received.MessageType == WebSocketMessageType.Close
                ? new CdpReceived(0, false, Closed: true, CloseReason())
                : new CdpReceived(received.Count, received.EndOfMessage);
        }
        catch (WebSocketException e) when (e.WebSocketErrorCode is WebSocketError.Faulted or WebSocketError.HeaderError or WebSocketError.InvalidMessageType)
        {
            throw new InvalidDataException($"the peer does not speak WebSocket as it should: {e.Message}", e);
        }
    }

    /// <summary>Without a closing handshake: a browser that hangs would never answer it, and closing ends its recording all the same.</summary>
    public ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Explain(Uri url, HttpStatusCode status, WebSocketException e)
    {
        var target = url.AbsolutePath[(url.AbsolutePath.LastIndexOf('/') + 1)..];
        return status switch
        {
            0 => CdpEndpoint.ExplainNoAnswer(url, e),
            // Chromium: 404 for another browser's id, 500 for another page's, and for a host name that is none of its own.
            HttpStatusCode.NotFound => NoTarget(404),
            HttpStatusCode.InternalServerError when url.AbsolutePath.StartsWith("/devtools/page/", StringComparison.Ordinal) && IsOwnName(url) => NoTarget(500),
            HttpStatusCode.Forbidden => $"{url} refuses the connection (HTTP 403): the browser or something before it allows only certain origins (--remote-allow-origins).",
            HttpStatusCode.InternalServerError => $"{url} answers HTTP 500: Chromium lets in only those who call it by an address or localhost, not by another name.",
            _ => $"{url} is no DevTools endpoint: it answers HTTP {(int)status} instead of opening a WebSocket.",
        };

        string NoTarget(int code) => $"{url}: there is no target {target} (HTTP {code}). Ids change when the browser starts again: GET http://{url.Authority}/json/list names those of today.";
    }

    private static bool IsOwnName(Uri url) =>
        url.HostNameType is not UriHostNameType.Dns || url.Host == "localhost" || url.Host.EndsWith(".localhost", StringComparison.Ordinal);

    private string? CloseReason()
    {
        var text = new StringBuilder();
        if (_socket.CloseStatus is { } status)
            text.Append(status).Append(" (").Append((int)status).Append(')');
        if (!string.IsNullOrEmpty(_socket.CloseStatusDescription))
            text.Append(' ').Append(_socket.CloseStatusDescription);
        return text.Length == 0 ? null : text.ToString();
    }
}
