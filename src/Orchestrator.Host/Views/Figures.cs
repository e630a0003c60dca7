using System.Globalization;
using Orchestrator.Tracing.Clocks;
using Orchestrator.Tracing.Recording;
using Orchestrator.Tracing.Sessions;

namespace Orchestrator.Host.Views;

/// <summary>How numbers, instants and outcomes look to people.</summary>
internal static class Figures
{
    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static string Bytes(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1024 && unit < ByteUnits.Length - 1) (value, unit) = (value / 1024, unit + 1);
        return unit == 0 ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B") : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {ByteUnits[unit]}");
    }

    /// <summary><c>1 browser</c>, <c>2 browsers</c>.</summary>
    public static string Count(int count, string one) => string.Create(CultureInfo.InvariantCulture, $"{count} {one}{(count == 1 ? "" : "s")}");

    public static string Percent(double? fraction) => fraction is { } share ? string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} %") : "-";

    public static string Micros(double? micros) => micros switch
    {
        null => "-",
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{micros:0} µs"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{micros / 1000:0.0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{micros / 1_000_000:0.00} s"),
    };

    /// <summary>The same, of few microseconds to a tenth.</summary>
    public static string Micros(TimeSpan span) => span.TotalMicroseconds < 10
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMicroseconds:0.0} µs")
        : Micros(span.TotalMicroseconds);

    /// <summary>How well a browser's clock is known: <c>same clock</c>, <c>± 34 µs</c> (the worst in the window), <c>unaligned</c>.</summary>
    public static string Clock(BrowserDocument browser) => browser switch
    {
        { File: null } => "-",
        { Clock: { Relation: ClockRelation.Measured, WorstBoundNanos: { } worst } } => $"± {Micros(Math.Ceiling(worst / 1000.0))}",
        { Clock.Relation: ClockRelation.Measured } => "stepped",
        _ => Relation(browser.Clock.Relation),
    };

    public static string Relation(ClockRelation relation) => relation switch
    {
        ClockRelation.Shared => "same clock",
        ClockRelation.Measured => "measured",
        _ => "unaligned",
    };

    /// <summary>A length of time, no finer than a tenth of a second.</summary>
    public static string Seconds(TimeSpan span) => span.TotalSeconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, span.TotalSeconds):0.0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min {span.Seconds} s");

    public static string Local(DateTimeOffset instant, TimeProvider time) =>
        TimeZoneInfo.ConvertTime(instant, time.LocalTimeZone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Outcome(SessionOutcome? outcome) => outcome?.Name() ?? "open";

    /// <summary>A colour that says the same as the word.</summary>
    public static string Colour(SessionOutcome? outcome) => outcome switch
    {
        SessionOutcome.Complete => "green",
        SessionOutcome.CompleteWithLoss or SessionOutcome.Partial => "yellow",
        null => "blue",
        _ => "red",
    };

    public static string Colour(BrowserOutcome? outcome) => outcome switch
    {
        BrowserOutcome.Complete => "green",
        BrowserOutcome.CompleteWithLoss => "yellow",
        null => "blue",
        _ => "red",
    };
}
