using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Orchestrator.TestKit;

/// <summary>One WebSocket of the server's side.</summary>
public sealed class CdpTestConnection : IDisposable
{
    private static readonly JsonElement NoParams = JsonDocument.Parse("{}").RootElement;
    private readonly CdpTestBrowser _browser;
    private readonly IHttpRequestLifetimeFeature _lifetime; // the context itself is gone when the request has ended, which a test need not know
    private readonly CancellationToken _aborted;
    private readonly WebSocket _socket;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal CdpTestConnection(CdpTestBrowser browser, HttpContext http, WebSocket socket)
    {
        _browser = browser;
        _lifetime = http.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        _aborted = http.RequestAborted;
        _socket = socket;
        Path = http.Request.Path.Value ?? "";
        Headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Such as <c>/devtools/browser/ID</c>.</summary>
    public string Path { get; }

    /// <summary>The handshake's headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>Completes when the connection is gone, whoever ended it.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Sends one message.</summary>
    public Task SendAsync(string message) => SendAsync(Encoding.UTF8.GetBytes(message));

    /// <inheritdoc cref="SendAsync(string)"/>
    public Task SendAsync(ReadOnlyMemory<byte> message) => SendPartAsync(message, endOfMessage: true);

    /// <summary>Sends one frame of a message that may have several.</summary>
    public async Task SendPartAsync(ReadOnlyMemory<byte> part, bool endOfMessage)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(part, WebSocketMessageType.Text, endOfMessage, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <param name="parameters">An object in JSON.</param>
    public Task SendEventAsync(string method, string parameters = "{}", string? sessionId = null) =>
        SendAsync($"{{\"method\":\"{method}\",\"params\":{parameters}{(sessionId is null ? "" : $",\"sessionId\":\"{sessionId}\"")}}}");

    /// <summary>Closes with the handshake's first half.</summary>
    public Task CloseAsync(WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure, string? reason = null) =>
        _socket.CloseOutputAsync(status, reason, CancellationToken.None);

    /// <summary>Resets the TCP connection.</summary>
    public void Drop() => _lifetime.Abort();

    /// <summary>The server does that when the connection is gone.</summary>
    // The semaphore is left to the collector: a send may still be on its way out when the connection goes.
    void IDisposable.Dispose()
    {
    }

    internal async Task RunAsync()
    {
        try
        {
            var message = new MemoryStream();
            var buffer = new byte[16 << 10];
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(), _aborted);
                if (received.MessageType == WebSocketMessageType.Close)
                    break;
                message.Write(buffer, 0, received.Count);
                if (!received.EndOfMessage)
                    continue;
                await HandleAsync(message.ToArray());
                message.SetLength(0);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Gone: the peer, or a test, wanted it so.
        }
        finally
        {
            _browser.Forget(this);
            _closed.TrySetResult();
        }
    }

    private async Task HandleAsync(byte[] message)
    {
        JsonElement root;
        try
        {
            root = JsonDocument.Parse(message).RootElement;
        }
        catch (JsonException)
        {
            await SendAsync("{\"error\":{\"code\":-32700,\"message\":\"JSON: invalid token at position 0\"}}");
            return;
        }

        if (!root.TryGetProperty("id", out var id))
        {
            await SendAsync("{\"error\":{\"code\":-32600,\"message\":\"Message must have integer 'id' property\"}}");
            return;
        }

        var request = new CdpTestRequest(
            this,
            id.GetInt32(),
            root.GetProperty("method").GetString()!,
            root.TryGetProperty("params", out var parameters) ? parameters : NoParams,
            root.TryGetProperty("sessionId", out var session) ? session.GetString() : null);
        var answer = _browser.Handle(request);
        if (answer.InBackground)
            _ = PerformQuietlyAsync(answer, request);
        else
            await answer.PerformAsync(request);
    }

    private static async Task PerformQuietlyAsync(CdpTestAnswer answer, CdpTestRequest request)
    {
        try
        {
            await answer.PerformAsync(request);
        }
        catch (Exception)
        {
            // The connection went while the answer waited, or the task that it waited for was cancelled at the test's end.
        }
    }
}
