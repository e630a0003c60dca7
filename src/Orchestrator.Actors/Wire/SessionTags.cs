using System.Collections.Immutable;
using Akka.Persistence.Journal;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Wire;

/// <summary>
/// Tags a session's first and last event, so that the history and the open sessions are found without reading every
/// session whole.
/// </summary>
public sealed class SessionTags : IWriteEventAdapter
{
    public const string Bounds = "session-bounds";

    public string Manifest(object evt) => "";

    public object ToJournal(object evt) =>
        evt is SessionEvent.Opened or SessionEvent.Ended ? new Tagged(evt, ImmutableHashSet.Create(Bounds)) : evt;
}
