using Orchestrator.Actors.Artifacts;
using Orchestrator.Actors.Clocks;

namespace Orchestrator.Actors.Coordination;

/// <summary>One coordinator's term of office in a cluster.</summary>
/// <param name="Epoch">Its number; a later term has a higher one. Whatever has an effect is said in its name.</param>
/// <param name="Node">Where the coordinator runs.</param>
/// <param name="SessionsFolder">The folder of the sessions' folders.</param>
/// <param name="Transfer">Null: the nodes write to <paramref name="SessionsFolder"/> themselves.</param>
/// <param name="References">How this node's clock lies to those of coordinators before.</param>
public sealed record ClusterTerm(long Epoch, string Node, string SessionsFolder, ISpoolTransfer? Transfer, ReferenceClocks References)
{
    public string FolderOf(string sessionId) => Path.Combine(SessionsFolder, sessionId);
}
