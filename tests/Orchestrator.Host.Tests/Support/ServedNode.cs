using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Orchestrator.Host.Api;

namespace Orchestrator.Host.Tests.Support;

/// <summary>A fake node behind a real server on a loopback port, in a folder of its own.</summary>
internal sealed class ServedNode : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];
    private NodeHttpServer? _server;
    private readonly Action<ListenOptions>? _listen;
    private IPEndPoint _endpoint = new(IPAddress.Loopback, 0);

    private ServedNode(string name, string? token, Action<ListenOptions>? listen) => (Node, Token, _listen) = (new FakeNode(_folder.Path, name), token, listen);

    public FakeMachine Machine { get; } = new();
    public FakeNode Node { get; }
    public string? Token { get; }
    public TemporaryFolder Folder => _folder;
    public Uri Address => _server!.Address;
    public HttpClient Http { get; private set; } = null!;

    /// <summary>What nobody expected.</summary>
    public IReadOnlyList<string> Said
    {
        get
        {
            lock (_said) return [.. _said];
        }
    }

    public static async Task<ServedNode> StartAsync(string name = "node-1", string? token = null, Action<ListenOptions>? listen = null)
    {
        var node = new ServedNode(name, token, listen);
        Directory.CreateDirectory(node.Node.SessionsFolder);
        Directory.CreateDirectory(node.Node.SpoolsFolder);
        await node.StartAgainAsync();
        node.Http = new HttpClient { BaseAddress = node.Address };
        return node;
    }

    /// <summary>Listens where it did before.</summary>
    public async Task StartAgainAsync()
    {
        _server = await NodeHttpServer.StartAsync(
            Node,
            new NodeHttpOptions
            {
                Endpoint = _endpoint,
                Token = Token,
                Listen = _listen,
                Machine = Machine,
                Time = TimeProvider.System,
                Random = new Random(1),
                Say = line =>
                {
                    lock (_said) _said.Add(line);
                },
            },
            CancellationToken.None);
        _endpoint = new IPEndPoint(IPAddress.Loopback, _server.Address.Port);
    }

    /// <summary>Gone, with all its connections.</summary>
    public async Task StopAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _server!.StopAsync(now.Token);
        await _server.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await StopAsync();
        _folder.Dispose();
    }
}
