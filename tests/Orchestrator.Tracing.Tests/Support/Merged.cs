using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Formats;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Tracing.Tests.Support;

/// <summary>Sessions that are ready to be merged, for tests.</summary>
internal static class Merged
{
    public static readonly Timeline Timeline = new("monotonic", "node-1", new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero).AddTicks(1_234_567));

    /// <summary>A clock of one offset and rate, told at the instant <paramref name="mid"/> of the browser's clock.</summary>
    public static RelatedClock Clock(long mid, long offset, double rate) => Clock(new ClockStretch(long.MaxValue, mid, offset, rate));

    public static RelatedClock Clock(params ClockStretch[] stretches) =>
        RelatedClock.Measured(stretches, [new RelatedClock.Certainty(long.MaxValue, [FeasibleRegion.Of(new ClockBracket(0, 0, 1000))])], []);

    public static AlignedBrowser Browser(TemporaryFolder folder, string name, byte[] trace, RelatedClock clock, string? file = null)
    {
        var path = folder.Write(Path.Combine("browsers", file ?? "trace-" + Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(name[..Math.Min(20, name.Length)]))), trace);
        TraceSurvey? survey = null;
        try
        {
            using var input = TraceInput.Open(path);
            survey = input.Format is TraceFormat.Proto
                ? ProtoTraceReader.Survey(input, null, default)
                : new TraceSurvey { Format = TraceFormat.Json, Markers = [], Events = 0, ExpandedBytes = trace.Length };
        }
        catch (NotATraceException)
        {
        }

        return new AlignedBrowser(new RecordedBrowser { Name = name, TracePath = path, IsWhole = true }, survey, clock) { MergedName = name };
    }

    public static AlignedSession Session(TemporaryFolder folder, string id, IReadOnlyList<AlignedBrowser> browsers, params TrackLine[] lines) => new()
    {
        Session = new RecordedSession { Folder = folder.Path, SessionId = id, Browsers = [.. browsers.Select(browser => browser.Recorded)], Problems = [] },
        Timeline = Timeline,
        Browsers = browsers,
        Tracks = new SessionTracks(id, lines),
        Problems = [],
    };
}
