namespace Orchestrator.Actors.Wire;

/// <summary>What is said between the processes of a cluster: it has a manifest in <see cref="WireSerializer"/>.</summary>
public interface IWireMessage;
