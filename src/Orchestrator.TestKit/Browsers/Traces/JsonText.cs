using System.Buffers;

namespace Orchestrator.TestKit.Browsers.Traces;

/// <summary>Text into a JSON string, as Chromium does it for the answers of <c>IO.read</c>.</summary>
internal static class JsonText
{
    private static readonly SearchValues<byte> s_escaped = SearchValues.Create(
        [(byte)'"', (byte)'\\', .. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    private static readonly byte[] s_hex = "0123456789abcdef"u8.ToArray();

    /// <summary>An upper bound of what <see cref="Escape"/> writes.</summary>
    public static int MostBytes(ReadOnlySpan<byte> text)
    {
        // Nearly nothing has to be escaped but quotes and line ends; control characters, which take six bytes, are counted.
        var most = 2 * (long)text.Length;
        foreach (var one in text)
        {
            if (one < 32 && one != '\n') most += 4;
        }

        return (int)Math.Min(most, Array.MaxLength);
    }

    /// <returns>Bytes written.</returns>
    public static int Escape(ReadOnlySpan<byte> text, Span<byte> room)
    {
        var written = 0;
        while (true)
        {
            var plain = text.IndexOfAny(s_escaped);
            if (plain < 0) plain = text.Length;
            text[..plain].CopyTo(room[written..]);
            written += plain;
            if (plain == text.Length) return written;
            var one = text[plain];
            room[written++] = (byte)'\\';
            switch (one)
            {
                case (byte)'"' or (byte)'\\':
                    room[written++] = one;
                    break;
                case (byte)'\n':
                    room[written++] = (byte)'n';
                    break;
                default:
                    "u00"u8.CopyTo(room[written..]);
                    room[written + 3] = s_hex[one >> 4];
                    room[written + 4] = s_hex[one & 15];
                    written += 5;
                    break;
            }

            text = text[(plain + 1)..];
        }
    }
}
