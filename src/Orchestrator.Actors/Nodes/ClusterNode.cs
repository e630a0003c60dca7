using Orchestrator.Actors.Artifacts;
using Orchestrator.Actors.Clocks;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Nodes;

/// <summary>What a node of a cluster has, and one that is alone in its process has not.</summary>
/// <param name="Spools">Where its recordings go, and what is known of them.</param>
/// <param name="Launch">How browsers are launched here, whatever a plan says; null: none are.</param>
/// <param name="SamplePage">The URL, here, of the page that browsers open when no other is named.</param>
public sealed record ClusterNode(SpoolFolders Spools, ReferenceClocks References, LaunchPlan? Launch, string SamplePage)
{
    /// <summary>True: its recordings go to the sessions' own folders, which all nodes share; what is known of them is kept here all the same.</summary>
    public bool IsFolderShared { get; init; }
}
