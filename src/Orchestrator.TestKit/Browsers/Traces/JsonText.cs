namespace Orchestrator.TestKit.Browsers.Traces;

/// <summary>Text into a JSON string, as Chromium does it for the answers of <c>IO.read</c>.</summary>
internal static class JsonText
{
    private const byte Hex = 2;

    private static readonly byte[] s_digits = "0123456789abcdef"u8.ToArray();

    // For each byte: whether a backslash stands before it, and what stands behind that.
    private static readonly byte[] s_escapes = [.. Enumerable.Range(0, 256).Select(one => (char)one switch
    {
        '"' or '\\' or '\n' => (byte)1,
        < ' ' => Hex,
        _ => (byte)0,
    })];

    private static readonly byte[] s_written = [.. Enumerable.Range(0, 256).Select(one => one == '\n' ? (byte)'n' : (byte)one)];

    /// <summary>An upper bound of what <see cref="Escape"/> writes.</summary>
    public static int MostBytes(ReadOnlySpan<byte> text)
    {
        // Nearly nothing has to be escaped but quotes and line ends; control characters, which take six bytes, are counted.
        var most = 2 * (long)text.Length + 1;
        foreach (var one in text)
        {
            if (one < 32 && one != '\n') most += 4;
        }

        return (int)Math.Min(most, Array.MaxLength);
    }

    /// <returns>Bytes written.</returns>
    public static int Escape(ReadOnlySpan<byte> text, Span<byte> room)
    {
        var escapes = s_escapes.AsSpan(0, 256);
        var mapped = s_written.AsSpan(0, 256);
        var written = 0;
        foreach (var one in text)
        {
            // Every tenth byte of a trace is a quote, at places that no processor foresees: no branch depends on it.
            var escape = escapes[one];
            if (escape == Hex)
            {
                "\\u00"u8.CopyTo(room[written..]);
                room[written + 4] = s_digits[one >> 4];
                room[written + 5] = s_digits[one & 15];
                written += 6;
                continue;
            }

            room[written] = (byte)'\\';
            written += escape;
            room[written++] = mapped[one];
        }

        return written;
    }
}
