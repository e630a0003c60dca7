using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Host.Tests.Support;

/// <summary>Stands before a server and cuts each connection after as many bytes of the server's as the test says.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _server;
    private readonly Func<int, long> _bytesOf;
    private readonly Task _accepting;
    private int _connections;

    /// <param name="bytesOf">How many bytes the connection of this number, from 1, lets through.</param>
    public CuttingProxy(Uri server, Func<int, long> bytesOf)
    {
        (_server, _bytesOf) = (server, bytesOf);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
    public int Connections => _connections;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested) _ = PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token), Interlocked.Increment(ref _connections));
    }

    private async Task PassAsync(TcpClient client, int number)
    {
        using (client)
        using (var server = new TcpClient())
        {
            await server.ConnectAsync(_server.Host, _server.Port, _stop.Token);
            _ = client.GetStream().CopyToAsync(server.GetStream(), _stop.Token);
            var left = _bytesOf(number);
            var buffer = new byte[4096];
            while (left > 0 && await server.GetStream().ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), _stop.Token) is var read and > 0)
            {
                await client.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
                left -= read;
            }

            // A reset, not a farewell.
            client.LingerState = new LingerOption(true, 0);
        }
    }
}
