using System.Threading.Channels;

namespace Orchestrator.TestKit.Browsers;

/// <summary>Where a browser of a <see cref="SimulatedBrowserServer"/> is reached.</summary>
public sealed class SimulatedEndpoint : IAfterwards
{
    private readonly Channel<SimulatedConnection> _accepted = Channel.CreateUnbounded<SimulatedConnection>();
    private readonly Func<int, Task> _stopListening;

    internal SimulatedEndpoint(SimulatedBrowser browser, int port, Func<int, Task> stopListening)
    {
        Browser = browser;
        HttpUrl = new Uri($"http://127.0.0.1:{port}");
        _stopListening = stopListening;
    }

    public SimulatedBrowser Browser { get; }

    /// <summary>Such as <c>http://127.0.0.1:40123</c>.</summary>
    public Uri HttpUrl { get; }

    /// <summary>The browser endpoint's WebSocket.</summary>
    public Uri BrowserUrl => WebSocketUrl(Browser.BrowserPath);

    /// <summary>The first page's WebSocket.</summary>
    public Uri PageUrl => WebSocketUrl($"/devtools/page/{Browser.Targets[0].Id}");

    public Uri WebSocketUrl(string path) => new($"ws://{HttpUrl.Authority}{path}");

    /// <summary>The next connection that has come in: each is given once.</summary>
    public ValueTask<SimulatedConnection> AcceptAsync(CancellationToken cancellationToken = default) => _accepted.Reader.ReadAsync(cancellationToken);

    internal void Accepted(SimulatedConnection connection) => _accepted.Writer.TryWrite(connection);

    /// <summary>The browser is dead, or refuses connections.</summary>
    void IAfterwards.Continue() => _ = _stopListening(HttpUrl.Port);
}
