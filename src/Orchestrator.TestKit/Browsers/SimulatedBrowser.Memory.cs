using System.Net.Sockets;
using Orchestrator.Cdp;

namespace Orchestrator.TestKit.Browsers;

/// <summary>The way in that is no wire.</summary>
public sealed partial class SimulatedBrowser
{
    private const string Authority = "browser.simulated:9222";

    /// <summary>The browser endpoint's address, for those who connect in memory; on a wire it is the server's.</summary>
    public Uri Url => new($"ws://{Authority}{BrowserPath}");

    /// <summary>The address of the first page.</summary>
    public Uri PageUrl => new($"ws://{Authority}/devtools/page/{Targets[0].Id}");

    /// <summary>Connects to the browser endpoint and starts reading.</summary>
    /// <inheritdoc cref="ConnectAsync(Uri, CdpConnectionOptions?, CancellationToken)"/>
    public Task<CdpConnection> ConnectAsync(CdpConnectionOptions? options = null, CancellationToken ct = default) => ConnectAsync(Url, options, ct);

    /// <summary>Connects and starts reading.</summary>
    /// <param name="url">Its path is a browser's or a page's endpoint.</param>
    /// <exception cref="CdpEndpointException">It is dead, refuses connections, or has no such target.</exception>
    public Task<CdpConnection> ConnectAsync(Uri url, CdpConnectionOptions? options = null, CancellationToken ct = default) => ConnectAsync(url, _time, options, ct);

    /// <param name="time">The client's clock.</param>
    internal async Task<CdpConnection> ConnectAsync(Uri url, TimeProvider time, CdpConnectionOptions? options, CancellationToken ct)
    {
        var transport = await OpenAsync(url, ct);
        options ??= CdpConnectionOptions.Default;
        var connection = new CdpConnection(transport, time, options with { Name = options.Name ?? url.OriginalString });
        connection.Start();
        return connection;
    }

    /// <summary>Opens the client's end of a connection, when <see cref="Worlds.BrowserConditions.Connecting"/> is over.</summary>
    /// <inheritdoc cref="ConnectAsync(Uri, CdpConnectionOptions?, CancellationToken)"/>
    public Task<ICdpTransport> OpenAsync(Uri url, CancellationToken ct = default)
    {
        if (ct.IsCancellationRequested) return Task.FromCanceled<ICdpTransport>(ct);
        var opening = new Opening(this, url, ct);
        using (Agenda.Enter())
        {
            var takes = Wait(Conditions.Connecting);
            if (takes > 0) Agenda.Add(Agenda.Now + takes, new Work(WorkKind.Connect, null, default, opening.Finish));
            else opening.Finish();
        }

        if (!opening.Task.IsCompleted) opening.Hear();
        return opening.Task;
    }

    /// <summary>Completes when <see cref="Worlds.BrowserConditions.Connecting"/> is over.</summary>
    internal async Task ConnectedAsync(CancellationToken ct)
    {
        TimeSpan takes;
        using (Agenda.Enter()) takes = TimeSpan.FromTicks(Wait(Conditions.Connecting) / 100);
        if (takes > TimeSpan.Zero) await Task.Delay(takes, _time, ct);
    }

    /// <summary>The client has closed its end: that takes the way of a message. Under the lock.</summary>
    internal void HearOfTheEnd(SimulatedConnection connection)
    {
        var now = Agenda.Now;
        connection.LastThere = Math.Max(connection.LastThere, now + Wait(Conditions.There));
        if (connection.LastThere > now) Agenda.Add(connection.LastThere, new Work(WorkKind.Connect, null, default, () => Forget(connection)));
        else Forget(connection);
    }

    private CdpEndpointException? RefusalOf(Uri url)
    {
        if (RefusesConnections)
        {
            var refused = new SocketException((int)SocketError.ConnectionRefused);
            return new CdpEndpointException($"{url} cannot be reached: {refused.Message}. Is the browser running, with --remote-debugging-port={url.Port}?", refused);
        }

        var path = url.AbsolutePath;
        return path == BrowserPath || _targets.Exists(t => path == $"/devtools/page/{t.Id}")
            ? null
            : new CdpEndpointException($"{url}: there is no target {path[(path.LastIndexOf('/') + 1)..]} (HTTP {(path.StartsWith("/devtools/page/", StringComparison.Ordinal) ? 500 : 404)}). Ids change when the browser starts again: GET http://{url.Authority}/json/list names those of today.");
    }

    /// <summary>Somebody who connects.</summary>
    private sealed class Opening(SimulatedBrowser browser, Uri url, CancellationToken ct) : IAfterwards
    {
        private readonly TaskCompletionSource<ICdpTransport> _opened = new();
        private CancellationTokenRegistration _registration;
        private MemoryConnection? _connection;
        private CdpEndpointException? _refusal;
        private bool _isOver;

        public Task<ICdpTransport> Task => _opened.Task;

        /// <summary>Under the lock.</summary>
        public void Finish()
        {
            if (_isOver) return;
            _isOver = true;
            _refusal = browser.RefusalOf(url);
            if (_refusal is null) browser.Accept(_connection = new MemoryConnection(browser, url.AbsolutePath));
            browser.Agenda.Afterwards(this);
        }

        public void Hear() => _registration = ct.UnsafeRegister(static state => ((Opening)state!).GiveUp(), this);

        public void Continue()
        {
            _registration.Unregister();
            if (_refusal is { } refusal) _opened.TrySetException(refusal);
            else if (_connection is { } connection) _opened.TrySetResult(connection);
            else _opened.TrySetCanceled(ct);
        }

        private void GiveUp()
        {
            using (browser.Agenda.Enter())
            {
                if (_isOver) return;
                _isOver = true;
                browser.Agenda.Afterwards(this);
            }
        }
    }
}
