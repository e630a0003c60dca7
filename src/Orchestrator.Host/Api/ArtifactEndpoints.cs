using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Actors.Hosting;
using Orchestrator.Host.CommandLine;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Api;

/// <summary><c>/api/sessions/{id}/artifacts</c>: the files of a session, and which there are. What its document does not tell of is not handed out.</summary>
internal sealed class ArtifactEndpoints(INodeServices services, Forwarding forwarding)
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/sessions/{id}/artifacts", (RequestDelegate)ListAsync);
        routes.MapMethods("/api/sessions/{id}/artifacts/{**name}", Methods, (RequestDelegate)ReadAsync);
    }

    private async Task ListAsync(HttpContext context)
    {
        var document = await SessionEndpoints.DocumentAsync(services, Answers.SessionId(context), context.RequestAborted);
        if (await IsElsewhereAsync(context, document)) return;
        var there = Names(document)
            .Select(named => (named.Name, named.Sha256, File: new FileInfo(Path.Combine(Folder(document), named.Name))))
            .Where(named => named.File is { Exists: true, LinkTarget: null })
            .Select(named => new Artifact(named.Name, named.File.Length, named.Sha256));
        await Answers.JsonAsync(context, (IReadOnlyList<Artifact>)[.. there], ApiJson.Default.IReadOnlyListArtifact);
    }

    private async Task ReadAsync(HttpContext context)
    {
        var name = (string?)context.Request.RouteValues["name"] ?? "";
        var document = await SessionEndpoints.DocumentAsync(services, Answers.SessionId(context), context.RequestAborted);
        if (await IsElsewhereAsync(context, document)) return;
        if (Names(document).All(named => named.Name != name)
            || PathsInside.Find(Folder(document), name) is not { } path
            || !await Answers.FileAsync(context, path, ContentType(context, name)))
            throw new ProblemException(new Problem("No such artifact", StatusCodes.Status404NotFound, $"Session {document.SessionId} has no file {UsageErrors.Shown(name)}; GET /api/sessions/{document.SessionId}/artifacts lists those that there are."));
    }

    /// <summary>Sends the request on to the node that has the session's folder, when that is another one.</summary>
    private async Task<bool> IsElsewhereAsync(HttpContext context, SessionDocument document)
    {
        if (context.Request.Headers[Forwarding.Header] == Forwarding.ToFolder || document.MergedOn is not { } name || name == services.NodeName) return false;
        // A folder that all nodes share; one that an earlier coordinator left unfinished has no document.
        if (File.Exists(Path.Combine(Folder(document), RecordedSessions.DocumentName))) return false;
        var cluster = await services.StatusAsync(context.RequestAborted);
        if (cluster.Nodes.FirstOrDefault(node => node.Name == name) is not { Http: { } address })
            throw new ProblemException(new Problem("Its node is away", StatusCodes.Status503ServiceUnavailable, $"The folder of session {document.SessionId} is on node {name}, which is not in the cluster now, or has no HTTP server."));
        await forwarding.SendOnAsync(context, address, Forwarding.ToFolder);
        return true;
    }

    private string Folder(SessionDocument document) => Path.Combine(services.SessionsFolder, document.SessionId);

    /// <summary>The files that a session has or may have, with their hashes as far as its document tells them.</summary>
    private static IEnumerable<(string Name, string? Sha256)> Names(SessionDocument document)
    {
        foreach (var browser in document.Browsers)
        {
            if (browser.File is { } file) yield return (file, browser.Sha256);
            yield return ($"{RecordedSessions.BrowsersFolder}/{browser.Name}{RecordingLog.Suffix}", null);
        }

        foreach (var node in document.Browsers.Select(browser => browser.Node).OfType<string>().Where(NodeClockLog.IsName).Distinct(StringComparer.Ordinal)) yield return (NodeClockLog.FileOf(node), null);
        foreach (var merged in document.Merged) yield return (merged.File, merged.Sha256);
        yield return (HtmlReport.FileName, null);
        yield return (RecordedSessions.DocumentName, null);
    }

    private static string ContentType(HttpContext context, string name)
    {
        if (name.EndsWith(".json", StringComparison.Ordinal)) return "application/json";
        if (!name.EndsWith(".html", StringComparison.Ordinal)) return "application/octet-stream";
        // It stands under this node's origin, and names pages that were recorded: it must not be able to ask anything here.
        context.Response.Headers.ContentSecurityPolicy = "sandbox allow-scripts";
        return "text/html; charset=utf-8";
    }
}
