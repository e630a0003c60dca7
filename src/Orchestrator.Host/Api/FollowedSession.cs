using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Api;

/// <summary>A running session as its followers get it: whole at first, then what has changed.</summary>
/// <param name="Browsers">All of them, in the order of the plan; in a change those that have changed.</param>
internal sealed record FollowedSession(
    string SessionId, SessionPhase Phase, DateTimeOffset? WindowOpenedAt, double DurationSeconds, IReadOnlyList<BrowserView> Browsers, FollowedMerge? Merge)
{
    public const string Snapshot = "snapshot";
    public const string Change = "change";
    public const string End = "end";

    /// <param name="before">What the follower has already; null: nothing.</param>
    public static FollowedSession Of(SessionView now, SessionView? before) => new(
        now.SessionId, now.Phase, now.WindowOpenedAt, now.Duration.TotalSeconds,
        before is null ? now.Browsers : [.. now.Browsers.Where((browser, place) => place >= before.Browsers.Count || browser != before.Browsers[place])],
        now.Merge is { } merge ? new FollowedMerge(merge.Doing, merge.BytesDone, merge.BytesTotal) : null);

    /// <summary>The session as it is by now.</summary>
    /// <param name="before">What was known of it; null before the first.</param>
    public SessionView Onto(SessionView? before)
    {
        var browsers = Browsers;
        if (before is not null)
        {
            var changed = Browsers.ToDictionary(browser => browser.Name, StringComparer.Ordinal);
            browsers = [.. before.Browsers.Select(browser => changed.GetValueOrDefault(browser.Name, browser))];
        }

        return new SessionView(
            SessionId, Phase, WindowOpenedAt, TimeSpan.FromSeconds(DurationSeconds), browsers,
            Merge is { } merge ? new MergeProgress(merge.Doing, merge.BytesDone, merge.BytesTotal) : null);
    }
}

/// <inheritdoc cref="MergeProgress"/>
internal sealed record FollowedMerge(string Doing, long BytesDone, long BytesTotal);

/// <summary>The last thing that followers get.</summary>
internal sealed record FollowedEnd(SessionOutcome? Outcome, string? Reason);
