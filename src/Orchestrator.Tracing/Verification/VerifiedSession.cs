namespace Orchestrator.Tracing.Verification;

/// <summary>What was checked of a session's folder, and what came of it.</summary>
public sealed record VerifiedSession
{
    /// <summary>Absolute.</summary>
    public required string Folder { get; init; }

    public required string SessionId { get; init; }

    /// <summary>In the order of the folder's files: session.json, the browsers', the nodes', the merged ones.</summary>
    public required IReadOnlyList<Check> Checks { get; init; }

    public bool IsOk => Checks.All(check => check.Ok);
}

/// <summary>One thing that must hold.</summary>
/// <param name="File">The file that it is about, relative to the session's folder.</param>
/// <param name="What">What was checked: <c>hash</c>, <c>markers</c>, <c>bounds</c>, …</param>
/// <param name="Detail">What was found; of a check that failed, what is wrong and what to do. In a sentence's middle.</param>
public sealed record Check(string File, string What, bool Ok, string Detail);
