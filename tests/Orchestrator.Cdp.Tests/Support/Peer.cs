using System.Text;
using System.Text.Json;
using Orchestrator.TestKit.Browsers;

namespace Orchestrator.Cdp.Tests.Support;

/// <summary>A command as it came out of the connection.</summary>
internal sealed record SentCommand(int Id, string Method, string Params, string? SessionId, string Text)
{
    public static SentCommand Parse(byte[] message)
    {
        var text = Encoding.UTF8.GetString(message);
        var root = JsonDocument.Parse(message).RootElement;
        return new SentCommand(
            root.GetProperty("id").GetInt32(),
            root.GetProperty("method").GetString()!,
            root.GetProperty("params").GetRawText(),
            root.TryGetProperty("sessionId", out var session) ? session.GetString() : null,
            text);
    }
}

/// <summary>The other side of a connection: what a test sends and sees, whatever lies between.</summary>
internal abstract class Peer : IAsyncDisposable
{
    public CountingPool Pool { get; } = new();

    public CdpConnection Connection { get; protected set; } = null!;

    public abstract Task<SentCommand> NextCommandAsync();

    public abstract Task SendAsync(ReadOnlyMemory<byte> part, bool end = true);

    public Task SendAsync(string message) => SendAsync(Encoding.UTF8.GetBytes(message));

    public Task AnswerAsync(int id, string result = "{}") => SendAsync($"{{\"id\":{id},\"result\":{result}}}");

    public abstract Task CloseAsync(string reason);

    public abstract void Drop();

    public virtual async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        Assert.Equal(0, Pool.Out);
        Assert.Equal(0, Pool.Misused);
    }
}

internal sealed class MemoryPeer : Peer
{
    public MemoryPeer(CdpConnectionOptions? options = null, bool start = true, TimeProvider? time = null)
    {
        Connection = new CdpConnection(Transport, time ?? TimeProvider.System, (options ?? new CdpConnectionOptions()) with { Pool = Pool });
        if (start)
            Connection.Start();
    }

    public MemoryTransport Transport { get; } = new();

    public override async Task<SentCommand> NextCommandAsync() => SentCommand.Parse(await Transport.NextSentAsync().Soon());

    public override Task SendAsync(ReadOnlyMemory<byte> part, bool end = true)
    {
        Transport.Deliver(part, end);
        return Task.CompletedTask;
    }

    public override Task CloseAsync(string reason)
    {
        Transport.DeliverClose(reason);
        return Task.CompletedTask;
    }

    public override void Drop() => Transport.DeliverError(new IOException("reset"));
}

internal sealed class WebSocketPeer : Peer
{
    private readonly System.Threading.Channels.Channel<SentCommand> _commands = System.Threading.Channels.Channel.CreateUnbounded<SentCommand>();
    private SimulatedBrowserServer _server = null!;
    private SimulatedConnection _connection = null!;

    public static async Task<WebSocketPeer> StartAsync(CdpConnectionOptions? options = null)
    {
        var peer = new WebSocketPeer();
        peer._server = await SimulatedBrowserServer.StartAsync(b => b.OnAny(request =>
        {
            peer._commands.Writer.TryWrite(new SentCommand(request.Id, request.Method, request.Params.GetRawText(), request.SessionId, ""));
            return SimulatedAnswer.Nothing;
        }));
        peer.Connection = await CdpConnection.ConnectAsync(peer._server.BrowserUrl, TimeProvider.System, (options ?? new CdpConnectionOptions()) with { Pool = peer.Pool }, CancellationToken.None);
        peer._connection = await peer._server.AcceptAsync().Soon();
        return peer;
    }

    public override Task<SentCommand> NextCommandAsync() => _commands.Reader.ReadAsync().Soon();

    public override Task SendAsync(ReadOnlyMemory<byte> part, bool end = true) => _connection.SendPartAsync(part, end);

    public override Task CloseAsync(string reason) => _connection.CloseAsync(reason: reason);

    public override void Drop() => _connection.Drop();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        // The socket is closed when the connection says that it is disposed: no leak.
        await _connection.Closed.Soon();
        await _server.DisposeAsync();
    }
}
