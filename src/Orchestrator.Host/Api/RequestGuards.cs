using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Orchestrator.Host.Api;

/// <summary>
/// Who may ask at all. A page that somebody's browser has open must not get to a node on the same machine: its <c>Origin</c> gives it away,
/// and where a name was made to point here (DNS rebinding), the <c>Host</c> does.
/// </summary>
internal sealed class RequestGuards(NodeHttpOptions options)
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _tokenHash = options.Token is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;

    public async Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        if (Refusal(context.Request) is not { } refusal)
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await next(context);
            return;
        }

        await refusal.WriteAsync(context);
    }

    private Problem? Refusal(HttpRequest request)
    {
        if (IPAddress.IsLoopback(options.Endpoint.Address) && !IsLoopback(request.Host.Host))
            return new Problem("Foreign host", StatusCodes.Status400BadRequest, "This node listens for its own machine only; ask it as localhost, 127.0.0.1 or [::1].");
        // Without a token or certificates a page could reach in by a name of its own that leads here (DNS rebinding).
        if (_tokenHash is null && request.HttpContext.Connection.ClientCertificate is null && !IPAddress.TryParse(request.Host.Host.Trim('[', ']'), out _) && !IsLoopback(request.Host.Host) && !request.Host.Host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase))
            return new Problem("Foreign host", StatusCodes.Status400BadRequest, $"This node has no token; ask it by its address, or as {Environment.MachineName}.");
        if (request.Headers.Origin is [var origin, ..] && origin != $"{request.Scheme}://{request.Host}")
            return new Problem("Foreign origin", StatusCodes.Status403Forbidden, "Pages of other origins may ask nothing here.");
        // Whoever came with a certificate is a node: no other was let in.
        if (_tokenHash is not null && request.HttpContext.Connection.ClientCertificate is null && !HealthEndpoints.IsProbe(request.Path) && !HasToken(request))
            return new Problem("No token", StatusCodes.Status401Unauthorized, "Send the cluster's token: Authorization: Bearer …");
        return null;
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    // Hashes have one length: how long the comparison takes tells nothing of the token.
    private bool HasToken(HttpRequest request) =>
        request.Headers.Authorization is [{ } given]
        && given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given[Scheme.Length..].Trim())), _tokenHash);
}
