using System.Text.Json.Serialization;

namespace Orchestrator.Tracing.Recording;

/// <summary>How one browser's part of a session ended. Every browser of a session ends in exactly one of these.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BrowserOutcome>))]
public enum BrowserOutcome
{
    /// <summary>The whole trace is on disk and the browser reported no loss.</summary>
    [JsonStringEnumMemberName("complete")] Complete,

    /// <summary>The whole trace is on disk; the browser said that events were lost (<c>dataLossOccurred</c>).</summary>
    [JsonStringEnumMemberName("completeWithLoss")] CompleteWithLoss,

    /// <summary>The browser could not be reached, or would not start to record.</summary>
    [JsonStringEnumMemberName("refused")] Refused,

    /// <summary>The browser's process did not come up.</summary>
    [JsonStringEnumMemberName("launchFailed")] LaunchFailed,

    /// <summary>The connection broke before the trace was read to its end; Chromium then discards what was not read.</summary>
    [JsonStringEnumMemberName("connectionLost")] ConnectionLost,

    /// <summary>The trace did not arrive whole within the flush time-out. What came is kept as <c>*.partial</c>.</summary>
    [JsonStringEnumMemberName("flushTimedOut")] FlushTimedOut,

    /// <summary>What the browser sent is no trace, or could not be stored. What came is kept as <c>*.partial</c>.</summary>
    [JsonStringEnumMemberName("corrupt")] Corrupt,

    /// <summary>The process that held the connection ended.</summary>
    [JsonStringEnumMemberName("nodeLost")] NodeLost,

    /// <summary>The session was given up before this browser could finish.</summary>
    [JsonStringEnumMemberName("aborted")] Aborted,
}

public static class BrowserOutcomes
{
    /// <summary>True when the browser's whole trace is on disk.</summary>
    public static bool Delivered(this BrowserOutcome outcome) =>
        outcome is BrowserOutcome.Complete or BrowserOutcome.CompleteWithLoss;

    /// <summary>The outcome as session.json and people spell it.</summary>
    public static string Name(this BrowserOutcome outcome)
    {
        var name = outcome.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
