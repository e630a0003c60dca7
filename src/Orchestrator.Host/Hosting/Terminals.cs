using System.Text;
using Spectre.Console;

namespace Orchestrator.Host.Hosting;

/// <summary>Consoles over writers. NO_COLOR is Spectre's to obey.</summary>
internal static class Terminals
{
    // What is no terminal has no edge to wrap at.
    private const int WidthOfFiles = 1000;
    private const int UsualWidth = 80;
    private const int UsualHeight = 24;

    public static IAnsiConsole Over(TextWriter writer, bool isTerminal) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new Output(writer, isTerminal),
        Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
        ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
    });

    private sealed class Output(TextWriter writer, bool isTerminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;
        public bool IsTerminal => isTerminal;
        public int Width => isTerminal ? Measured(() => Console.WindowWidth, UsualWidth) : WidthOfFiles;
        public int Height => isTerminal ? Measured(() => Console.WindowHeight, UsualHeight) : UsualHeight;

        public void SetEncoding(Encoding encoding)
        {
            // Both streams are UTF-8 from the start.
        }

        // A terminal that was closed, or one without a size, answers zero or not at all.
        private static int Measured(Func<int> measure, int usual)
        {
            try
            {
                return measure() is > 0 and var size ? size : usual;
            }
            catch (IOException)
            {
                return usual;
            }
        }
    }
}

/// <summary>Writes as long as somebody reads, and says nothing when nobody does.</summary>
internal sealed class UnbreakableWriter(TextWriter writer) : TextWriter
{
    public override Encoding Encoding => writer.Encoding;

    public override void Write(char value) => Try(() => writer.Write(value));

    public override void Write(string? value) => Try(() => writer.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => writer.Write(buffer, index, count));

    public override void WriteLine(string? value) => Try(() => writer.WriteLine(value));

    public override void Flush() => Try(writer.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
            // The terminal was closed.
        }
    }
}
