using System.Formats.Tar;
using System.IO.Compression;

namespace Orchestrator.Tracing.Tests.Support;

/// <summary>An event as Perfetto places it.</summary>
/// <param name="At">On the clock that was asked for, nanoseconds.</param>
internal sealed record PlacedEvent(ulong Sequence, byte[] TrackEvent, long At);

/// <summary>
/// Reads proto traces and archives as Perfetto's trace processor does (src/trace_processor/util/clock_synchronizer.cc), with nothing
/// of the code under test: snapshots of the same clocks form a series; an instant goes from clock to clock over the fewest series, each
/// time by the latest snapshot at or before it, or the first where there is none.
/// </summary>
internal sealed class PerfettoReading
{
    public const int Realtime = 1;
    public const int Monotonic = 3;

    private readonly Dictionary<string, Dictionary<(ulong, ulong), List<long>>> _series = [];
    private readonly Dictionary<(ulong, ulong), (long Unit, bool IsIncremental, long Last)> _clocks = [];
    private readonly Dictionary<ulong, ulong> _defaults = [];
    private readonly Dictionary<(ulong, ulong), List<(string Series, (ulong, ulong) Next)>> _paths = [];

    /// <summary>Each member by its name, in order.</summary>
    public static List<(string Name, byte[] Bytes)> Members(string archive)
    {
        var members = new List<(string, byte[])>();
        using var tar = new TarReader(File.OpenRead(archive));
        while (tar.GetNextEntry() is { } entry)
        {
            var bytes = new MemoryStream();
            entry.DataStream?.CopyTo(bytes);
            members.Add((entry.Name, bytes.ToArray()));
        }

        return members;
    }

    /// <summary>Every packet's body, those within compressed packets too.</summary>
    public static IEnumerable<byte[]> Packets(byte[] trace)
    {
        foreach (var (_, value) in Proto.Fields(trace))
        {
            var packet = (byte[])value;
            var packed = Proto.Fields(packet).FirstOrDefault(field => field.Field == 50).Value as byte[];
            if (packed is null)
            {
                yield return packet;
                continue;
            }

            // Trace processor gives up a whole trace at a compressed packet of which nothing can be inflated; .NET reads it as nothing.
            Assert.NotEmpty(packed);
            var plain = new MemoryStream();
            new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress).CopyTo(plain);
            foreach (var inner in Packets(plain.ToArray())) yield return inner;
        }
    }

    /// <summary>Every track event, on this clock.</summary>
    public static List<PlacedEvent> Events(byte[] trace, int clock)
    {
        var events = new List<PlacedEvent>();
        var reading = new PerfettoReading();
        foreach (var packet in Packets(trace))
        {
            var fields = Proto.Fields(packet).GroupBy(field => field.Field).ToDictionary(group => group.Key, group => group.Last().Value);
            var sequence = fields.TryGetValue(10, out var id) ? (ulong)id : 0;
            if (fields.TryGetValue(59, out var defaults) && Number((byte[])defaults, 58) is { } given) reading._defaults[sequence] = given;
            if (fields.TryGetValue(6, out var snapshot))
            {
                reading.Learn((byte[])snapshot, sequence);
                continue;
            }

            if (!fields.TryGetValue(8, out var timestamp)) continue;
            var source = fields.TryGetValue(58, out var named) ? (ulong)named : reading._defaults.GetValueOrDefault(sequence, 6UL);
            var key = Key(source, sequence);
            var at = reading.Nanos(key, (long)(ulong)timestamp);
            if (fields.TryGetValue(11, out var track)) events.Add(new PlacedEvent(sequence, (byte[])track, reading.Convert(key, at, (0, (ulong)clock))));
        }

        return events;
    }

    private static (ulong, ulong) Key(ulong clock, ulong sequence) => (clock < 64 ? 0 : sequence, clock);

    private static ulong? Number(byte[] message, int field) => Proto.Fields(message).LastOrDefault(candidate => candidate.Field == field).Value as ulong?;

    private void Learn(byte[] snapshot, ulong sequence)
    {
        var readings = new List<((ulong, ulong) Key, long Nanos)>();
        foreach (var (_, clock) in Proto.Fields(snapshot).Where(field => field.Field == 1))
        {
            var bytes = (byte[])clock;
            var key = Key(Number(bytes, 1)!.Value, sequence);
            var unit = (long)(Number(bytes, 4) ?? 1);
            var nanos = (long)(Number(bytes, 2) ?? 0) * unit;
            _clocks[key] = (unit, Number(bytes, 3) == 1, nanos);
            readings.Add((key, nanos));
        }

        var name = string.Join(' ', readings.Select(reading => reading.Key));
        if (!_series.TryGetValue(name, out var series))
        {
            _series[name] = series = readings.ToDictionary(reading => reading.Key, _ => new List<long>());
            _paths.Clear();
        }

        foreach (var (key, nanos) in readings)
        {
            // A clock that goes back in a series leads nowhere from then on: such a trace would lose its events.
            if (series[key].Count > 0 && nanos < series[key][^1]) throw new InvalidDataException($"clock {key} goes back");
            series[key].Add(nanos);
        }
    }

    private long Nanos((ulong, ulong) key, long timestamp)
    {
        if (!_clocks.TryGetValue(key, out var clock)) return timestamp;
        if (!clock.IsIncremental) return timestamp * clock.Unit;
        _clocks[key] = clock with { Last = clock.Last + timestamp * clock.Unit };
        return _clocks[key].Last;
    }

    private long Convert((ulong, ulong) from, long nanos, (ulong, ulong) to)
    {
        if (from == to) return nanos;
        if (!_paths.TryGetValue(from, out var path)) _paths[from] = path = Path(from, to);
        foreach (var (name, next) in path)
        {
            var series = _series[name];
            var at = series[from].FindLastIndex(snapshot => snapshot <= nanos);
            nanos += series[next][Math.Max(at, 0)] - series[from][Math.Max(at, 0)];
            from = next;
        }

        return nanos;
    }

    private List<(string, (ulong, ulong))> Path((ulong, ulong) from, (ulong, ulong) to)
    {
        var queue = new Queue<((ulong, ulong) At, List<(string, (ulong, ulong))> Path)>([(from, [])]);
        while (queue.TryDequeue(out var reached))
        {
            if (reached.Path.Count > 4) continue;
            foreach (var (name, series) in _series.Where(series => series.Value.ContainsKey(reached.At)))
            {
                foreach (var next in series.Keys.Where(next => next != reached.At))
                {
                    List<(string, (ulong, ulong))> path = [.. reached.Path, (name, next)];
                    if (next == to) return path;
                    queue.Enqueue((next, path));
                }
            }
        }

        throw new InvalidDataException($"no way from clock {from} to {to}");
    }
}
