namespace Orchestrator.Host.Tests.EndToEnd;

/// <summary>Real browsers, one test at a time: they need the machine's cores.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EndToEndCollection : ICollectionFixture<RunningBrowser>
{
    public const string Name = "end to end";
}
