using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Orchestrator.Actors.Hosting;

namespace Orchestrator.Host.Api;

/// <summary>
/// Any node answers for the cluster: what concerns sessions goes on to the coordinator's node, and comes back, as it comes. Nothing is
/// sent on twice for the same reason, so that nodes which disagree for a moment about who is in office send nothing round in circles.
/// </summary>
internal sealed class Forwarding : IDisposable
{
    /// <summary>Says why a request was sent on.</summary>
    public const string Header = "Orchestrator-Forwarded";

    /// <summary>To the node that the coordinator is on.</summary>
    public const string ToCoordinator = "coordinator";

    /// <summary>To the node that the session's folder is on.</summary>
    public const string ToFolder = "folder";

    private const int BufferBytes = 64 << 10;

    // How often it is looked whether the one that was asked is still the one to ask.
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(1);

    private static readonly HashSet<string> NotSentOn = new(StringComparer.OrdinalIgnoreCase)
    {
        // RFC 9110, 7.6.1: they are about one connection. Host and origin were looked at here.
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Host", "Origin", "Referer", "Cookie", "Accept-Encoding", "Content-Length", Header,
    };

    private readonly INodeServices _services;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private readonly HttpMessageInvoker _http;

    public Forwarding(INodeServices services, NodeHttpOptions options, CancellationToken stopping)
    {
        (_services, _time, _stopping) = (services, options.Time, stopping);
        _http = options.OtherNodes is { } handler
            ? new HttpMessageInvoker(handler, disposeHandler: false)
            : new HttpMessageInvoker(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, AutomaticDecompression = DecompressionMethods.None });
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Sends requests about sessions and nodes to the coordinator's node, unless that is this one.</summary>
    public async Task ForwardAsync(HttpContext context, RequestDelegate next)
    {
        var reason = context.Request.Headers[Header].ToString();
        if (!IsOfCluster(context.Request.Path) || reason == ToFolder)
        {
            await next(context);
            return;
        }

        var coordinator = await _services.FindCoordinatorAsync(context.RequestAborted);
        if (coordinator is null) await next(context);
        else if (reason.Length > 0) throw new CoordinatorUnavailableException($"Node {_services.NodeName} was asked as the coordinator's node, and is not, or not any more.");
        else await SendOnAsync(context, coordinator, ToCoordinator);
    }

    /// <summary>Sends the request on to that node, and its answer back.</summary>
    public async Task SendOnAsync(HttpContext context, Uri node, string reason)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping);
        using var request = Request(context.Request, node, reason);
        HttpResponseMessage response;
        try
        {
            var answer = _http.SendAsync(request, either.Token);
            if (reason == ToCoordinator && !await AnswersInOfficeAsync(answer, node, context.RequestAborted))
            {
                await either.CancelAsync();
                throw HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
                    ? new CoordinatorUnavailableException($"Node {_services.NodeName} got no answer from {node}, and the coordinator is not there any more.")
                    : NoAnswer(node, "the coordinator is not there any more");
            }

            response = await answer;
        }
        catch (HttpRequestException broken) when (broken.GetBaseException() is BadHttpRequestException ours)
        {
            // The asker's own body was at fault, and never went out whole.
            throw ours;
        }
        catch (HttpRequestException broken) when (broken.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError))
        {
            // It may have been heard: that is not to be mistaken for one that was not.
            throw NoAnswer(node, broken.Message);
        }
        catch (HttpRequestException unreachable)
        {
            throw new CoordinatorUnavailableException($"Node {_services.NodeName} cannot reach {node}: {unreachable.Message}", unreachable);
        }

        using (response)
        {
            context.Response.StatusCode = (int)response.StatusCode;
            foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
            {
                if (!NotSentOn.Contains(name) || name == "Content-Length") context.Response.Headers[name] = new StringValues([.. values]);
            }

            await using var body = await response.Content.ReadAsStreamAsync(either.Token);
            var buffer = new byte[BufferBytes];
            while (await body.ReadAsync(buffer, either.Token) is var read and > 0)
            {
                // What follows a session must not wait until there is more of it: what came is sent.
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), either.Token);
                await context.Response.Body.FlushAsync(either.Token);
            }
        }
    }

    /// <summary>Waits for the answer for as long as the coordinator is on that node: one whose host is frozen or cut off answers nobody, and takes no connection down either.</summary>
    /// <returns>False: there is none, and there is somebody else to ask, or nobody.</returns>
    private async Task<bool> AnswersInOfficeAsync(Task answer, Uri node, CancellationToken cancellationToken)
    {
        using var answered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (await Task.WhenAny(answer, Task.Delay(LookAgainAfter, _time, answered.Token)) != answer)
        {
            try
            {
                if (await _services.FindCoordinatorAsync(cancellationToken) == node) continue;
            }
            catch (CoordinatorUnavailableException)
            {
                // Nobody, then.
            }

            _ = answer.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return false;
        }

        await answered.CancelAsync();
        return true;
    }

    private ProblemException NoAnswer(Uri node, string why) =>
        new(new Problem("No answer", StatusCodes.Status502BadGateway, $"Node {_services.NodeName} got no answer from {node}: {why}"));

    private static bool IsOfCluster(PathString path) => path.StartsWithSegments("/api/sessions") || path.StartsWithSegments("/api/nodes");

    private static HttpRequestMessage Request(HttpRequest from, Uri node, string reason)
    {
        var request = new HttpRequestMessage(new HttpMethod(from.Method), new Uri(node, from.Path.ToUriComponent() + from.QueryString.ToUriComponent()));
        if (from.ContentLength is > 0 || from.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(from.Body);
            request.Content.Headers.ContentLength = from.ContentLength;
        }

        foreach (var (name, values) in from.Headers)
        {
            if (NotSentOn.Contains(name)) continue;
            if (!request.Headers.TryAddWithoutValidation(name, [.. values])) request.Content?.Headers.TryAddWithoutValidation(name, [.. values]);
        }

        request.Headers.TryAddWithoutValidation(Header, reason);
        return request;
    }
}
