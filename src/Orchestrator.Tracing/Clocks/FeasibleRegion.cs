using System.Collections.Immutable;

namespace Orchestrator.Tracing.Clocks;

/// <summary>
/// All pairs of offset and rate that a set of brackets leaves possible: a convex polygon.
/// </summary>
/// <remarks>
/// <para>
/// The model: two clocks that run evenly, <c>timeline(t) = clock(t) + offset + rate * (clock(t) - origin)</c>. A bracket says that
/// the time line stood between <c>sent</c> and <c>answered</c> when the clock stood at <c>b</c>, which it told as at most one
/// microsecond less. So with <c>x = b - origin</c>
/// </para>
/// <code>sent - b - 1 µs  &lt;=  offset + rate * x  &lt;=  answered - b</code>
/// <para>
/// which is two half planes of (offset, rate); many brackets cut a convex polygon out of the plane, and the true pair is in it, however
/// long and however unevenly the messages travelled. At any instant <c>x</c> the true offset is between the least and the greatest
/// <c>offset + rate * x</c> over the polygon's corners, because a linear function takes its extremes at corners. That is the bound.
/// No average and no distribution is assumed anywhere; more brackets can only cut more away.
/// </para>
/// <para>
/// The idea of bounding a clock by half planes is that of Duda, Harrus, Haddad and Bernard (1987, convex hulls over message pairs), of
/// Moon, Skelly and Towsley (1999, linear programming for one-way delays) and of Poirier, Roy and Dagenais (2010, offline, for
/// distributed traces). The estimate is the polygon's centroid: always feasible, and in its middle.
/// </para>
/// </remarks>
public sealed class FeasibleRegion
{
    /// <summary>
    /// How much two clocks are taken to differ at most: NTP disciplines a Linux clock by up to 500 ppm (MAXFREQ in include/linux/timex.h),
    /// each clock by itself. It keeps the region finite while there is but one bracket. A clock that is slewed faster than that, as an
    /// administrator or chrony's <c>maxslewrate</c> can make it, contradicts its markers and is found out like a step.
    /// </summary>
    public const double MostRate = 1000e-6;

    // Instants are whole nanoseconds, and the corners are computed in doubles: by so much each bracket is taken wider.
    private const double RoundingNanos = 1;

    // Corners that are closer together (nanoseconds, nanoseconds per second) are one: they differ by rounding alone, and would
    // be carried along for ever. A thousandth of what each bracket was widened by.
    private const double SameCorner = 1e-3;

    // A region of a hundred brackets has about ten corners.
    private const int OnStack = 64;

    private readonly long _origin;
    private readonly long _base;
    private readonly ImmutableArray<Corner> _corners;

    private FeasibleRegion(long origin, long baseOffset, ImmutableArray<Corner> corners) =>
        (_origin, _base, _corners) = (origin, baseOffset, corners);

    /// <summary>No offset and no rate fits: the clocks did not run evenly over these brackets.</summary>
    public bool IsEmpty => _corners.IsEmpty;

    /// <summary>What one bracket leaves possible.</summary>
    public static FeasibleRegion Of(ClockBracket bracket)
    {
        // In nanoseconds and nanoseconds per second, about the bracket itself, doubles are exact to far below a nanosecond.
        var (low, high) = Limits(bracket, baseOffset: bracket.SentNanos - bracket.ClockNanos);
        const double most = MostRate * 1e9;
        ImmutableArray<Corner> corners = low > high ? [] : [new(low, -most), new(high, -most), new(high, most), new(low, most)];
        return new FeasibleRegion(bracket.ClockNanos, bracket.SentNanos - bracket.ClockNanos, corners);
    }

    /// <summary>What is still possible when this bracket holds, too.</summary>
    public FeasibleRegion With(ClockBracket bracket)
    {
        var x = Seconds(bracket.ClockNanos);
        var (low, high) = Limits(bracket, _base);
        // Most brackets of a long recording cut nothing away any more.
        if (HoldsAll(x, low, high)) return this;
        // Of a convex polygon each cut adds one corner at most; rounding may leave one that is not quite convex, whose every edge adds one.
        var room = 4 * _corners.Length;
        Span<Corner> above = room <= OnStack ? stackalloc Corner[OnStack] : new Corner[room];
        Span<Corner> between = room <= OnStack ? stackalloc Corner[OnStack] : new Corner[room];
        above = above[..Cut(_corners.AsSpan(), x, low, 1, above)];
        between = between[..Cut(above, x, high, -1, between)];
        return new FeasibleRegion(_origin, _base, [.. between]);
    }

