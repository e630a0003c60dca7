using Orchestrator.TestKit.Worlds;

namespace Orchestrator.TestKit.Browsers.Traces;

/// <summary>
/// What a recording holds, and what its buffer could not hold. Slices are evenly spread over the time in which the browser was
/// running, so that how many there are until an instant is arithmetic, and nothing has to be kept of them.
/// </summary>
internal sealed class RecordedContent
{
    /// <summary>What describes processes, threads and clocks.</summary>
    private const long BaseBytes = 2048;

    // The two packets of a slice; the annotation with its argument.
    private const int SliceBytes = 42;
    private const int ArgumentOverhead = 8;
    private const int DumpBytes = 64;

    private const double FullestShare = 0.97;

    private readonly Recording _recording;
    private readonly SimulatedClock _clock;
    private readonly TraceContent.Generated _generated;
    private readonly int[] _taken;
    private readonly long _runningAtStart;

    public RecordedContent(Recording recording, BrowserConditions conditions)
    {
        _recording = recording;
        _clock = conditions.Clock;
        _generated = conditions.Content as TraceContent.Generated ?? new TraceContent.Generated { EventsPerSecond = 0 };
        _taken = [.. Enumerable.Range(0, _generated.Categories.Count).Where(i => recording.Setup.Categories.Takes(_generated.Categories[i]))];
        var started = recording.StartedNanos ?? 0;
        _runningAtStart = started - _clock.SuspendedBefore(started);
        Seed = unchecked(conditions.Seed * 1_000_003 + recording.Number);
        (From, Until) = (started, recording.EndedNanos ?? long.MaxValue);
        if (recording.EndedNanos is { } ended) Cut(ended, conditions.Faults.Any(fault => fault is Fault.DataLoss));
    }

    public Recording Recording => _recording;

    public SimulatedClock Clock => _clock;

    /// <summary>Of what is left to chance in it.</summary>
    public int Seed { get; }

    public int ArgumentBytes => _generated.ArgumentBytes;

    /// <summary>The categories of events that are in it.</summary>
    public IReadOnlyList<string> Categories => [.. _taken.Select(i => _generated.Categories[i])];

    /// <summary>Between these true instants lies what is left of it.</summary>
    public long From { get; private set; }

    public long Until { get; private set; }

    /// <summary>What did not fit into the buffer.</summary>
    public long LostBytes { get; private set; }

    /// <summary>What was written into the buffer, whatever became of it.</summary>
    public long WrittenBytes { get; private set; }

    /// <summary>0 to 0.97, as Chromium's.</summary>
    public double ShareFull(long trueNanos)
    {
        var share = (BaseBytes + SliceBytesUntil(trueNanos) + _recording.Markers.Bytes + DumpBytesUntil(trueNanos)) / (double)_recording.Setup.BufferBytes;
        return Math.Min(FullestShare, share);
    }

    /// <summary>What stands in the trace, in the order of time.</summary>
    public IEnumerable<RecordedItem> Items()
    {
        var random = new Random(Seed);
        var slice = 0L;
        if (_taken.Length > 0 && From > (_recording.StartedNanos ?? 0)) slice = CountUntil(From);
        var sliceAt = NextSlice(ref slice);
        var marker = 0;
        while (marker < _recording.Markers.Count && _recording.Markers.TrueNanos(marker) < From) marker++;
        var dump = 0;
        while (dump < (_recording.Dumps?.Count ?? 0) && _recording.Dumps![dump].TrueNanos < From) dump++;
        while (true)
        {
            var markerAt = marker < _recording.Markers.Count ? _recording.Markers.TrueNanos(marker) : long.MaxValue;
            var dumpAt = dump < (_recording.Dumps?.Count ?? 0) ? _recording.Dumps![dump].TrueNanos : long.MaxValue;
            var next = Math.Min(sliceAt, Math.Min(markerAt, dumpAt));
            if (next > Until || next == long.MaxValue) yield break;
            if (next == markerAt)
            {
                yield return new RecordedItem(RecordedKind.Marker, marker++, next, 0, 0);
            }
            else if (next == dumpAt)
            {
                yield return new RecordedItem(RecordedKind.Dump, dump++, next, 0, 0);
            }
            else
            {
                // A tenth to four fifths of the time until the next one, so that no two of a thread overlap.
                const double mostNanos = 50_000_000;
                var share = 0.1 + 0.7 * random.NextDouble();
                var length = Math.Min((long)(share * Math.Min(mostNanos, 1e9 / _generated.EventsPerSecond)), Until - next);
                yield return new RecordedItem(RecordedKind.Slice, slice, next, length, Array.IndexOf(_taken, (int)(slice % _generated.Categories.Count)));
                slice++;
                sliceAt = NextSlice(ref slice);
            }
        }
    }

