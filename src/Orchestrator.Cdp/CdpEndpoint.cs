using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Text.Json;

namespace Orchestrator.Cdp;

/// <summary>What a WebSocket leads to.</summary>
public enum CdpEndpointKind
{
    /// <summary>The whole browser: all processes are in a trace.</summary>
    Browser,

    /// <summary>One page: a trace names its frames, which DevTools' Performance panel asks for.</summary>
    Page,
}

/// <summary>An address that a user gave, correct as text: <c>http(s)://host:port</c> or <c>ws(s)://host:port/devtools/(browser|page)/ID</c>.</summary>
public sealed record CdpEndpointAddress(Uri Url)
{
    public override string ToString() => Url.OriginalString;
}

/// <summary>Where a browser is reached.</summary>
public sealed record CdpEndpoint(Uri WebSocketUrl, CdpEndpointKind Kind)
{
    // Chromium's is about 400 bytes; whatever is larger is something else.
    private const int MaxVersionBytes = 64 << 10;
    private const string Examples = "such as http://127.0.0.1:9222 or ws://127.0.0.1:9222/devtools/browser/ID";

    /// <summary>Checks an address as text, before anything is started.</summary>
    /// <param name="error">What is wrong with it, and an example of a right one.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CdpEndpointAddress? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        error = Uri.TryCreate(text?.Trim(), UriKind.Absolute, out var url) ? Check(url) : "it is no address";
        if (error is not null)
        {
            error = $"'{text}' is no endpoint of a browser: {error}. An endpoint is an address {Examples}.";
            return false;
        }

        address = new CdpEndpointAddress(url!);
        return true;
    }

    /// <summary>Finds the WebSocket: an http address is asked for <c>/json/version</c>, a ws address is taken as it is.</summary>
    /// <param name="http">What asks; null: a client of its own, with no proxy.</param>
    /// <exception cref="CdpEndpointException">Nobody is there, or no DevTools endpoint.</exception>
    public static async Task<CdpEndpoint> ResolveAsync(CdpEndpointAddress address, HttpMessageInvoker? http, CancellationToken ct)
    {
        var url = address.Url;
        if (Check(url) is { } error)
            throw new CdpEndpointException($"{url.OriginalString} is no endpoint of a browser: {error}. An endpoint is an address {Examples}.");
        if (url.Scheme is "ws" or "wss")
            return new CdpEndpoint(url, KindOf(url)!.Value);

        using var own = http is null ? new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) : null;
        var version = await GetVersionAsync(url, http ?? own!, ct);
        if (!Uri.TryCreate(version.WebSocketDebuggerUrl, UriKind.Absolute, out var found) || KindOf(found) is not { } kind)
        {
            throw new CdpEndpointException(version.WebSocketDebuggerUrl is { } wrong
                ? $"{url} is no browser's DevTools endpoint: it names '{wrong}' as its WebSocket."
                : $"{url} is no browser's DevTools endpoint: its /json/version names no WebSocket (a Node.js debugger answers so).");
        }

        // A browser names itself as it sees itself; behind a forwarded port or a proxy only the user's own authority leads to it.
        var authority = url.GetComponents(UriComponents.HostAndPort, UriFormat.UriEscaped);
        return new CdpEndpoint(new Uri($"{(url.Scheme == "https" ? "wss" : "ws")}://{authority}{found.AbsolutePath}"), kind);
    }

    /// <returns>Null, or what is wrong.</returns>
    private static string? Check(Uri url)
    {
        if (url.Scheme is not ("http" or "https" or "ws" or "wss"))
            return $"'{url.Scheme}:' is none of http, https, ws and wss";
        if (url.Host.Length == 0)
            return "it names no host";
        if (url.UserInfo.Length > 0)
            return "a user name does not belong there";
        if (url.Query.Length > 0 || url.Fragment.Length > 0)
            return "nothing may stand behind '?' or '#'";
        if (!HasPort(url))
            return "it names no port (the browser's --remote-debugging-port)";
        if (url.Scheme is "ws" or "wss")
            return KindOf(url) is null ? "a WebSocket's path is /devtools/browser/ID or /devtools/page/ID" : null;
        return url.AbsolutePath == "/" ? null : $"an http address has no path, and '{url.AbsolutePath}' is one";
    }

    /// <summary>Whether a port was written, be it the scheme's own: browsers are at neither 80 nor 443, so leaving it out is a slip.</summary>
    private static bool HasPort(Uri url)
    {
        if (!url.IsDefaultPort)
            return true;
        var rest = url.OriginalString.AsSpan(url.OriginalString.IndexOf("//", StringComparison.Ordinal) + 2);
        var end = rest.IndexOfAny('/', '?', '#');
        return (end < 0 ? rest : rest[..end]).TrimEnd().EndsWith($":{url.Port}", StringComparison.Ordinal);
    }

    private static CdpEndpointKind? KindOf(Uri url)
    {
        if (url.Scheme is not ("ws" or "wss") || url.AbsolutePath.Split('/') is not ["", "devtools", var kind, { Length: > 0 }])
            return null;
        return kind switch
        {
            "browser" => CdpEndpointKind.Browser,
            "page" => CdpEndpointKind.Page,
            _ => null,
        };
    }

    private static async Task<JsonVersion> GetVersionAsync(Uri url, HttpMessageInvoker http, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, "/json/version"));
            using var response = await http.SendAsync(request, ct);
            if (!response.IsSuccessStatusCode)
                throw new CdpEndpointException(Explain(url, (int)response.StatusCode));
            return await ReadVersionAsync(url, response.Content, ct);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new CdpEndpointException(ExplainNoAnswer(url, e), e);
        }
    }

    private static async Task<JsonVersion> ReadVersionAsync(Uri url, HttpContent content, CancellationToken ct)
    {
        var bytes = new byte[MaxVersionBytes + 1];
        await using var body = await content.ReadAsStreamAsync(ct);
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
        if (length > MaxVersionBytes)
            throw new CdpEndpointException($"{url} is no DevTools endpoint: its /json/version is larger than {MaxVersionBytes} bytes.");
        try
        {
            return JsonSerializer.Deserialize(bytes.AsSpan(0, length), EnvelopeJsonContext.Default.JsonVersion) ?? new JsonVersion();
        }
        catch (JsonException e)
        {
            throw new CdpEndpointException($"{url} is no DevTools endpoint: its /json/version begins with '{CdpEnvelope.Excerpt(bytes.AsSpan(0, length))}'.", e);
        }
    }

    /// <summary>What to say when a connection brought no answer of HTTP: nobody is there, or somebody else.</summary>
    internal static string ExplainNoAnswer(Uri url, Exception e)
    {
        while (e is not SocketException && e.InnerException is { } inner)
            e = inner;
        var text = e.Message.TrimEnd('.');
        return e switch
        {
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } => $"{url} cannot be reached: nobody knows the host {url.Host} ({text}).",
            SocketException => $"{url} cannot be reached: {text}. Is the browser running, with --remote-debugging-port={url.Port}?",
            _ => $"{url} is no DevTools endpoint: it does not speak {url.Scheme} as it should ({text}).",
        };
    }

    private static string Explain(Uri url, int status) => status == 500
        ? $"{url} answers HTTP 500 for /json/version: Chromium lets in only those who call it by an address or localhost, not by another name."
        : $"{url} is no DevTools endpoint: it answers HTTP {status} for /json/version.";
}
