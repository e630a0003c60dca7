using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Orchestrator.Tracing.Formats;

/// <summary>
/// Instants as JSON traces write them, decimal microseconds (or seconds), to whole nanoseconds and back. No double is involved:
/// after 104 days of uptime it would no longer tell nanoseconds apart.
/// </summary>
internal static class JsonTime
{
    /// <summary>The longest that <see cref="WriteMicros"/> and <see cref="WriteSeconds"/> write.</summary>
    public const int MostBytes = 24;

    private const int MicroDigits = 3;
    private const int SecondDigits = 9;

    // Some 146 years; offsets can be added to it without an overflow.
    private const long MostNanos = 1L << 62;

    /// <summary>Reads a JSON number, or a string that holds one, of microseconds; rounds to nanoseconds.</summary>
    public static bool TryReadMicros(ReadOnlySpan<byte> text, out long nanos) => TryRead(text, MicroDigits, out nanos);

    /// <inheritdoc cref="TryReadMicros"/>
    public static bool TryReadSeconds(ReadOnlySpan<byte> text, out long nanos) => TryRead(text, SecondDigits, out nanos);

    /// <summary>Writes microseconds with as few decimals as tell the nanoseconds exactly.</summary>
    public static int WriteMicros(long nanos, Span<byte> to) => Write(nanos, MicroDigits, 1000, to);

    /// <inheritdoc cref="WriteMicros"/>
    public static int WriteSeconds(long nanos, Span<byte> to) => Write(nanos, SecondDigits, 1_000_000_000, to);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryRead(ReadOnlySpan<byte> text, int digits, out long nanos)
    {
        if (text is [(byte)'"', .. var inner, (byte)'"']) text = inner;
        var at = 0;
        var negative = text is [(byte)'-', ..];
        if (negative) at++;
        long value = 0;
        var begin = at;
        for (; at < text.Length && char.IsAsciiDigit((char)text[at]); at++)
        {
            if (value > MostNanos / 10) return TryReadAny(text, digits, out nanos);
            value = value * 10 + (text[at] - '0');
        }

        nanos = 0;
        if (at == begin) return false;
        var fraction = 0;
        if (at < text.Length && text[at] == '.')
        {
            for (at++; at < text.Length && char.IsAsciiDigit((char)text[at]) && fraction < digits; at++, fraction++)
            {
                if (value > MostNanos / 10) return false;
                value = value * 10 + (text[at] - '0');
            }
        }

        // More decimals than nanoseconds have, an exponent, or no number at all.
        if (at < text.Length) return TryReadAny(text, digits, out nanos);
        for (; fraction < digits; fraction++)
        {
            if (value > MostNanos / 10) return false;
            value *= 10;
        }

        nanos = negative ? -value : value;
        return value <= MostNanos;
    }

    private static bool TryReadAny(ReadOnlySpan<byte> text, int digits, out long nanos)
    {
        nanos = 0;
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value)) return false;
        var scale = digits == MicroDigits ? 1000m : 1_000_000_000m;
        if (Math.Abs(value) > MostNanos / scale) return false;
        nanos = (long)Math.Round(value * scale, MidpointRounding.AwayFromZero);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Write(long nanos, int digits, long scale, Span<byte> to)
    {
        var (whole, rest) = Math.DivRem(Math.Abs(nanos), scale);
        var length = 0;
        if (nanos < 0) to[length++] = (byte)'-';
        Utf8Formatter.TryFormat(whole, to[length..], out var written);
        length += written;
        if (rest == 0) return length;
        to[length++] = (byte)'.';
        for (var digit = digits - 1; digit >= 0; digit--)
        {
            to[length + digit] = (byte)('0' + rest % 10);
            rest /= 10;
        }

        length += digits;
        while (to[length - 1] == '0') length--;
        return length;
    }
}
