using Orchestrator.Actors.Views;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Actors.Hosting;

/// <summary>
/// A node of a cluster as HTTP sees it. What concerns sessions is asked of the node on which the coordinator is: a request that comes
/// elsewhere is forwarded there (<see cref="FindCoordinatorAsync"/>).
/// </summary>
public interface INodeServices
{
    string NodeName { get; }

    /// <summary>Where the folders of this node's sessions are, each named by its session's id.</summary>
    string SessionsFolder { get; }

    /// <summary>Where this node's recordings wait until they are fetched, a folder a session.</summary>
    string SpoolsFolder { get; }

    /// <summary>Whether this node takes part in the cluster and can do its work.</summary>
    /// <param name="why">What is missing; null when it is ready.</param>
    bool IsReady(out string? why);

    /// <summary>Null: the coordinator is on this node; else the HTTP base address of the node that it is on.</summary>
    /// <exception cref="CoordinatorUnavailableException">Nobody is in office at the moment.</exception>
    Task<Uri?> FindCoordinatorAsync(CancellationToken cancellationToken);

    /// <summary>Opens a session; returns when it is admitted and its first event is persisted.</summary>
    /// <param name="plan">
    /// Its folder is in <see cref="SessionsFolder"/>. <see cref="SessionPlan.Launch"/> is null: each node launches as its own settings say.
    /// A launched target without a URL opens the sample page of its node.
    /// </param>
    /// <exception cref="SessionRefusedException">It was not admitted.</exception>
    /// <exception cref="AnswerMissingException">It may have been.</exception>
    /// <exception cref="CoordinatorUnavailableException">Nobody is in office at the moment.</exception>
    Task OpenAsync(SessionPlan plan, CancellationToken cancellationToken);

    /// <summary>Ends the window now; everything is flushed and kept. To ask again changes nothing.</summary>
    /// <exception cref="SessionNotOpenException">There is no such session, or it is over.</exception>
    Task EndAsync(string sessionId, CancellationToken cancellationToken);

    /// <summary>Gives the session up. To ask again changes nothing.</summary>
    /// <exception cref="SessionNotOpenException">There is no such session, or it is over.</exception>
    Task AbortAsync(string sessionId, string reason, CancellationToken cancellationToken);

    /// <summary>Sends a labelled marker to all browsers at once.</summary>
    /// <exception cref="SessionNotOpenException">There is no such session, its window is not open, or it is over.</exception>
    Task MarkAsync(string sessionId, string label, CancellationToken cancellationToken);

    /// <summary>
    /// The session as it is now, then as it changes; ends when the session has ended. A reader that is slower than the changes
    /// gets the latest one, and not each.
    /// </summary>
    /// <exception cref="SessionNotOpenException">There is no such session, or it is over; thrown when the first view is asked for.</exception>
    IAsyncEnumerable<SessionView> WatchAsync(string sessionId, CancellationToken cancellationToken);

    /// <summary>All sessions of the journal, oldest first; those that are open have no outcome.</summary>
    Task<IReadOnlyList<SessionSummary>> ListSessionsAsync(CancellationToken cancellationToken);

    /// <summary>What the journal tells of a session; null when there is none of this id.</summary>
    Task<SessionDocument?> ReadSessionAsync(string sessionId, CancellationToken cancellationToken);

    /// <summary>The session's events, in order; empty when there is none of this id.</summary>
    Task<IReadOnlyList<JournalEntry>> ReadEventsAsync(string sessionId, CancellationToken cancellationToken);

    /// <summary>The cluster as the coordinator knows it.</summary>
    /// <exception cref="CoordinatorUnavailableException">Nobody is in office at the moment.</exception>
    Task<ClusterStatus> StatusAsync(CancellationToken cancellationToken);
}

/// <summary>No coordinator is in office: it has just gone, and the next one is not there yet, or the cluster has lost its majority.</summary>
public sealed class CoordinatorUnavailableException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>It was asked for, and no answer came: whether it was done is not known. The message says of what.</summary>
public sealed class AnswerMissingException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The coordinator did not admit a session. The message says why.</summary>
public sealed class SessionRefusedException(string reason) : Exception(reason);

/// <summary>What was asked for needs a session that is open, and this one is not. The message says what it is instead.</summary>
public sealed class SessionNotOpenException(string message) : Exception(message);
