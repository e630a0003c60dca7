using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Orchestrator.Tracing.Merging.Report;

/// <summary>
/// A page that grows. What stands literally in <c>Add($"…")</c> is markup of ours; whatever stands in its holes is text, and
/// escaped: there is no way to add a string from outside as markup. What comes out is HTML and well-formed XML at once.
/// </summary>
internal sealed class Html
{
    private readonly StringBuilder _page = new();

    public Html Add([InterpolatedStringHandlerArgument("")] Markup markup)
    {
        // The handler has written already, piece by piece, as the arguments were evaluated.
        _ = markup;
        return this;
    }

    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(_page.ToString());

    /// <summary>Style and script that ship with the product; never anything else.</summary>
    public void AddOwn(string resource) => _page.Append(resource);

    private void Escape(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '&': _page.Append("&amp;"); break;
                case '<': _page.Append("&lt;"); break;
                case '>': _page.Append("&gt;"); break;
                case '"': _page.Append("&quot;"); break;
                case '\'': _page.Append("&#39;"); break;
                case var _ when char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]):
                    _page.Append(c).Append(text[++i]);
                    break;
                case var _ when IsUnfit(c): _page.Append('\uFFFD'); break;
                default: _page.Append(c); break;
            }
        }
    }

    /// <summary>Not allowed in XML, or apt to turn the text around it about (the Unicode directional controls).</summary>
    private static bool IsUnfit(char c) =>
        (char.IsControl(c) && c is not ('\n' or '\t')) || char.IsSurrogate(c) || c is '\uFFFE' or '\uFFFF'
        || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F' or '\u061C';

    [InterpolatedStringHandler]
    internal readonly ref struct Markup
    {
        private readonly Html _html;

        public Markup(int literalLength, int formattedCount, Html html)
        {
            _ = (literalLength, formattedCount);
            _html = html;
        }

        public void AppendLiteral(string markup) => _html._page.Append(markup);

        public void AppendFormatted(string? text) => _html.Escape(text);

        public void AppendFormatted<T>(T value, string? format = null)
            where T : IFormattable => _html.Escape(value.ToString(format, CultureInfo.InvariantCulture));
    }
}
