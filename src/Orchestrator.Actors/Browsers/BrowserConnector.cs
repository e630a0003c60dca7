using Orchestrator.Actors.Configuration;
using Orchestrator.Cdp;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Browsers;

/// <summary>Makes a connection to a browser's WebSocket: the seam at which tests put another wire.</summary>
public delegate Task<CdpConnection> CdpConnect(Uri webSocketUrl, CancellationToken cancellationToken);

/// <summary>Brings one target to the point where it could start to record: launched or found, connected, asked what it is, its page at hand.</summary>
public sealed class BrowserConnector(IBrowserLauncher launcher, CdpConnect connect, TimeProvider time)
{
    /// <summary>A connector over real WebSockets.</summary>
    public static BrowserConnector OverWebSockets(IBrowserLauncher launcher, OrchestratorSettings settings, TimeProvider time)
    {
        var options = new CdpConnectionOptions { MaxMessageBytes = settings.MaxMessageBytes };
        return new BrowserConnector(launcher, (url, cancellationToken) => CdpConnection.ConnectAsync(url, time, options, cancellationToken), time);
    }

    /// <exception cref="BrowserUnavailableException">It cannot be had; carries the outcome and the reason.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<ConnectedBrowser> ConnectAsync(BrowserTarget target, SessionPlan plan, CancellationToken cancellationToken)
    {
        LaunchedBrowser? launched = null;
        CdpConnection? connection = null;
        try
        {
            var endpoint = await EndpointAsync(target, plan, l => launched = l, cancellationToken);
            connection = await connect(endpoint.WebSocketUrl, cancellationToken);
            var version = await connection.CallAsync(BrowserDomain.GetVersion, ct: cancellationToken);
            if (launched is not null && plan.Tracing.Compression is TraceCompression.Gzip) await WarmUpAsync(connection, cancellationToken);
            var page = target.Url is null ? null : await FindPageAsync(connection, endpoint, target, cancellationToken);
            return new ConnectedBrowser(connection, launched, endpoint, version.Result.Product, page, time);
        }
        catch (Exception failure)
        {
            if (connection is not null) await connection.DisposeAsync();
            if (launched is not null) await launched.DisposeAsync();
            if (failure is OperationCanceledException && cancellationToken.IsCancellationRequested) throw;
            throw new BrowserUnavailableException(target.IsLaunched ? BrowserOutcome.LaunchFailed : BrowserOutcome.Refused, failure.Message, failure);
        }
    }

    private async Task<CdpEndpoint> EndpointAsync(BrowserTarget target, SessionPlan plan, Action<LaunchedBrowser> onLaunched, CancellationToken cancellationToken)
    {
        if (target.Endpoint is { } text)
        {
            return CdpEndpoint.TryParse(text, out var address, out var error)
                ? await CdpEndpoint.ResolveAsync(address, null, cancellationToken)
                : throw new ArgumentException(error);
        }

        var launch = plan.Launch ?? throw new InvalidOperationException($"{target.Name} is to be launched, and the plan does not say how.");
        var browser = await launcher.LaunchAsync(launch, cancellationToken);
        onLaunched(browser);
        return new CdpEndpoint(browser.Endpoint, CdpEndpointKind.Browser);
    }

    /// <summary>
    /// Waits until a new browser is able to compress a trace, by letting it compress an empty one. Chromium does that
    /// with background priority, and holds such work back until its first page has been idle, or for a minute
    /// (docs/decisions/0004): a page that is busy from the start would keep the session waiting at its end.
    /// </summary>
    private static async Task WarmUpAsync(CdpConnection connection, CancellationToken cancellationToken)
    {
        var completed = new TaskCompletionSource<TracingComplete>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listening = connection.On(TracingDomain.TracingComplete, complete => completed.TrySetResult(complete));
        await connection.CallAsync(TracingDomain.Start, new TracingStartParams
        {
            TransferMode = TransferMode.ReturnAsStream,
            StreamFormat = StreamFormat.Proto,
            StreamCompression = StreamCompression.Gzip,
            TraceConfig = new TraceConfig { ExcludedCategories = ["*"] },
        }, ct: cancellationToken);
        await connection.CallAsync(TracingDomain.End, ct: cancellationToken);
        var first = await Task.WhenAny(completed.Task, connection.Broken).WaitAsync(cancellationToken);
        if (first == completed.Task && (await completed.Task).Stream is { } stream)
            await connection.CallAsync(IODomain.Close, new IOCloseParams(stream), ct: cancellationToken);
    }

    private static async Task<BrowserPage> FindPageAsync(CdpConnection connection, CdpEndpoint endpoint, BrowserTarget target, CancellationToken cancellationToken)
    {
        if (endpoint.Kind is CdpEndpointKind.Page) return new BrowserPage(SessionId: null, CreatedTargetId: null);
        string? created = null;
        string targetId;
        if (target.IsLaunched)
        {
            // The first tab of a new browser is the one in front; a page behind another draws no frames.
            var targets = (await connection.CallAsync(TargetDomain.GetTargets, ct: cancellationToken)).Result.TargetInfos;
            targetId = targets.FirstOrDefault(info => info.Type == "page")?.TargetId
                ?? throw new InvalidOperationException("The launched browser has no page.");
        }
        else
        {
            created = (await connection.CallAsync(TargetDomain.CreateTarget, new CreateTargetParams("about:blank"), ct: cancellationToken)).Result.TargetId;
            targetId = created;
        }

        var session = await connection.CallAsync(TargetDomain.AttachToTarget, new AttachToTargetParams(targetId), ct: cancellationToken);
        return new BrowserPage(session.Result.SessionId, created);
    }
}

/// <summary>A browser that cannot take part.</summary>
public sealed class BrowserUnavailableException(BrowserOutcome outcome, string reason, Exception cause) : Exception(reason, cause)
{
    public BrowserOutcome Outcome { get; } = outcome;
}

/// <summary>A browser that could start to record.</summary>
/// <param name="Launched">Null: it was there before, and stays.</param>
/// <param name="Page">Where its URL is opened; null when it has none.</param>
public sealed record ConnectedBrowser(
    CdpConnection Connection, LaunchedBrowser? Launched, CdpEndpoint Endpoint, string Product, BrowserPage? Page, TimeProvider Time)
    : IAsyncDisposable
{
    private static readonly TimeSpan ClosingPatience = TimeSpan.FromSeconds(2);

    public Task<CdpReply<NavigateResult>> OpenAsync(string url, CancellationToken cancellationToken) =>
        Connection.CallAsync(PageDomain.Navigate, new NavigateParams(url), Page?.SessionId, cancellationToken);

    /// <summary>Leaves the browser as it was found: a page that was made for the session is closed, a launched browser killed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Page?.CreatedTargetId is { } target && !Connection.Broken.IsCompleted)
        {
            using var patience = new CancellationTokenSource(ClosingPatience, Time);
            try
            {
                await Connection.CallAsync(TargetDomain.CloseTarget, new TargetParams(target), ct: patience.Token);
            }
            catch (Exception failure) when (failure is CdpException or OperationCanceledException)
            {
                // A browser that does not answer any more cannot be tidied up.
            }
        }

        await Connection.DisposeAsync();
        if (Launched is not null) await Launched.DisposeAsync();
    }
}

/// <param name="SessionId">The flattened session that reaches it; null: the connection is the page's own.</param>
/// <param name="CreatedTargetId">Set when the page was made for this session.</param>
public sealed record BrowserPage(string? SessionId, string? CreatedTargetId);
