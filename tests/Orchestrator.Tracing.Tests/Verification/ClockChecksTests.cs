using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Folders;
using Orchestrator.Tracing.Merging;
using Orchestrator.Tracing.Sessions;
using Orchestrator.Tracing.Tests.Merging;
using Orchestrator.Tracing.Verification;

namespace Orchestrator.Tracing.Tests.Verification;

public class ClockChecksTests
{
    private readonly AlignedSession _session = SampleSessions.Fine();

    [Fact]
    public void What_was_recorded_well_passes()
    {
        foreach (var browser in _session.Browsers)
        {
            Assert.True(ClockChecks.WellFormed(_session, browser).Ok);
            Assert.True(ClockChecks.Log(_session, browser).Ok);
            Assert.True(ClockChecks.Markers(_session, browser).Ok);
            Assert.True(ClockChecks.Causality(_session, browser).Ok);
        }
    }

    [Theory]
    [InlineData(2_000_000, "after")]
    [InlineData(-2_000_000, "before")]
    public void A_clock_that_puts_markers_where_they_cannot_be_breaks_causality(long shift, string told)
    {
        var measured = _session.Browsers[1];
        Assert.Equal(ClockRelation.Measured, measured.Clock.Relation);
        var check = ClockChecks.Causality(_session, measured with { Clock = measured.Clock.Shifted(shift) });
        Assert.False(check.Ok);
        Assert.Contains("break causality", check.Detail);
        Assert.Contains($"ns {told} it can have been written", check.Detail);
    }

    [Fact]
    public void A_clock_that_is_taken_for_the_time_lines_own_and_is_not_breaks_causality() =>
        Assert.False(ClockChecks.Causality(_session, _session.Browsers[1] with { Clock = RelatedClock.Shared }).Ok);

    [Fact]
    public void Where_nothing_is_claimed_nothing_can_be_wrong()
    {
        var check = ClockChecks.Causality(_session, _session.Browsers[1] with { Clock = RelatedClock.Unaligned(0, ["No marker says."]) });
        Assert.True(check.Ok);
        Assert.Contains("unaligned: No marker says", check.Detail);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_whole_trace_has_every_marker_and_what_came_before_a_failure_need_not(bool isWhole, bool ok)
    {
        var browser = _session.Browsers[1];
        var check = ClockChecks.Markers(_session, browser with
        {
            Recorded = browser.Recorded with { IsWhole = isWhole },
            Survey = browser.Survey! with { Markers = [.. browser.Survey!.Markers.SkipLast(1)] },
        });
        Assert.Equal(ok, check.Ok);
        Assert.Contains(browser.Survey!.Markers[^1].SyncId, check.Detail);
    }

    [Fact]
    public void A_trace_in_which_a_marker_stands_at_two_instants_is_named()
    {
        var browser = _session.Browsers[1];
        var twice = browser.Survey!.Markers[0] with { BrowserNanos = 1 };
        Assert.False(ClockChecks.Markers(_session, browser with { Survey = browser.Survey with { Markers = [.. browser.Survey.Markers, twice] } }).Ok);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_whole_trace_does_not_break_off_and_what_came_before_a_failure_may(bool isWhole, bool ok)
    {
        var browser = _session.Browsers[0];
        var check = ClockChecks.WellFormed(_session, browser with { Recorded = browser.Recorded with { IsWhole = isWhole }, Survey = browser.Survey! with { CutOff = "breaks off after 7 bytes" } });
        Assert.Equal(ok, check.Ok);
        Assert.Contains("breaks off after 7 bytes", check.Detail);
    }

    [Fact]
    public void A_log_of_another_session_or_browser_or_with_other_markers_is_named()
    {
        var browser = _session.Browsers[0];
        var log = browser.Recorded.Log!;
        Assert.Contains("session other", Of(log with { SessionId = "other" }));
        Assert.Contains("browser other", Of(log with { Browser = "other" }));
        Assert.Contains("markers, session.json says", Of(log with { Markers = [] }));
        Assert.Contains("missing", Of(null));

        string Of(RecordingLog? of)
        {
            var check = ClockChecks.Log(_session, browser with { Recorded = browser.Recorded with { Log = of } });
            Assert.False(check.Ok);
            return check.Detail;
        }
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(0, 1_000_000, true)]
    [InlineData(150_000, 200_000, true)]
    [InlineData(150_000, 0, false)]
    [InlineData(10_000_000, 0, false)]
    [InlineData(-10_000_000, 200_000, false)]
    [InlineData(0, -20_000, false)]
    public void Session_json_must_not_claim_more_of_a_clock_than_its_markers_bear_out(long off, long wider, bool ok)
    {
        var found = _session.ClockFacts[1];
        var claim = found with { OffsetNanos = found.OffsetNanos + off, BoundNanos = found.BoundNanos + wider };
        var browser = _session.Browsers[1];
        var check = ClockChecks.Claim(browser with { Recorded = browser.Recorded with { Document = browser.Recorded.Document! with { Clock = claim } } }, found);
        Assert.Equal(ok, check!.Ok);
    }

    [Fact]
    public void A_clock_that_was_measured_must_not_be_claimed_to_be_shared()
    {
        var found = _session.ClockFacts[1];
        var claim = found with { Relation = ClockRelation.Shared };
        var browser = _session.Browsers[1];
        Assert.False(ClockChecks.Claim(browser with { Recorded = browser.Recorded with { Document = browser.Recorded.Document! with { Clock = claim } } }, found)!.Ok);
    }

    [Fact]
    public void Without_a_claim_there_is_nothing_to_check() => Assert.Null(ClockChecks.Claim(_session.Browsers[1], new ClockFacts()));
}
