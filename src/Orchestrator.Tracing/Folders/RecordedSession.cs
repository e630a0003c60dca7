using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Folders;

/// <summary>A session's folder as it is found on disk, whole or cut off.</summary>
public sealed record RecordedSession
{
    /// <summary>Absolute.</summary>
    public required string Folder { get; init; }

    public required string SessionId { get; init; }

    /// <summary>session.json; null where it is missing or cannot be read.</summary>
    public SessionDocument? Document { get; init; }

    /// <summary>The clock that the session's instants are told on; null when no file of the folder tells.</summary>
    public Timeline? Timeline { get; init; }

    /// <summary>In the order of session.json; where that is missing, in the order of their names.</summary>
    public required IReadOnlyList<RecordedBrowser> Browsers { get; init; }

    /// <summary>What was measured of the nodes' clocks, one for each file, in the order of their names.</summary>
    public IReadOnlyList<RecordedNodeClock> NodeClocks { get; init; } = [];

    /// <summary>What is wrong with the folder.</summary>
    public required IReadOnlyList<FolderProblem> Problems { get; init; }
}

/// <summary>One browser's files.</summary>
public sealed record RecordedBrowser
{
    public required string Name { get; init; }

    /// <summary>Its part of session.json; null where there is none.</summary>
    public BrowserDocument? Document { get; init; }

    /// <summary>The absolute path of its trace; null when there is no such file.</summary>
    public string? TracePath { get; init; }

    /// <summary>False: the file's name says that it holds what came before a failure.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Null where the file is missing or cannot be read.</summary>
    public RecordingLog? Log { get; init; }
}

/// <param name="File">Relative to the session's folder, with forward slashes.</param>
/// <param name="Node">As the file is called.</param>
/// <param name="Log">Null where it cannot be read.</param>
public sealed record RecordedNodeClock(string File, string Node, NodeClockLog? Log);

/// <param name="File">The file, relative to the session's folder; empty for the folder itself.</param>
/// <param name="Problem">What is wrong and what to do.</param>
public sealed record FolderProblem(string File, string Problem)
{
    public override string ToString() => File.Length == 0 ? Problem : $"{File}: {Problem}";
}
