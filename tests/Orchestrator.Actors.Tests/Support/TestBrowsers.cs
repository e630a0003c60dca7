using Orchestrator.Cdp;
using Orchestrator.TestKit.Browsers;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>Browsers of a session, each a server of its own: b1, b2, …</summary>
internal sealed class TestBrowsers : IAsyncDisposable
{
    private readonly List<SimulatedBrowserServer> _servers = [];

    private TestBrowsers() { }

    public IReadOnlyList<SimulatedBrowserServer> Servers => _servers;

    /// <summary>The browser of this name.</summary>
    public SimulatedBrowserServer this[string name] => _servers[int.Parse(name[1..]) - 1];

    public static async Task<TestBrowsers> StartAsync(int count, Action<SimulatedBrowser>? each = null)
    {
        var browsers = new TestBrowsers();
        for (var index = 0; index < count; index++) browsers._servers.Add(await SimulatedBrowserServer.StartAsync(each));
        return browsers;
    }

    public IReadOnlyList<BrowserTarget> Targets(string? url = null) =>
        [.. _servers.Select((server, index) => new BrowserTarget { Name = $"b{index + 1}", Endpoint = server.BrowserUrl.OriginalString, Url = url })];

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
    }
}

internal static class TestBrowserExtensions
{
    /// <summary>Completes when the browser gets this command, which it carries out as ever.</summary>
    public static Task<SimulatedRequest> Gets(this SimulatedBrowserServer server, string method, Func<SimulatedRequest, bool>? which = null)
    {
        var got = new TaskCompletionSource<SimulatedRequest>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Browser.On(method, request =>
        {
            if (which?.Invoke(request) ?? true) got.TrySetResult(request);
            return null;
        });
        return got.Task;
    }

    public static IEnumerable<string> Methods(this SimulatedBrowserServer server) => server.Browser.Requests.Select(request => request.Method);

    /// <summary>A trace that does not compress, told apart by its seed.</summary>
    public static byte[] TraceBytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A second client of the browser.</summary>
    public static Task<CdpConnection> ConnectAsync(this SimulatedBrowserServer server) =>
        CdpConnection.ConnectAsync(server.BrowserUrl, TimeProvider.System, options: null, CancellationToken.None).Soon();
}
