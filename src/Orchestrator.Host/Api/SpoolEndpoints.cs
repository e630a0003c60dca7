using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Actors.Artifacts;
using Orchestrator.Tracing.Folders;

namespace Orchestrator.Host.Api;

/// <summary><c>GET /spools/{session}/{path}</c>: this node's recordings, for the node that merges them.</summary>
internal static class SpoolEndpoints
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes, string folder) => routes.MapMethods("/spools/{id}/{**path}", Methods, (RequestDelegate)(async context =>
    {
        var path = (string?)context.Request.RouteValues["path"] ?? "";
        // What grows has no name yet. The path is decoded by now: what leads out of the folder is seen, however it was written.
        if (PathsInside.Find(Path.Combine(folder, Answers.SessionId(context)), path) is not { } file
            || file.EndsWith(WholeFile.GrowingSuffix, StringComparison.Ordinal)
            || !await Answers.FileAsync(context, file, "application/octet-stream"))
            throw new ProblemException(new Problem("No such file", StatusCodes.Status404NotFound));
    }));
}
