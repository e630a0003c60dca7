using System.Globalization;

namespace Orchestrator.Tracing.Merging.Report;

/// <summary>Numbers as people read them: three or four digits, and always the unit.</summary>
internal static class Units
{
    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>What stands where nothing is known.</summary>
    public const string Unknown = "–";

    /// <summary>A length of time: <c>340 ns</c>, <c>12.4 µs</c>, <c>3.00 s</c>.</summary>
    public static string Time(double nanos) => nanos < 0 ? "−" + Scaled(-nanos) : Scaled(nanos);

    /// <summary>The same with its sign: a difference.</summary>
    public static string Difference(double nanos) => nanos > 0 ? "+" + Scaled(nanos) : Time(nanos);

    /// <summary>A difference that may be large and has to be exact: from a second on, to the microsecond.</summary>
    public static string Offset(long nanos) => Math.Abs(nanos) < 1_000_000_000
        ? Difference(nanos)
        : string.Create(CultureInfo.InvariantCulture, $"{nanos / 1e9:+#,0.000000;−#,0.000000} s");

    /// <summary>Instants that stand below each other: always seconds, to the millisecond.</summary>
    public static string Seconds(long nanos) => string.Create(CultureInfo.InvariantCulture, $"{(nanos < 0 ? "−" : "")}{Math.Abs(nanos / 1e9):#,0.000} s");

    public static string Ppm(double ppm) => string.Create(CultureInfo.InvariantCulture, $"{ppm:+0.0;−0.0;0} ppm");

    public static string Bytes(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1024 && unit < ByteUnits.Length - 1) (value, unit) = (value / 1024, unit + 1);
        return unit == 0 ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B") : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {ByteUnits[unit]}");
    }

    public static string Percent(double fraction) => (fraction * 100).ToString(fraction is > 0 and < 0.01 ? "0.00" : "0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>A number that names something: no separators.</summary>
    public static string Plain(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Count(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary><c>1 browser</c>, <c>1,000 browsers</c>.</summary>
    public static string Count(long number, string one) => $"{Count(number)} {one}{(number == 1 ? "" : "s")}";

    public static string Utc(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture);

    private static string Scaled(double nanos)
    {
        var (value, unit) = nanos switch
        {
            < 1_000 => (nanos, "ns"),
            < 1_000_000 => (nanos / 1e3, "µs"),
            < 1_000_000_000 => (nanos / 1e6, "ms"),
            _ => (nanos / 1e9, "s"),
        };
        var digits = unit == "ns" ? "0" : value switch { < 10 => "0.00", < 100 => "0.0", _ => "#,0" };
        return value.ToString(digits, CultureInfo.InvariantCulture) + " " + unit;
    }
}
