using System.Text.Json.Serialization;
using Orchestrator.Tracing.Recording;

namespace Orchestrator.Tracing.Sessions;

/// <summary>How a session ended. Every session ends in exactly one of these.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SessionOutcome>))]
public enum SessionOutcome
{
    /// <summary>Every browser's whole trace is on disk, and nothing was lost.</summary>
    [JsonStringEnumMemberName("complete")] Complete,

    /// <summary>Every browser's whole trace is on disk; at least one browser reported loss.</summary>
    [JsonStringEnumMemberName("completeWithLoss")] CompleteWithLoss,

    /// <summary>Some browsers' traces are on disk, others' are not.</summary>
    [JsonStringEnumMemberName("partial")] Partial,

    /// <summary>No trace, or fewer browsers took part than the session requires.</summary>
    [JsonStringEnumMemberName("failed")] Failed,

    /// <summary>It was given up on request.</summary>
    [JsonStringEnumMemberName("aborted")] Aborted,
}

public static class SessionOutcomes
{
    /// <summary>The outcome as session.json and people spell it.</summary>
    public static string Name(this SessionOutcome outcome)
    {
        var name = outcome.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    /// <summary>The outcome that a session's browsers add up to, when it was neither aborted nor given up early.</summary>
    public static SessionOutcome From(IReadOnlyCollection<BrowserOutcome> browsers)
    {
        var delivered = browsers.Count(outcome => outcome.Delivered());
        if (delivered == 0) return SessionOutcome.Failed;
        if (delivered < browsers.Count) return SessionOutcome.Partial;
        return browsers.Contains(BrowserOutcome.CompleteWithLoss) ? SessionOutcome.CompleteWithLoss : SessionOutcome.Complete;
    }
}
