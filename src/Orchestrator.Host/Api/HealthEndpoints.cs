using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Actors.Hosting;

namespace Orchestrator.Host.Api;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: it takes part in the cluster and can do its work.</summary>
internal static class HealthEndpoints
{
    private const string Health = "/healthz";
    private const string Ready = "/readyz";

    public static bool IsProbe(PathString path) => path == Health || path == Ready;

    public static void Map(IEndpointRouteBuilder routes, INodeServices services)
    {
        routes.MapGet(Health, (RequestDelegate)(context => context.Response.WriteAsync("ok\n", context.RequestAborted)));
        routes.MapGet(Ready, (RequestDelegate)(context => services.IsReady(out var why)
            ? context.Response.WriteAsync("ready\n", context.RequestAborted)
            : new Problem("Not ready", StatusCodes.Status503ServiceUnavailable, why).WriteAsync(context)));
    }
}
