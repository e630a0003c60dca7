using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orchestrator.TestKit.Browsers;

/// <summary>The sockets that a server listens on, so that a single one can be closed: nobody listens for a browser that is dead.</summary>
internal sealed class BrowserListeners(IOptions<SocketTransportOptions> options, ILoggerFactory loggers) : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(options, loggers);
    private readonly ConcurrentDictionary<int, IConnectionListener> _listeners = new();

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await _sockets.BindAsync(endpoint, cancellationToken);
        _listeners[((IPEndPoint)listener.EndPoint).Port] = listener;
        return listener;
    }

    /// <summary>Whoever connects to the port from now on is refused.</summary>
    public Task CloseAsync(int port) => _listeners.TryRemove(port, out var listener) ? listener.UnbindAsync().AsTask() : Task.CompletedTask;
}
