using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Host.Tests.EndToEnd.Cluster;

/// <summary>A test that needs hosts of its own (<see cref="HostNetwork"/>), other clocks on them, a PostgreSQL server and a real browser.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class HostsFactAttribute : FactAttribute
{
    public HostsFactAttribute() => Skip = Postgres.Missing ?? Chromium.WhyNone ?? HostNetwork.Missing;
}

/// <inheritdoc cref="HostsFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class HostsTheoryAttribute : TheoryAttribute
{
    public HostsTheoryAttribute() => Skip = Postgres.Missing ?? Chromium.WhyNone ?? HostNetwork.Missing;
}
