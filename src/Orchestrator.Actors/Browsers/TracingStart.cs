using System.Text.Json;
using Orchestrator.Cdp.Protocol;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Browsers;

/// <summary>The parameters of <c>Tracing.start</c> in a plan, which keeps them as the JSON that is sent.</summary>
public static class TracingStart
{
    public static JsonElement ToJson(TracingStartParams parameters) =>
        JsonSerializer.SerializeToElement(parameters, CdpJsonContext.Default.TracingStartParams);

    /// <exception cref="JsonException">The plan's parameters are none that Tracing.start has.</exception>
    public static TracingStartParams Of(TracingPlan plan) =>
        plan.Start.Deserialize(CdpJsonContext.Default.TracingStartParams) ?? new TracingStartParams();
}
