using System.Text;
using Orchestrator.Host.Hosting;
using Spectre.Console;

namespace Orchestrator.Host.Tests.Hosting;

public class TerminalsTests
{
    [Fact]
    public void What_is_no_terminal_is_neither_coloured_nor_wrapped()
    {
        using var writer = new StringWriter();
        Terminals.Over(writer, isTerminal: false).Write(new Markup("[red]" + new string('x', 500) + "[/]"));
        Assert.Equal(new string('x', 500), writer.ToString());
    }

    [Fact]
    public void A_terminal_that_was_closed_breaks_nothing()
    {
        using var writer = new UnbreakableWriter(new ClosedTerminal());
        writer.WriteLine("a line");
        writer.Write('c');
        writer.Write("text");
        writer.Write(['a', 'b'], 0, 2);
        writer.Flush();
        Terminals.Over(writer, isTerminal: true).WriteLine("more");
    }

    private sealed class ClosedTerminal : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw new IOException("Input/output error");

        public override void Write(string? value) => throw new IOException("Input/output error");

        public override void Flush() => throw new IOException("Input/output error");
    }
}
