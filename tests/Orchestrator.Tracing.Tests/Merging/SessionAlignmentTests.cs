using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Tests.Support;

namespace Orchestrator.Tracing.Tests.Merging;

public sealed class SessionAlignmentTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Sessions_of_one_boot_keep_their_instants_even_when_the_wall_clock_was_set_in_between()
    {
        var first = Session("s-1", Told.Timeline with { Domain = "boot/time" });
        var second = Session("s-2", Told.Timeline with { Domain = "boot/time", UtcAtZero = Told.Timeline.UtcAtZero.AddSeconds(20) });

        var placed = SessionAlignment.OnOneTimeline([first, second]);
        Assert.Equal((101 * Second, 106 * Second), placed[0].Window);
        Assert.Equal(placed[0].Window, placed[1].Window);
        Assert.Empty(placed[1].Problems);
        Assert.Equal(["b1", "b1 (2)"], placed.SelectMany(session => session.Browsers).Select(browser => browser.MergedName));
        var window = placed[1].Tracks.Lines[0].Slices.Single(slice => slice.Name == "window");
        Assert.Equal((101 * Second, 106 * Second), (window.FromNanos, window.UntilNanos));
    }

    [Fact]
    public void Sessions_of_two_machines_stand_where_their_wall_clocks_put_them_and_that_is_said()
    {
        var first = Session("s-1", Told.Timeline with { Domain = "one" });
        var second = Session("s-2", Told.Timeline with { Domain = "two", UtcAtZero = Told.Timeline.UtcAtZero.AddSeconds(20) });

        var placed = SessionAlignment.OnOneTimeline([first, second]);
        Assert.Equal((121 * Second, 126 * Second), placed[1].Window);
        Assert.Equal(21 * Second, placed[1].Browsers[0].Clock.ToTimeline(Second));
        Assert.Contains("wall clocks", Assert.Single(placed[1].Problems).Problem);
    }

    /// <summary>Its window opened 101 s after its time line's zero, and closed five seconds later.</summary>
    private static AlignedSession Session(string id, Timeline timeline)
    {
        var document = SessionDocument.Of(Told.Opened(1).After(Told.Ended("b1", BrowserOutcome.Complete))) with
        {
            SessionId = id, Timeline = timeline, WindowOpenedAt = timeline.ToUtc(101 * Second), WindowClosedAt = timeline.ToUtc(106 * Second), EndedAt = timeline.ToUtc(107 * Second),
        };
        var browser = new RecordedBrowser { Name = "b1", Document = document.Browsers[0], IsWhole = true };
        return new AlignedSession
        {
            Session = new RecordedSession { Folder = "/tmp/" + id, SessionId = id, Document = document, Timeline = timeline, Browsers = [browser], Problems = [] },
            Timeline = timeline,
            Browsers = [new AlignedBrowser(browser, null, RelatedClock.Shared) { MergedName = "b1" }],
            Problems = [],
        };
    }
}
