namespace Orchestrator.Actors.Hosting;

public abstract class JournalPlace
{
    public abstract bool IsShared { get; }
}
