using Microsoft.Extensions.Time.Testing;
using Orchestrator.Host.Views;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Views;

public class PlainDisplayTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly StringWriter _writer = new();

    private string[] Lines => _writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public async Task Each_new_phase_is_a_line()
    {
        await using var display = new PlainDisplay(_writer, _time);
        display.Show(View(SessionPhase.Preparing, Browser("b1", "connecting")));
        display.Show(View(SessionPhase.Preparing, Browser("b1", "idle")));
        display.Show(View(SessionPhase.Starting, Browser("b1", "starting")));
        display.Show(View(SessionPhase.Window, Browser("b1", "recording") with { BufferFill = 0.25 }));
        display.Show(View(SessionPhase.Flushing, Browser("b1", "flushing") with { Bytes = 2048 }));
        display.Show(View(SessionPhase.Ended, Browser("b1", "complete") with { Outcome = BrowserOutcome.Complete }));
        Assert.Equal(
            [
                "session s: preparing; 1 connecting",
                "session s: starting to record; 1 starting",
                "session s: recording, 10.0 s left; 1 recording; fullest buffer 25 % (b1)",
                "session s: flushing the traces to disk; 1 flushing; 2.0 KiB on disk",
                "session s: ended; 1 complete",
            ],
            Lines);
    }

    [Fact]
    public async Task A_session_whose_window_never_opened_is_given_up_not_flushed()
    {
        await using var display = new PlainDisplay(_writer, _time);
        display.Show(View(SessionPhase.Flushing, Browser("b1", "complete")) with { WindowOpenedAt = null });
        Assert.Equal(["session s: giving up; 1 complete"], Lines);
    }

    [Fact]
    public async Task Every_two_seconds_there_is_a_sign_of_life()
    {
        await using var display = new PlainDisplay(_writer, _time);
        display.Show(View(SessionPhase.Window, Browser("b1", "recording")));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(Lines);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("session s: recording, 8.0 s left; 1 recording", Lines[1]);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("session s: recording, 6.0 s left; 1 recording", Lines[2]);
    }

    [Fact]
    public async Task A_browser_that_falls_out_is_told_once_with_its_reason()
    {
        await using var display = new PlainDisplay(_writer, _time);
        var lost = Browser("b2", "complete") with { Outcome = BrowserOutcome.ConnectionLost, Reason = "it was killed" };
        display.Show(View(SessionPhase.Window, Browser("b1", "recording"), lost));
        display.Show(View(SessionPhase.Window, Browser("b1", "recording"), lost));
        Assert.Equal(["b2 connectionLost: it was killed", "session s: recording, 10.0 s left; 1 connectionLost, 1 recording"], Lines);
    }

    [Fact]
    public async Task After_its_end_it_is_silent()
    {
        var display = new PlainDisplay(_writer, _time);
        display.Show(View(SessionPhase.Window, Browser("b1", "recording")));
        await display.DisposeAsync();
        _time.Advance(TimeSpan.FromSeconds(10));
        display.Show(View(SessionPhase.Ended, Browser("b1", "complete")));
        Assert.Single(Lines);
    }

    private SessionView View(SessionPhase phase, params BrowserView[] browsers) =>
        new("s", phase, phase >= SessionPhase.Window ? _time.Start : null, TimeSpan.FromSeconds(10), browsers);

    private static BrowserView Browser(string name, string state) => new(name, state, null, 0, 0, null, null, null);
}
