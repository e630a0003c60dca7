using Orchestrator.Actors.Tests.Support;

namespace Orchestrator.Host.Tests.EndToEnd.Cluster;

/// <summary>A test that needs what a cluster's journal needs: a PostgreSQL server.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute() => Skip = Postgres.Missing;
}

/// <inheritdoc cref="ClusterFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ClusterTheoryAttribute : TheoryAttribute
{
    public ClusterTheoryAttribute() => Skip = Postgres.Missing;
}

/// <summary>A test that needs a PostgreSQL server and a real browser.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ClusterWithChromiumFactAttribute : FactAttribute
{
    public ClusterWithChromiumFactAttribute() => Skip = Postgres.Missing ?? Chromium.WhyNone;
}
