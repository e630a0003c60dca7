using System.Globalization;

namespace Orchestrator.Tracing.Merging.Report;

/// <summary>
/// Instants along a plot. Pictures are stretched to the page's width, so x counts from 0 to <see cref="Width"/> inside what is
/// stretched, and from 0 to 100 percent for what is not: text and symbols.
/// </summary>
internal sealed class Axis
{
    public const int Width = 10_000;

    private const int Ticks = 8;

    /// <param name="from">The left edge.</param>
    /// <param name="until">The right edge.</param>
    /// <param name="zero">What the ticks count from.</param>
    public Axis(long from, long until, long zero)
    {
        (From, Zero) = (from, zero);
        Length = Math.Max(1, (double)until - from);
    }

    public double From { get; }
    public double Length { get; }

    public long Zero { get; }

    public double X(long nanos) => Math.Clamp((nanos - From) / Length, 0, 1) * Width;

    public double Percent(long nanos) => Math.Clamp((nanos - From) / Length, 0, 1) * 100;

    public bool Holds(long nanos) => nanos >= From && nanos <= From + Length;

    /// <summary>Round instants, each with its distance from zero.</summary>
    public IEnumerable<(long Nanos, string Text)> Marks()
    {
        var step = Step(Length / Ticks);
        var (unit, name) = step switch { >= 1e8 => (1e9, "s"), >= 1e5 => (1e6, "ms"), >= 1e2 => (1e3, "µs"), _ => (1.0, "ns") };
        for (var at = Math.Ceiling((From - Zero) / step) * step; Zero + at <= From + Length; at += step)
            yield return (Zero + (long)at, string.Create(CultureInfo.InvariantCulture, $"{(at == 0 ? 0 : at / unit):0.###} {name}"));
    }

    /// <summary>The next round number: 1, 2 or 5 times a power of ten, at least one.</summary>
    public static double Step(double least)
    {
        if (least <= 1) return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return (least / power) switch { <= 1 => power, <= 2 => 2 * power, <= 5 => 5 * power, _ => 10 * power };
    }
}
