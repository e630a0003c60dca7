using System.Text;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Host.Tests.EndToEnd;
using Orchestrator.Host.Views;
using Orchestrator.Tracing.Sessions;
using Spectre.Console;

namespace Orchestrator.Host.Tests.Views;

public class TerminalDisplayTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly LockedWriter _writer = new();

    [Fact]
    public async Task The_picture_is_drawn_again_and_what_was_said_stays()
    {
        var display = new TerminalDisplay(Console(), _time);
        display.Say("before");
        Assert.StartsWith("before", _writer.ToString());
        display.Show(View(SessionPhase.Preparing));
        await Patience.UntilAsync(() => _writer.ToString().Contains("preparing", StringComparison.Ordinal), "it was drawn");
        display.Show(View(SessionPhase.Flushing));
        display.Say("meanwhile");
        await Patience.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(200));
                return _writer.ToString().Contains("flushing the traces", StringComparison.Ordinal);
            },
            "it was drawn again");
        await display.DisposeAsync();
        Assert.EndsWith("meanwhile", _writer.ToString().TrimEnd());
    }

    [Fact]
    public async Task Nothing_to_show_is_nothing_drawn()
    {
        await new TerminalDisplay(Console(), _time).DisposeAsync();
        Assert.Equal("", _writer.ToString());
    }

    [Fact]
    public async Task After_its_end_nothing_is_drawn()
    {
        var display = new TerminalDisplay(Console(), _time);
        await display.DisposeAsync();
        display.Show(View(SessionPhase.Ended));
        Assert.Equal("", _writer.ToString());
    }

    private IAnsiConsole Console() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(_writer),
        Ansi = AnsiSupport.Yes,
        ColorSystem = ColorSystemSupport.NoColors,
        Interactive = InteractionSupport.Yes,
    });

    private SessionView View(SessionPhase phase) =>
        new("s", phase, phase >= SessionPhase.Window ? _time.GetUtcNow() : null, TimeSpan.FromSeconds(10), [new BrowserView("b1", "idle", null, 0, 0, null, null, null)]);

    private sealed class LockedWriter : TextWriter
    {
        private readonly StringBuilder _text = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            lock (_text) _text.Append(value);
        }

        public override void Write(string? value)
        {
            lock (_text) _text.Append(value);
        }

        public override string ToString()
        {
            lock (_text) return _text.ToString();
        }
    }
}
