using System.Globalization;

namespace Orchestrator.Tracing.Sessions;

/// <summary>Durations as people write them: <c>250us</c>, <c>500ms</c>, <c>1.5s</c>, <c>2m</c>, <c>1h</c>.</summary>
public static class Durations
{
    private const decimal Longest = 366m * TimeSpan.TicksPerDay;

    // 'us' and 'ms' before 's': the longer unit is looked for first.
    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("us", TimeSpan.TicksPerMicrosecond), ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    /// <summary>Reads a number and its unit, up to 366 days; false when it is anything else.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var (unit, ticks) = Units.FirstOrDefault(candidate => text.EndsWith(candidate.Unit, StringComparison.Ordinal));
        if (unit is null) return false;
        var number = text.AsSpan(0, text.Length - unit.Length);
        if (number.IsEmpty || !char.IsAsciiDigit(number[0]) || !char.IsAsciiDigit(number[^1])
            || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || value > Longest / ticks) return false;
        duration = TimeSpan.FromTicks((long)(value * ticks));
        return true;
    }

    /// <summary>The shortest way to write it in one unit.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0s";
        var (unit, ticks) = Units.Last(candidate => duration.Ticks % candidate.Ticks == 0 || candidate.Unit == "us");
        return string.Create(CultureInfo.InvariantCulture, $"{(decimal)duration.Ticks / ticks:0.#}{unit}");
    }
}