    private long NextSlice(ref long slice)
    {
        if (_taken.Length == 0 || _generated.EventsPerSecond <= 0) return long.MaxValue;
        while (Array.IndexOf(_taken, (int)(slice % _generated.Categories.Count)) < 0) slice++;
        var running = _runningAtStart + (long)((slice + 0.5) * (1e9 / _generated.EventsPerSecond));
        return _clock.TrueAt(running);
    }

    /// <summary>Slices of all categories that have begun until then.</summary>
    private long CountUntil(long trueNanos)
    {
        var running = trueNanos - _clock.SuspendedBefore(trueNanos) - _runningAtStart;
        return running <= 0 ? 0 : (long)(running * (_generated.EventsPerSecond / 1e9) + 0.5);
    }

    private long SliceBytesUntil(long trueNanos)
    {
        if (_taken.Length == 0 || _recording.StartedNanos is null) return 0;
        var (count, all) = (CountUntil(trueNanos), _generated.Categories.Count);
        var taken = _taken.Sum(i => count > i ? (count - i + all - 1) / all : 0);
        return taken * (SliceBytes + (ArgumentBytes > 0 ? ArgumentBytes + ArgumentOverhead : 0));
    }

    private long DumpBytesUntil(long trueNanos) => DumpBytes * (_recording.Dumps?.LongCount(dump => dump.TrueNanos <= trueNanos) ?? 0);

    private long BytesUntil(long trueNanos) => SliceBytesUntil(trueNanos) + _recording.Markers.BytesUntil(trueNanos) + DumpBytesUntil(trueNanos);

    /// <summary>Cuts off what the buffer could not hold: what came last, or, of a ring, what came first.</summary>
    private void Cut(long ended, bool isForced)
    {
        var all = BytesUntil(ended);
        WrittenBytes = BaseBytes + all;
        var room = Math.Max(0, _recording.Setup.BufferBytes - BaseBytes);
        // A loss that is bound to happen takes half, as a buffer of that size would have.
        if (isForced) room = Math.Min(room, all / 2);
        if (all <= room && !isForced) return;
        var (low, high) = (From, ended);
        while (low < high)
        {
            var middle = low + (high - low + 1) / 2;
            var fits = _recording.Setup.IsRing ? all - BytesUntil(middle) > room : BytesUntil(middle) <= room;
            if (fits) low = middle;
            else high = middle - 1;
        }

        if (_recording.Setup.IsRing) (From, LostBytes) = (low + 1, BytesUntil(low + 1));
        else (Until, LostBytes) = (low, all - BytesUntil(low));
        LostBytes = Math.Max(LostBytes, 1);
    }
}

internal enum RecordedKind
{
    Slice,
    Marker,
    Dump,
}

/// <summary>Something in a trace.</summary>
/// <param name="Index">Of the slice, marker or dump.</param>
/// <param name="Category">A slice's, as an index of <see cref="RecordedContent.Categories"/>.</param>
internal readonly record struct RecordedItem(RecordedKind Kind, long Index, long TrueNanos, long Nanos, int Category);
