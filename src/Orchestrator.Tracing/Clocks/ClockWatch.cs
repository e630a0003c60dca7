using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Tracing.Clocks;

/// <summary>
/// A clock that is being read against a reference from time to time, and what is known of it by now. Its memory is bounded, and so is what an
/// answer costs: about a tenth of a millisecond after a reading was added, and nothing until the next. For one thread at a time.
/// </summary>
/// <param name="horizon">
/// How far back readings count, on the clock: no clock runs evenly for days, so whoever wants to know of now for as long as a process lives should
/// forget. Null: all are kept, as a session needs them from its beginning.
/// </param>
public sealed class ClockWatch(TimeSpan? horizon = null)
{
    /// <summary>
    /// No more readings than this are kept: of two that are close to each other the one that says less goes first, so that the narrow ones
    /// stay, spread over the whole time. The first and the last always stay.
    /// </summary>
    public const int MostKept = 500;

    // In the order of the clock.
    private readonly List<ClockBracket> _kept = [];
    private RelatedClock? _known;
    private bool _isNew;

    /// <summary>What is kept, in the clock's order: what goes into <c>nodes/NODE.clock.json</c>.</summary>
    public IReadOnlyList<ClockBracket> Brackets => [.. _kept];

    /// <summary>Adds a reading; they may come in any order.</summary>
    /// <param name="bracket">The clock that is watched, between two instants of the reference.</param>
    public void Add(ClockBracket bracket)
    {
        var place = _kept.Count;
        while (place > 0 && _kept[place - 1].ClockNanos > bracket.ClockNanos) place--;
        _kept.Insert(place, bracket);
        if (horizon is { } far) _kept.RemoveAll(old => old.ClockNanos < _kept[^1].ClockNanos - far.Ticks * 100);
        if (_kept.Count > MostKept) _kept.RemoveAt(MostDispensable());
        _isNew = true;
    }

    /// <summary>
    /// How the clock lies to the reference; false when nothing certain is known. It tells of every instant, and the farther one is from the readings the
    /// wider is the bound.
    /// </summary>
    public bool TryEstimate([NotNullWhen(true)] out RelatedClock? clock)
    {
        if (_isNew) (_known, _isNew) = (Estimate(), false);
        clock = _known;
        return clock is not null;
    }

    private RelatedClock? Estimate()
    {
        // Readings of long ago that contradict each other say nothing against those of now: then the newer half is asked, and half of that.
        for (var from = 0; from < _kept.Count; from += (_kept.Count - from + 1) / 2)
        {
            var clock = ClockEstimation.Estimate(_kept[from..], sharedClock: null, guessedOffsetNanos: 0, "the reference's clock");
            if (clock.Relation is ClockRelation.Measured) return clock;
        }

        return null;
    }

    private int MostDispensable()
    {
        var closest = 1;
        for (var i = 2; i < _kept.Count - 2; i++)
        {
            if (_kept[i + 1].ClockNanos - _kept[i].ClockNanos < _kept[closest + 1].ClockNanos - _kept[closest].ClockNanos) closest = i;
        }

        return _kept[closest].WidthNanos > _kept[closest + 1].WidthNanos ? closest : closest + 1;
    }
}