    /// <summary>The offset and the rate in the polygon's middle, the offset told at <paramref name="atNanos"/>.</summary>
    public (long OffsetNanos, double Rate) Estimate(long atNanos)
    {
        var middle = Centroid();
        // Less than a nanosecond in a quarter of an hour is what rounding leaves of no rate at all.
        var rate = Math.Abs(middle.Rate) < 1e-3 ? 0 : middle.Rate / 1e9;
        return (_base + (long)Math.Round(middle.Offset + middle.Rate * Seconds(atNanos)), rate);
    }

    /// <summary>The least and the greatest offset that are possible when the clock reads <paramref name="clockNanos"/>.</summary>
    public (long LeastNanos, long MostNanos) OffsetsAt(long clockNanos)
    {
        var x = Seconds(clockNanos);
        var (least, most) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var corner in _corners)
        {
            var offset = corner.Offset + corner.Rate * x;
            least = Math.Min(least, offset);
            most = Math.Max(most, offset);
        }

        return (_base + (long)Math.Floor(least), _base + (long)Math.Ceiling(most));
    }

    /// <summary>The same region on a time line that reads so much more.</summary>
    public FeasibleRegion Shifted(long nanos) => new(_origin, _base + nanos, _corners);

    private double Seconds(long clockNanos) => (clockNanos - _origin) / 1e9;

    private static (double Low, double High) Limits(ClockBracket bracket, long baseOffset) =>
        (bracket.SentNanos - bracket.ClockNanos - baseOffset - ClockBracket.ResolutionNanos - RoundingNanos,
            bracket.AnsweredNanos - bracket.ClockNanos - baseOffset + RoundingNanos);

    private bool HoldsAll(double x, double low, double high)
    {
        foreach (var corner in _corners)
        {
            var offset = corner.Offset + corner.Rate * x;
            if (!(offset >= low && offset <= high)) return false;
        }

        return true;
    }

    /// <summary>The part of a convex polygon whose offsets at <paramref name="x"/> are on one side of a limit (Sutherland and Hodgman, 1974).</summary>
    /// <param name="side">1: those above the limit; -1: those below.</param>
    /// <returns>How many corners it has.</returns>
    private static int Cut(ReadOnlySpan<Corner> polygon, double x, double limit, int side, Span<Corner> kept)
    {
        var count = 0;
        for (var i = 0; i < polygon.Length; i++)
        {
            var (from, to) = (polygon[i], polygon[(i + 1) % polygon.Length]);
            var (atFrom, atTo) = (side * (from.Offset + from.Rate * x - limit), side * (to.Offset + to.Rate * x - limit));
            if (atFrom >= 0) Keep(kept, ref count, from);
            if (atFrom < 0 != atTo < 0)
            {
                var share = atFrom / (atFrom - atTo);
                Keep(kept, ref count, new Corner(from.Offset + share * (to.Offset - from.Offset), from.Rate + share * (to.Rate - from.Rate)));
            }
        }

        return count;
    }

    private static void Keep(Span<Corner> kept, ref int count, Corner corner)
    {
        if (count > 0 && kept[count - 1].IsNear(corner)) return;
        if (count > 1 && kept[0].IsNear(corner)) return;
        kept[count++] = corner;
    }

    private Corner Centroid()
    {
        // About the corners' mean, so that the products stay small.
        var mean = new Corner(_corners.Average(corner => corner.Offset), _corners.Average(corner => corner.Rate));
        var (area, offset, rate) = (0.0, 0.0, 0.0);
        for (var i = 0; i < _corners.Length; i++)
        {
            var a = _corners[i].Minus(mean);
            var b = _corners[(i + 1) % _corners.Length].Minus(mean);
            var cross = a.Offset * b.Rate - b.Offset * a.Rate;
            area += cross;
            offset += (a.Offset + b.Offset) * cross;
            rate += (a.Rate + b.Rate) * cross;
        }

        // A polygon that has shrunk to a line or a point has no area to weigh with.
        return Math.Abs(area) < 1e-9 ? mean : new Corner(mean.Offset + offset / (3 * area), mean.Rate + rate / (3 * area));
    }

    /// <param name="Offset">Nanoseconds, above the region's base.</param>
    /// <param name="Rate">Nanoseconds per second.</param>
    private readonly record struct Corner(double Offset, double Rate)
    {
        public Corner Minus(Corner other) => new(Offset - other.Offset, Rate - other.Rate);

        public bool IsNear(Corner other) => Math.Abs(Offset - other.Offset) < SameCorner && Math.Abs(Rate - other.Rate) < SameCorner;
    }
}
