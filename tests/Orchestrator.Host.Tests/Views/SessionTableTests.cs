using Orchestrator.Host.Hosting;
using Orchestrator.Host.Views;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Tests.Views;

public class SessionTableTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_few_browsers_are_a_table_with_a_row_each()
    {
        var text = Draw(View(SessionPhase.Window,
            Browser("b1", "recording") with { BufferFill = 0.5, Markers = 4, Product = "Chrome/156 [x]" },
            Browser("b2", "complete") with { Outcome = BrowserOutcome.Refused, Reason = "someone else records" }), Noon.AddSeconds(4));
        Assert.Contains("session s  recording, 6.0 s left", text);
        Assert.Contains("############..................", text);
        Assert.Contains("| b1      | recording | ######...... 50 % |       - |       4 | Chrome/156 [x]       |", text);
        Assert.Contains("| b2      | refused   | -                 |       - |       0 | someone else records |", text);
    }

    [Fact]
    public void Of_many_browsers_the_worst_are_shown_and_the_others_counted()
    {
        var browsers = Enumerable.Range(1, 60).Select(index => Browser($"b{index}", "recording") with { BufferFill = index / 100.0 }).ToArray();
        browsers[4] = browsers[4] with { Outcome = BrowserOutcome.ConnectionLost, Reason = "gone" };
        var text = Draw(View(SessionPhase.Window, browsers), Noon);
        Assert.Contains("59 recording, 1 connectionLost", text);
        Assert.Equal(8, text.Split('\n').Count(line => line.StartsWith("| b", StringComparison.Ordinal) && !line.Contains("browser")));
        Assert.Contains("gone", text);
        Assert.Contains("| b60 ", text);
        Assert.DoesNotContain("| b1 ", text);
    }

    [Fact]
    public void So_it_is_on_a_low_terminal() =>
        Assert.Contains("10 recording", Draw(View(SessionPhase.Window, [.. Enumerable.Range(1, 10).Select(index => Browser($"b{index}", "recording"))]), Noon, height: 12));

    [Fact]
    public void What_was_said_last_stands_below() => Assert.Contains("the end is [near]", Draw(View(SessionPhase.Flushing), Noon, notice: "the end is [near]"));

    [Theory]
    [InlineData(SessionPhase.Preparing, "preparing")]
    [InlineData(SessionPhase.Starting, "starting to record")]
    [InlineData(SessionPhase.Flushing, "flushing the traces to disk")]
    [InlineData(SessionPhase.Ended, "ended")]
    public void Every_phase_has_its_words(SessionPhase phase, string words) => Assert.Equal(words, SessionTable.Phase(View(phase), Noon));

    [Fact]
    public void The_time_left_is_never_negative() => Assert.Equal("recording, 0.0 s left", SessionTable.Phase(View(SessionPhase.Window), Noon.AddMinutes(1)));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1_572_864, "1.5 MiB")]
    [InlineData(5_368_709_120, "5.0 GiB")]
    public void Bytes_are_told_in_their_unit(long bytes, string text) => Assert.Equal(text, Figures.Bytes(bytes));

    [Theory]
    [InlineData(null, "-")]
    [InlineData(12.4, "12 µs")]
    [InlineData(1234.0, "1.2 ms")]
    [InlineData(2_345_678.0, "2.35 s")]
    public void Skews_are_told_in_their_unit(double? micros, string text) => Assert.Equal(text, Figures.Micros(micros));

    private static string Draw(SessionView view, DateTimeOffset now, int height = 40, string? notice = null)
    {
        using var writer = new StringWriter();
        Terminals.Over(writer, isTerminal: false).Write(SessionTable.Render(view, notice, now, height, unicode: false));
        return writer.ToString();
    }

    private static SessionView View(SessionPhase phase, params BrowserView[] browsers) => new("s", phase, Noon, TimeSpan.FromSeconds(10), browsers);

    private static BrowserView Browser(string name, string state) => new(name, state, null, 0, 0, null, null, null);
}
