using System.Diagnostics.CodeAnalysis;

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
    /// <summary>Checks an address as text, before anything is started.</summary>
    /// <param name="error">What is wrong with it, and an example of a right one.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out CdpEndpointAddress? address, [NotNullWhen(false)] out string? error) => throw new NotImplementedException();

    /// <summary>Finds the WebSocket: an http address is asked for <c>/json/version</c>, a ws address is taken as it is.</summary>
    /// <param name="http">What asks; null: a client of its own, with no proxy.</param>
    /// <exception cref="CdpEndpointException">Nobody is there, or no DevTools endpoint.</exception>
    public static Task<CdpEndpoint> ResolveAsync(CdpEndpointAddress address, HttpMessageInvoker? http, CancellationToken ct) => throw new NotImplementedException();
}
