using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Actors.Hosting;

namespace Orchestrator.Host.Api;

/// <summary><c>GET /api/nodes</c>: the cluster as its coordinator knows it.</summary>
internal static class ClusterEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, INodeServices services) => routes.MapGet("/api/nodes", (RequestDelegate)(async context =>
        await Answers.JsonAsync(context, await services.StatusAsync(context.RequestAborted), ApiJson.Default.ClusterStatus)));
}
